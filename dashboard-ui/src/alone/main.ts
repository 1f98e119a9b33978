// The player of a recording that stands in its own file: the replay frame's player with a bar of controls below it. The file's events
// are in it, with their pictures; it is opened from a disk and asks nobody for anything.
import { clock } from '../formats';
import { action, focusOf, SPEEDS } from '../player/keys';
import type { ReplayEvent, Report } from '../player/protocol';
import { Replay } from '../replay-frame/replay';
import frame from '../replay-frame/frame.css?inline';
import { words } from './words';
import own from './alone.css?inline';

const style = document.createElement('style');
style.textContent = frame + own;
document.head.append(style);

const told = words(navigator.language);
const make = <Tag extends keyof HTMLElementTagNameMap>(tag: Tag, fields: Partial<HTMLElementTagNameMap[Tag]>, ...children: Node[]): HTMLElementTagNameMap[Tag] => {
  const element = Object.assign(document.createElement(tag), fields);
  element.append(...children);
  return element;
};

const stage = make('main', { id: 'stage' });
stage.setAttribute('aria-label', told.stage);
const play = make('button', { type: 'button', id: 'play' });
const way = make('input', { type: 'range', id: 'way', min: '0', max: '0', value: '0', step: '100' });
way.setAttribute('aria-label', told.way);
const time = make('output', { id: 'time' });
const speed = make('select', { id: 'speed' }, ...SPEEDS.map((one) => make('option', { value: String(one), textContent: `${one}×`, selected: one === 1 })));
speed.setAttribute('aria-label', told.speed);
const keys = make('span', { id: 'keys', textContent: told.keys });
const bar = make('footer', {}, play, way, time, speed, keys);
document.body.append(stage, bar);

let [at, end, playing] = [0, 0, false];

function show(): void {
  play.textContent = playing ? '❚❚' : '▶';
  play.setAttribute('aria-label', playing ? told.pause : told.play);
  way.value = String(at);
  way.setAttribute('aria-valuetext', clock(at));
  time.textContent = `${clock(at)} / ${clock(end)}`;
}

const replay = new Replay(hear, stage);

function hear(report: Report): void {
  if (report.type === 'time') at = report.at;
  else if (report.type === 'playing') playing = report.playing;
  else if (report.type === 'failed') stage.textContent = told.failed;
  else if (report.type === 'painted') document.documentElement.dataset['painted'] = String(report.at);
  show();
}

const seek = (to: number) => {
  at = Math.min(Math.max(0, to), end);
  show();
  replay.obey({ type: 'seek', at });
};
const toggle = () => replay.obey({ type: playing ? 'pause' : 'play' });
const hasten = (to: string) => {
  speed.value = to;
  replay.obey({ type: 'speed', speed: Number(to) });
};
const faster = (by: number) => hasten(String(SPEEDS[Math.min(Math.max(0, SPEEDS.indexOf(Number(speed.value) as (typeof SPEEDS)[number]) + by), SPEEDS.length - 1)]));

play.onclick = toggle;
way.oninput = () => seek(Number(way.value));
speed.onchange = () => hasten(speed.value);
addEventListener('keydown', (key) => {
  // The way is moved by the same keys as without the focus on it.
  const focus = key.target === way ? { editable: false, pressable: false } : focusOf(key.target);
  const wanted = action(key, focus);
  if (wanted === 'play') toggle();
  else if (wanted === 'back') seek(at - 10_000);
  else if (wanted === 'forward') seek(at + 10_000);
  else if (wanted === 'start') seek(0);
  else if (wanted === 'end') seek(end);
  else if (wanted === 'slower') faster(-1);
  else if (wanted === 'faster') faster(1);
  else return;
  key.preventDefault();
});

/** Once this document is loaded: rrweb keeps its own open, and this one would never be. */
addEventListener('load', () => {
  try {
    const events = JSON.parse(document.getElementById('events')?.textContent ?? '[]') as ReplayEvent[];
    end = Math.max(0, ...events.slice(-1).map((last) => last.timestamp - (events[0]?.timestamp ?? 0)));
    way.max = String(end);
    replay.obey({ type: 'events', events });
    replay.obey({ type: 'complete' });
  } catch {
    stage.textContent = told.failed;
  }
  show();
});
show();
