import { describe, expect, test } from 'vitest';
import { bytes, clock, daysUntil, duration, relative } from './formats';

const HOUR = 3_600_000;

describe('time is told as people tell it', () => {
  test.each([
    [-5, '0:00'],
    [0, '0:00'],
    [999, '0:00'],
    [1000, '0:01'],
    [192_400, '3:12'],
    [HOUR - 1, '59:59'],
    [HOUR, '1:00:00'],
    [HOUR * 26 + 61_000, '26:01:01'],
  ])('%i ms stands at %s', (ms, text) => {
    expect(clock(ms)).toBe(text);
  });

  test.each([
    [0, '0 sec'],
    [192_000, '3 min 12 sec'],
    [180_000, '3 min'],
    [HOUR + 60_000, '1 hr 1 min'],
  ])('%i ms lasts %s', (ms, text) => {
    expect(duration('en', ms)).toBe(text);
  });

  test('long ago is days, lately is minutes, within a minute is now', () => {
    const now = Date.UTC(2026, 0, 10, 12);
    expect(relative('en', now - 30_000, now)).toBe('now');
    expect(relative('en', now - 5 * 60_000, now)).toBe('5 minutes ago');
    expect(relative('en', now - 26 * HOUR, now)).toBe('yesterday');
    expect(relative('cs', now - 5 * 60_000, now)).toBe('před 5 minutami');
  });

  test('days left never fall below none', () => {
    expect(daysUntil(1000, 5000)).toBe(0);
    expect(daysUntil(12 * 24 * HOUR + 5, 0)).toBe(12);
  });

  test('sizes take the unit that reads best', () => {
    expect(bytes('en', 999)).toBe('999 bytes');
    expect(bytes('en', 12_400)).toBe('12 kB');
    expect(bytes('en', 12_440_000)).toBe('12.4 MB');
  });
});
