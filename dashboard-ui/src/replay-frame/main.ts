// The replay frame's entry: takes the first port its parent offers, and from then on hears nothing else.
import { HELLO, type Order, type Report } from '../player/protocol';
import { Replay } from './replay';

function meet(event: MessageEvent<unknown>): void {
  const [port] = event.ports;
  if (event.source !== parent || event.origin !== location.origin || event.data !== HELLO || !port) return;
  removeEventListener('message', meet);
  const replay = new Replay((report: Report) => port.postMessage(report));
  port.onmessage = (message: MessageEvent<Order>) => replay.obey(message.data);
  port.postMessage({ type: 'ready' } satisfies Report);
}

addEventListener('message', meet);
