// Where things were scrolled to. rrweb lays the page out anew for each scroll event that a seek passes, and before what is scrolled is as
// long as it will be; here only the last place of each thing counts, once the page is there.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, numberOr, Source } from '../player/rrweb';
import { OURS, type Find, type Mend } from './mend';

/** Take an event that is about scrolling away from rrweb. Changes `event`. */
export function takeScroll(event: ReplayEvent): void {
  if (event.type === EventType.Incremental && isFields(event.data) && event.data.source === Source.Scroll) {
    (event.data as { source: number }).source += OURS;
  }
}

export class Scrolls implements Mend {
  /** What is not done yet. */
  readonly #wanted = new Map<number, ScrollToOptions>();

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#wanted.clear();
    if (event.type !== EventType.Incremental || !isFields(event.data) || event.data.source !== OURS + Source.Scroll) return;
    const { id, x, y } = event.data;
    this.#wanted.set(numberOr(id, -1), { left: numberOr(x, 0), top: numberOr(y, 0), behavior: 'instant' });
  }

  draw(find: Find): void {
    for (const [id, place] of this.#wanted) {
      const node = find(id);
      const scrolled = node?.nodeType === Node.DOCUMENT_NODE ? (node as Document).defaultView : (node as Element | null);
      scrolled?.scrollTo?.(place);
    }
    this.#wanted.clear();
  }
}
