// What part of the page a visitor saw who had it zoomed or a keyboard over it: the rest lies in the shade.
import type { ReplayEvent } from '../player/protocol';
import { EventType, numberOr } from '../player/rrweb';
import { partsOf, type Mend } from './mend';

interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export class Zoom implements Mend {
  #part: Part | undefined;
  readonly #shade = document.createElement('div');

  constructor() {
    this.#shade.className = 'seen';
  }

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#part = undefined;
    const parts = partsOf(event, 'hushreel.zoom');
    if (!parts) return;
    const [left, top, width, height] = [parts.left, parts.top, parts.width, parts.height].map((part) => numberOr(part, 0)) as [number, number, number, number];
    this.#part = parts.scale === 1 && left === 0 && top === 0 ? undefined : { left, top, width, height };
  }

  draw(): void {
    const wrapper = document.querySelector('.replayer-wrapper');
    if (!this.#part || !wrapper) return this.#shade.remove();
    if (this.#shade.parentNode !== wrapper) wrapper.append(this.#shade);
    for (const [name, length] of Object.entries(this.#part)) this.#shade.style.setProperty(name, `${length}px`);
  }
}
