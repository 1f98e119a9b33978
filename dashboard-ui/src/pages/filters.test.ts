import { expect, test } from 'vitest';
import { fromQuery, periodStart } from './filters';

test.each([
  ['site=abc&period=7d', { site: 'abc', period: '7d', visitor: null }],
  ['period=century', { site: null, period: null, visitor: null }],
  ['site=', { site: null, period: null, visitor: null }],
  [`visitor=${'0f'.repeat(16)}`, { site: null, period: null, visitor: '0f'.repeat(16) }],
  ['visitor=jan', { site: null, period: null, visitor: null }],
])('the address %s filters by %o', (query, filters) => {
  expect(fromQuery(new URLSearchParams(query))).toEqual(filters);
});

test('a period begins at midnight, and counts today as its last day', () => {
  const now = new Date(2026, 2, 10, 15, 30);
  expect(periodStart('today', now)).toBe(new Date(2026, 2, 10).getTime());
  expect(periodStart('7d', now)).toBe(new Date(2026, 2, 4).getTime());
  expect(periodStart('30d', now)).toBe(new Date(2026, 1, 9).getTime());
});
