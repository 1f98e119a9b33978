// Shows what has the focus. The replay never takes the real focus, which belongs to the player's keyboard, so it is marked, for the
// page's own rules and for one that draws the ring of a browser and yields to every rule of the page.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, numberOr, Source } from '../player/rrweb';
import { elementOf, partsOf, type Find, type Mend } from './mend';

const FOCUSED = 'data-hushreel-focused';
const WITHIN = 'data-hushreel-focus-within';
const RING = 'ring';
const FOCUS = 5;
const BLUR = 6;
/** Where a browser shows the focus however it came there. */
const TYPED_INTO = 'textarea, select, [contenteditable], input:not([type="checkbox" i], [type="radio" i], [type="button" i], [type="submit" i], [type="range" i])';

export const FOCUS_RULES: readonly string[] = [`:where([${FOCUSED}="${RING}"]) { outline: auto 1px -webkit-focus-ring-color }`];

/** Follows the focus through the events, and draws it when told to. */
export class FocusRing implements Mend {
  #id: number | undefined;
  #ring = false;
  #drawn: readonly Element[] = [];

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#id = undefined;
    if (partsOf(event, 'hushreel.ring')?.id === this.#id) this.#ring = true;
    if (event.type !== EventType.Incremental || !isFields(event.data) || event.data.source !== Source.MouseInteraction) return;
    const id = numberOr(event.data.id, -1);
    if (event.data.type === FOCUS) {
      this.#id = id;
      this.#ring = false;
    } else if (event.data.type === BLUR && id === this.#id) this.#id = undefined;
  }

  draw(find: Find): void {
    const focused = this.#id === undefined ? undefined : elementOf(find, this.#id);
    const way: Element[] = [];
    for (let node: Node | null = focused ?? null; node; node = node.parentNode ?? (node as ShadowRoot).host) {
      if (node.nodeType === Node.ELEMENT_NODE) way.push(node as Element);
    }
    for (const element of this.#drawn) {
      if (element !== focused) element.removeAttribute(FOCUSED);
      if (!way.includes(element)) element.removeAttribute(WITHIN);
    }
    const word = this.#ring || focused?.matches(TYPED_INTO) ? RING : '';
    if (focused && focused.getAttribute(FOCUSED) !== word) focused.setAttribute(FOCUSED, word);
    for (const element of way) if (!element.hasAttribute(WITHIN)) element.setAttribute(WITHIN, '');
    this.#drawn = way;
  }
}
