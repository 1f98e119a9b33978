// What a mend is: one thing that rrweb's player does not replay, put right by us. It follows the events to know the state, and puts
// the page into that state once the page is there: after each seek and while it plays.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, numberOr } from '../player/rrweb';

/** The node of a number in the replayed page as it is now. */
export type Find = (id: number) => Node | null;

/** rrweb passes over events of sources that it does not know: from here on, they are ours. */
export const OURS = 100;

export interface Mend {
  /** Take in one event, in order. The page may not be there yet. */
  cast(event: ReplayEvent): void;
  /** Put the page into the state that the events left. Cheap where it is in it already. */
  draw(find: Find): void;
}

/** The node number and the other parts of our own event `tag`; undefined for every other event. */
export function partsOf(event: ReplayEvent, tag: string): { readonly id: number; readonly [part: string]: unknown } | undefined {
  if (event.type !== EventType.Custom || !isFields(event.data) || event.data.tag !== tag || !isFields(event.data.payload)) return undefined;
  return { ...event.data.payload, id: numberOr(event.data.payload.id, -1) };
}

/** `find`, for elements. Documents of the replay have classes of their own, so nothing is an instance of ours. */
export const elementOf = (find: Find, id: number): HTMLElement | undefined => {
  const node = find(id);
  return node?.nodeType === Node.ELEMENT_NODE ? (node as HTMLElement) : undefined;
};
