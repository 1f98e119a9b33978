// The parts of a recording that are here, each from one keyframe to the next. rrweb plays one list of events: it is composed of the
// part in sight, with its keyframe, and of those that follow without a gap, without theirs.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields } from '../player/rrweb';

export interface Part {
  readonly number: number;
  /** When it begins, in milliseconds since the recording began, and when the next one does; null for the last. */
  readonly from: number;
  readonly to: number | null;
  readonly events: readonly ReplayEvent[];
}

interface Held extends Part {
  /** How many of the events are the keyframe. */
  readonly opening: number;
}

export class Parts {
  readonly #parts = new Map<number, Held>();
  #head: number | undefined;
  #tail = -1;

  /** `start` is when the recording began, in milliseconds since 1970. */
  constructor(readonly start: number) {}

  /** Take in a part; what of it goes behind the list that is played now. */
  put(part: Part): readonly ReplayEvent[] {
    const opening = part.events.findIndex(({ type, data }) => type === EventType.Custom && isFields(data) && data.tag === 'hushreel.keyframe') + 1;
    this.#parts.set(part.number, { ...part, opening });
    if (this.#head === undefined || part.number !== this.#tail + 1) return [];
    const behind: ReplayEvent[] = [];
    this.#follow(behind);
    return behind;
  }

  /** Forget all parts but those from number `from` to number `to`. */
  keep(from: number, to: number): void {
    for (const number of this.#parts.keys()) if (number < from || number > to) this.#parts.delete(number);
  }

  /** Whether the list begins with the part that has this moment. */
  leads(at: number): boolean {
    return this.#head !== undefined && this.#find(at)?.number === this.#head;
  }

  /** The list to play this moment from; undefined where its part is not here. */
  compose(at: number): ReplayEvent[] | undefined {
    const part = this.#find(at);
    if (!part) return undefined;
    this.#head = part.number;
    this.#tail = part.number;
    // rrweb counts its time from the first event of the list.
    const list: ReplayEvent[] = [{ type: EventType.Custom, timestamp: this.start, data: { tag: 'hushreel.begin', payload: {} } }, ...part.events];
    this.#follow(list);
    return list;
  }

  /** The moment up to which the list goes. */
  get reach(): number {
    const tail = this.#parts.get(this.#tail);
    return tail ? (tail.to ?? (tail.events.at(-1)?.timestamp ?? this.start) - this.start) : 0;
  }

  /** Whether the list goes to the recording's end. */
  get complete(): boolean {
    return this.#parts.get(this.#tail)?.to === null;
  }

  #find(at: number): Held | undefined {
    for (const part of this.#parts.values()) if (at >= part.from && (part.to === null || at < part.to)) return part;
    return undefined;
  }

  #follow(list: ReplayEvent[]): void {
    for (let next = this.#parts.get(this.#tail + 1); next; next = this.#parts.get(this.#tail + 1)) {
      for (const event of next.events.slice(next.opening)) list.push(event);
      this.#tail = next.number;
    }
  }
}
