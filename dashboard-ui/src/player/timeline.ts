// The timeline as numbers: page segments, activity per pixel column, and which event stands before or after a moment. Draws nothing.
import type { Moment, Page } from './model';

export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly url: string;
}

/** One segment a page, which together cover the recording without a hole. */
export function segments(pages: readonly Page[], end: number): Segment[] {
  return pages.map((page, index) => ({
    from: index === 0 ? 0 : page.at,
    to: pages[index + 1]?.at ?? Math.max(end, page.at),
    url: page.url,
  }));
}

/** Activity in `columns` equal parts of the recording, from 0 to 1, on a scale that lets single moments be seen. */
export function density(activity: readonly number[], end: number, columns: number): number[] {
  const counts = new Array<number>(columns).fill(0);
  if (end <= 0 || columns === 0) return counts;
  let most = 0;
  for (const at of activity) {
    const column = Math.min(columns - 1, Math.max(0, Math.floor((at / end) * columns)));
    const count = (counts[column] ?? 0) + 1;
    counts[column] = count;
    most = Math.max(most, count);
  }
  return most === 0 ? counts : counts.map((count) => Math.sqrt(count / most));
}

/** How many moments stand at or before `at`: the index of the first one after it. Moments ascend in time. */
export function countUntil(moments: readonly Pick<Moment, 'at'>[], at: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] as Moment).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A click on an event shows what led to it. */
export const BEFORE_EVENT_MS = 2000;

/** Where the next or previous event is watched from, seen from `at`. Without one: the end or the start. */
export function step(moments: readonly Moment[], at: number, direction: 1 | -1, end: number): number {
  if (direction === 1) {
    const next = moments[countUntil(moments, at + BEFORE_EVENT_MS)];
    return next ? Math.max(0, next.at - BEFORE_EVENT_MS) : end;
  }
  const index = countUntil(moments, at + BEFORE_EVENT_MS - 1) - 1;
  // Playing has gone on a little since the last step back: take the one before, or the key would be stuck.
  for (let before = index; before >= 0; before -= 1) {
    const from = (moments[before] as Moment).at - BEFORE_EVENT_MS;
    if (from < at - 1000) return Math.max(0, from);
  }
  return 0;
}

/** The moments near `at`, for a tooltip. */
export function near(moments: readonly Moment[], at: number, within: number): Moment[] {
  const found: Moment[] = [];
  for (let index = countUntil(moments, at - within); index < moments.length && found.length < 4; index += 1) {
    const moment = moments[index] as Moment;
    if (moment.at > at + within) break;
    found.push(moment);
  }
  return found;
}
