// Skipping time in which nothing happened: one jump over a long gap, only while playing, and never against a seek.

/** No activity for longer than this is idle. */
export const IDLE_MS = 5000;
/** A jump leaves this much of the idle time on either side, so that one sees what led to it and what ended it. */
export const LEAD_MS = 1000;

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The idle spans between moments of activity (ascending), from 0 to `end`. */
export function idleSpans(activity: readonly number[], end: number): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const at of [...activity, end]) {
    if (at - from > IDLE_MS) spans.push({ from, to: at });
    from = Math.max(from, at);
  }
  return spans;
}

/** The span that `at` lies in. Spans ascend and do not overlap. */
export function spanAt(spans: readonly Span[], at: number): Span | undefined {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle] as Span;
    if (at < span.from) high = middle - 1;
    else if (at >= span.to) low = middle + 1;
    else return span;
  }
  return undefined;
}

/** Decides, at each step of playing, whether to jump. */
export class IdleSkipper {
  /** Where someone sought to, as long as playing has not left the idle span around it. */
  #chosen: number | undefined;

  /** Someone chose the moment `at`: the idle time around it is played. */
  seeked(at: number): void {
    this.#chosen = at;
  }

  /** Where to jump from `at`, if anywhere. */
  jump(spans: readonly Span[], at: number): number | undefined {
    const span = spanAt(spans, at);
    if (!span) {
      this.#chosen = undefined;
      return undefined;
    }
    if (this.#chosen !== undefined && this.#chosen > span.from + LEAD_MS && this.#chosen < span.to) return undefined;
    const target = span.to - LEAD_MS;
    return at >= span.from + LEAD_MS && at < target ? target : undefined;
  }
}
