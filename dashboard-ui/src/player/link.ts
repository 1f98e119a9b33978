// The line to one replay frame. What is ordered before its document has loaded waits.
import { HELLO, type Order, type Report } from './protocol';

export class FrameLink {
  readonly #unsent: Order[] = [];
  #port: MessagePort | undefined;

  constructor(private readonly hear: (report: Report) => void) {}

  /** Greet the frame, once its document has loaded. */
  meet(frame: HTMLIFrameElement): void {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<Report>) => this.hear(data);
    frame.contentWindow?.postMessage(HELLO, location.origin, [port2]);
    this.#port?.close();
    this.#port = port1;
    for (const order of this.#unsent.splice(0)) port1.postMessage(order);
  }

  order(order: Order): void {
    if (this.#port) this.#port.postMessage(order);
    else this.#unsent.push(order);
  }

  close(): void {
    this.#port?.close();
  }
}
