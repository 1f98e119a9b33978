import { describe, expect, test } from 'vitest';
import { fromQuery, isNarrow, periodStart, toApi, toggled } from './filters';

const read = (query: string) => fromQuery(new URLSearchParams(query));
const NOW = new Date(2026, 2, 10, 15, 30);

describe('an address', () => {
  test.each([
    ['site=abc&period=7d', { site: 'abc', period: '7d' }],
    ['period=century&site=', {}],
    [`visitor=${'0f'.repeat(16)}`, { visitor: '0f'.repeat(16) }],
    ['visitor=jan', {}],
    ['page=%2Fcart&event=bought&tag=plan%3Dpro', { terms: { page: '/cart', event: 'bought', tag: 'plan=pro' } }],
    ['signal=error,rage,boredom', { signals: ['rage', 'error'] }],
    ['device=phone,fridge', { choices: { device: ['phone'], browser: [], os: [], country: [] } }],
    ['length=60-300&activity=10&watched=no', { length: '60-300', activity: '10', watched: false }],
    ['length=5-6&activity=3&watched=maybe', {}],
    ['bots=show&order=length.asc', { bots: true, order: 'length.asc' }],
    ['q=+cart+', { q: 'cart' }],
  ])('%s filters by %o', (query, filters) => {
    expect(read(query)).toEqual({ ...read(''), ...filters });
  });

  test.each([
    ['', false],
    ['order=length.asc&bots=show', false],
    ['site=abc', true],
    ['signal=rage', true],
    ['country=CZ', true],
    ['watched=no', true],
  ])('%s leaves something out: %s', (query, narrow) => {
    expect(isNarrow(read(query))).toBe(narrow);
  });

  test('becomes parameters of the API', () => {
    expect(toApi(read(''), NOW)).toEqual({ bots: 'hide', sort: 'start', order: 'desc' });
    expect(toApi(read('bots=show&length=-10&country=CZ,SK&period=today&watched=yes&order=frustration.desc'), NOW)).toEqual({
      from: String(new Date(2026, 2, 10).getTime()),
      country: 'CZ,SK',
      length_s_max: '10',
      watched: 'true',
      sort: 'frustration',
      order: 'desc',
    });
  });
});

test('a choice is made and taken back', () => {
  expect(toggled([], 'CZ')).toBe('CZ');
  expect(toggled(['CZ', 'SK'], 'CZ')).toBe('SK');
});

test('a period begins at midnight, and counts today as its last day', () => {
  expect(periodStart('today', NOW)).toBe(new Date(2026, 2, 10).getTime());
  expect(periodStart('7d', NOW)).toBe(new Date(2026, 2, 4).getTime());
  expect(periodStart('30d', NOW)).toBe(new Date(2026, 1, 9).getTime());
});
