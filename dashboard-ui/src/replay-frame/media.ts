// What video and sound did. Their content is not recorded, so a video stands as a box of its size that says whether it plays, and
// rrweb, which would try to play nothing, does not hear of it.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, numberOr, Source } from '../player/rrweb';
import { elementOf, OURS, type Find, type Mend } from './mend';

const STATE = 'data-hushreel-media';
const PLAY = 0;
const PAUSE = 1;

const sign = (path: string): string =>
  `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Ccircle cx='12' cy='12' r='12' fill='%237a807a'/%3E%3Cpath fill='%23fff' d='${path}'/%3E%3C/svg%3E")`;

export const MEDIA_RULES: readonly string[] = [
  `video[${STATE}] { background: ${sign('M8 7h3v10H8zM13 7h3v10h-3z')} center / 48px no-repeat rgb(122 128 122 / 0.16) }`,
  `video[${STATE}="playing"] { background-image: ${sign('M9 7l8 5-8 5z')} }`,
];

interface State {
  playing: boolean;
  readonly volume: number;
  readonly rate: number;
  readonly muted: boolean;
  readonly at: number;
}

/** Take an event that is about media away from rrweb. Changes `event`. */
export function takeMedia(event: ReplayEvent): void {
  if (event.type === EventType.Incremental && isFields(event.data) && event.data.source === Source.Media) {
    (event.data as { source: number }).source += OURS;
  }
}

export class Media implements Mend {
  readonly #states = new Map<number, State>();

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#states.clear();
    if (event.type !== EventType.Incremental || !isFields(event.data) || event.data.source !== OURS + Source.Media) return;
    const { id, type, currentTime, volume, playbackRate, muted } = event.data;
    const number = numberOr(id, -1);
    const playing = type === PLAY || (type !== PAUSE && this.#states.get(number)?.playing === true);
    this.#states.set(number, { playing, at: numberOr(currentTime, 0), volume: numberOr(volume, 1), rate: numberOr(playbackRate, 1), muted: muted === true });
  }

  draw(find: Find): void {
    for (const [id, state] of this.#states) {
      const element = elementOf(find, id) as HTMLMediaElement | undefined;
      if (!element || !/^(VIDEO|AUDIO)$/.test(element.nodeName)) continue;
      const word = state.playing ? 'playing' : 'paused';
      if (element.getAttribute(STATE) !== word) element.setAttribute(STATE, word);
      try {
        element.muted = state.muted;
        element.volume = state.volume;
        element.playbackRate = state.rate;
        element.currentTime = state.at;
      } catch {
        // A loudness or a speed that this browser does not take.
      }
    }
  }
}
