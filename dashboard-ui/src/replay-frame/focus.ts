// Shows which field has the focus. The replay never takes the real focus, which belongs to the player's keyboard, so the ring that
// a browser would draw is drawn by a rule that yields to every rule of the page.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, numberOr, Source } from '../player/rrweb';
import { elementOf, type Find, type Mend } from './mend';

const FOCUSED = 'data-hushreel-focused';
const FOCUS = 5;
const BLUR = 6;
/** Where a browser shows the focus however it came there. */
const TYPED_INTO = 'textarea, select, [contenteditable], input:not([type="checkbox" i], [type="radio" i], [type="button" i], [type="submit" i], [type="range" i])';

export const FOCUS_RULES: readonly string[] = [`:where([${FOCUSED}]) { outline: auto 1px -webkit-focus-ring-color }`];

/** Follows the focus through the events, and draws it when told to. */
export class FocusRing implements Mend {
  #id: number | undefined;
  #drawn: Element | undefined;

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#id = undefined;
    if (event.type !== EventType.Incremental || !isFields(event.data) || event.data.source !== Source.MouseInteraction) return;
    const id = numberOr(event.data.id, -1);
    if (event.data.type === FOCUS) this.#id = id;
    else if (event.data.type === BLUR && id === this.#id) this.#id = undefined;
  }

  draw(find: Find): void {
    const element = this.#id === undefined ? undefined : elementOf(find, this.#id);
    const wanted = element?.matches(TYPED_INTO) ? element : undefined;
    if (this.#drawn !== wanted) this.#drawn?.removeAttribute(FOCUSED);
    if (wanted && !wanted.hasAttribute(FOCUSED)) wanted.setAttribute(FOCUSED, '');
    this.#drawn = wanted;
  }
}
