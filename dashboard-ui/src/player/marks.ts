// What the server found in a finished recording, as the timeline and the lists take it. Pure.
import { originOf, shortAddress } from '../address';
import type { Cost, Hidden, Moment, Page } from './model';

type Mark = Exclude<Moment, { kind: 'page' }> | { readonly at: number; readonly kind: 'page'; readonly url: string; readonly title: string; readonly load: boolean };

/** `GET …/marks`. Times are milliseconds since `start`. */
export interface Marks {
  readonly start: number;
  readonly end: number;
  readonly marks: readonly Mark[];
  readonly activity: readonly number[];
  readonly keyframes: readonly number[];
  readonly cost: { readonly ms: number; readonly longest_ms: number };
  readonly hidden: Hidden;
}

export interface Told {
  readonly moments: readonly Moment[];
  readonly pages: readonly Page[];
  readonly cost: Cost;
}

/** The same with addresses as people read them: without the host of the first page. */
export function told({ marks, cost }: Marks): Told {
  const first = marks.find(({ kind }) => kind === 'page');
  const home = first?.kind === 'page' ? originOf(first.url) : '';
  const pages: Page[] = [];
  const moments = marks.map((mark): Moment => {
    if (mark.kind === 'quick-back') return { ...mark, url: shortAddress(mark.url, home) };
    if (mark.kind !== 'page') return mark;
    const { at, title, load } = mark;
    const url = shortAddress(mark.url, home);
    pages.push({ at, url, title });
    return { at, kind: 'page', url, load };
  });
  return { moments, pages, cost: { ms: cost.ms, longestMs: cost.longest_ms } };
}
