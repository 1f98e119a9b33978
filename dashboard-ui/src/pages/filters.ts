// The filters of the recordings list, as they stand in the address and as the API wants them. Pure.
import type { RecordingsQuery } from '../api';

export const PERIODS = ['today', '7d', '30d'] as const;
export type Period = (typeof PERIODS)[number];

export const SIGNALS = ['rage', 'dead', 'error-click', 'quick-back', 'error'] as const;
export type Signal = (typeof SIGNALS)[number];

/** Seconds from and to; none is open. */
export const LENGTHS = ['-10', '10-60', '60-300', '300-1800', '1800-'] as const;
export type Length = (typeof LENGTHS)[number];

/** Clicks and inputs, at least. */
export const ACTIVITIES = ['1', '10', '50'] as const;
export type Activity = (typeof ACTIVITIES)[number];

export const ORDERS = ['start.desc', 'start.asc', 'length.desc', 'length.asc', 'activity.desc', 'activity.asc', 'frustration.desc'] as const;
export type Order = (typeof ORDERS)[number];

/** Kinds of choices of which several may be made. */
export const CHOICES = ['device', 'browser', 'os', 'country'] as const;
export type ChoiceKind = (typeof CHOICES)[number];

/** What recordings are found by. */
export const TERMS = ['page', 'event', 'tag'] as const;
export type TermKind = (typeof TERMS)[number];

export interface Filters {
  readonly site: string | null;
  readonly period: Period | null;
  /** Whose browser it was. */
  readonly visitor: string | null;
  readonly q: string | null;
  readonly terms: Readonly<Record<TermKind, string | null>>;
  readonly choices: Readonly<Record<ChoiceKind, readonly string[]>>;
  readonly signals: readonly Signal[];
  readonly length: Length | null;
  readonly activity: Activity | null;
  readonly watched: boolean | null;
  /** Programs are left out where nobody wants to see them. */
  readonly bots: boolean;
  readonly order: Order;
}

/** The filters that an address names. What it misspells is no filter. */
export function fromQuery(query: URLSearchParams): Filters {
  const one = <T extends string>(name: string, known: readonly T[]) => known.find((value) => value === query.get(name)) ?? null;
  const several = (name: string) => [...new Set((query.get(name) ?? '').split(',').filter((value) => value !== ''))];
  const visitor = query.get('visitor') ?? '';
  const watched = one('watched', ['yes', 'no']);
  const signals = several('signal');
  return {
    site: query.get('site') || null,
    period: one('period', PERIODS),
    visitor: /^[0-9a-f]{32}$/.test(visitor) ? visitor : null,
    q: query.get('q')?.trim() || null,
    terms: { page: query.get('page') || null, event: query.get('event') || null, tag: query.get('tag') || null },
    choices: {
      device: several('device').filter((name) => ['desktop', 'phone', 'tablet'].includes(name)),
      browser: several('browser'),
      os: several('os'),
      country: several('country'),
    },
    signals: SIGNALS.filter((signal) => signals.includes(signal)),
    length: one('length', LENGTHS),
    activity: one('activity', ACTIVITIES),
    watched: watched && watched === 'yes',
    bots: query.get('bots') === 'show',
    order: one('order', ORDERS) ?? 'start.desc',
  };
}

/** Whether anything is left out but programs. */
export function isNarrow(filters: Filters): boolean {
  const { order: _, bots: __, ...rest } = filters;
  return JSON.stringify(rest) !== JSON.stringify({ ...fromQuery(new URLSearchParams()), order: undefined, bots: undefined });
}

/** The same as parameters of the API. */
export function toApi(filters: Filters, now: Date): RecordingsQuery {
  const [from = '', to = ''] = filters.length?.split('-') ?? [];
  const [sort = '', order = ''] = filters.order.split('.');
  const query: Record<string, string> = {
    site: filters.site ?? '',
    from: filters.period ? String(periodStart(filters.period, now)) : '',
    visitor: filters.visitor ?? '',
    q: filters.q ?? '',
    page: filters.terms.page ?? '',
    event: filters.terms.event ?? '',
    tag: filters.terms.tag ?? '',
    device: filters.choices.device.join(','),
    browser: filters.choices.browser.join(','),
    os: filters.choices.os.join(','),
    country: filters.choices.country.join(','),
    signal: filters.signals.join(','),
    length_s_min: from,
    length_s_max: to,
    actions_min: filters.activity ?? '',
    watched: filters.watched === null ? '' : String(filters.watched),
    bots: filters.bots ? '' : 'hide',
    sort,
    order,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

/** The list in the address with one value more, or one less. */
export function toggled(list: readonly string[], value: string): string {
  return (list.includes(value) ? list.filter((one) => one !== value) : [...list, value]).join(',');
}

/** From when a period counts, seen from `now`; days begin at the viewer's midnight. */
export function periodStart(period: Period, now: Date): number {
  const days = { today: 0, '7d': 6, '30d': 29 }[period];
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime();
}
