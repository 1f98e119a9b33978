import { expect, test } from 'vitest';
import { type Marks, told } from './marks';

test('pages and moments are told as people read addresses, with all that the server found', () => {
  const target = { kind: 'button', name: 'Buy' } as const;
  const marks: Marks = {
    start: 0,
    end: 9_000,
    marks: [
      { at: 0, kind: 'page', url: 'https://shop.example/', title: 'Shop', load: true },
      { at: 10, kind: 'rage', target, clicks: 3 },
      { at: 20, kind: 'page', url: 'https://shop.example/b', title: '', load: false },
      { at: 30, kind: 'quick-back', url: 'https://shop.example/b' },
      { at: 40, kind: 'page', url: 'https://other.example/c', title: '', load: true },
    ],
    activity: [],
    keyframes: [],
    cost: { ms: 5, longest_ms: 2 },
    hidden: { texts: 0, inputs: 0, blocked: 0 },
  };
  const { moments, pages, cost } = told(marks);
  expect(pages.map(({ at, url, title }) => [at, url, title])).toEqual([
    [0, '/', 'Shop'],
    [20, '/b', ''],
    [40, 'other.example/c', ''],
  ]);
  expect(moments[1]).toEqual({ at: 10, kind: 'rage', target, clicks: 3 });
  expect(moments[3]).toEqual({ at: 30, kind: 'quick-back', url: '/b' });
  expect(moments.length).toBe(5);
  expect(cost).toEqual({ ms: 5, longestMs: 2 });
});
