// The filters of the recordings list, as they stand in the address and as the API wants them. Pure.

export const PERIODS = ['today', '7d', '30d'] as const;
export type Period = (typeof PERIODS)[number];

export interface Filters {
  readonly site: string | null;
  readonly period: Period | null;
  /** Whose browser it was. */
  readonly visitor: string | null;
}

/** The filters that an address names. What it misspells is no filter. */
export function fromQuery(query: URLSearchParams): Filters {
  const period = query.get('period');
  const visitor = query.get('visitor') ?? '';
  return {
    site: query.get('site') || null,
    period: PERIODS.find((known) => known === period) ?? null,
    visitor: /^[0-9a-f]{32}$/.test(visitor) ? visitor : null,
  };
}

/** From when a period counts, seen from `now`; days begin at the viewer's midnight. */
export function periodStart(period: Period, now: Date): number {
  const days = { today: 0, '7d': 6, '30d': 29 }[period];
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime();
}
