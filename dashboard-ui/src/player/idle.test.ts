import { describe, expect, test } from 'vitest';
import { idleSpans, IdleSkipper, LEAD_MS, spanAt } from './idle';

describe('idle time', () => {
  test('is a long stretch between two moments of activity, at the start and at the end too', () => {
    expect(idleSpans([10_000, 11_000, 30_000], 40_000)).toEqual([
      { from: 0, to: 10_000 },
      { from: 11_000, to: 30_000 },
      { from: 30_000, to: 40_000 },
    ]);
  });

  test('is not a short pause', () => {
    expect(idleSpans([1000, 5000, 10_000], 15_000)).toEqual([]);
  });

  test('of a recording without any activity is all of it', () => {
    expect(idleSpans([], 60_000)).toEqual([{ from: 0, to: 60_000 }]);
    expect(idleSpans([], 0)).toEqual([]);
  });

  test('is found by its time', () => {
    const spans = idleSpans([10_000, 11_000, 30_000], 30_000);
    expect(spanAt(spans, 0)).toBe(spans[0]);
    expect(spanAt(spans, 10_500)).toBeUndefined();
    expect(spanAt(spans, 29_999)).toBe(spans[1]);
    expect(spanAt(spans, 30_000)).toBeUndefined();
  });
});

describe('skipping', () => {
  const hour = 3_600_000;
  const spans = [{ from: 10_000, to: hour }];

  test('an hour is one jump, to shortly before the next activity', () => {
    expect(new IdleSkipper().jump(spans, 10_000 + LEAD_MS)).toBe(hour - LEAD_MS);
  });

  test('begins only after a moment, and never jumps back', () => {
    const skipper = new IdleSkipper();
    expect(skipper.jump(spans, 10_000)).toBeUndefined();
    expect(skipper.jump(spans, hour - LEAD_MS)).toBeUndefined();
    expect(skipper.jump(spans, hour - 1)).toBeUndefined();
  });

  test('a seek into idle time is never hijacked', () => {
    const skipper = new IdleSkipper();
    skipper.seeked(500_000);
    for (let at = 500_000; at < hour; at += 60_000) expect(skipper.jump(spans, at)).toBeUndefined();
  });

  test('a seek before idle time, or to its very start, does not keep it', () => {
    const skipper = new IdleSkipper();
    skipper.seeked(9000);
    expect(skipper.jump(spans, 12_000)).toBe(hour - LEAD_MS);
    skipper.seeked(10_000);
    expect(skipper.jump(spans, 12_000)).toBe(hour - LEAD_MS);
  });

  test('once playing has left the chosen idle time, it skips again', () => {
    const skipper = new IdleSkipper();
    skipper.seeked(500_000);
    expect(skipper.jump(spans, 500_000)).toBeUndefined();
    expect(skipper.jump(spans, hour + 1)).toBeUndefined();
    expect(skipper.jump(spans, 12_000)).toBe(hour - LEAD_MS);
  });
});
