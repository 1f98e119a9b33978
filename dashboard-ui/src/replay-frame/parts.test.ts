import { describe, expect, test } from 'vitest';
import type { ReplayEvent } from '../player/protocol';
import { Parts } from './parts';

const START = 1_000_000;
const event = (at: number, type = 3): ReplayEvent => ({ type, timestamp: START + at, data: { source: 0 } });
const end = (at: number): ReplayEvent => ({ type: 5, timestamp: START + at, data: { tag: 'hushreel.keyframe', payload: {} } });

/** Three parts of ten seconds; those but the first begin with a keyframe. */
function held(...numbers: number[]) {
  const parts = new Parts(START);
  for (const number of numbers) parts.put(part(number));
  return parts;
}

function part(number: number) {
  const from = number * 10_000;
  const opening = number === 0 ? [event(0, 4), event(0, 2)] : [event(from, 4), event(from, 2), end(from)];
  return { number, from, to: number === 2 ? null : from + 10_000, events: [...opening, event(from + 1_000), event(from + 9_000)] };
}

/** Type and time of each event, in its order. */
const told = (list: readonly ReplayEvent[] | undefined) => list?.map(({ type, timestamp }) => `${type}@${timestamp - START}`);

describe('parts of a recording', () => {
  test('are played from the keyframe of the first on, with those that follow and without their keyframes', () => {
    const parts = held(0, 1, 2);
    expect(told(parts.compose(12_000))).toEqual(['5@0', '4@10000', '2@10000', '5@10000', '3@11000', '3@19000', '3@21000', '3@29000']);
    expect([parts.reach, parts.complete, parts.leads(19_999), parts.leads(20_000)]).toEqual([29_000, true, true, false]);
  });

  test('end where one is missing, and go on when it comes', () => {
    const parts = held(2, 0);
    expect(told(parts.compose(0))).toEqual(['5@0', '4@0', '2@0', '3@1000', '3@9000']);
    expect([parts.reach, parts.complete]).toEqual([10_000, false]);
    expect(told(parts.put(part(1)))).toEqual(['3@11000', '3@19000', '3@21000', '3@29000']);
    expect([parts.reach, parts.complete]).toEqual([29_000, true]);
    expect(parts.put(part(1)), 'it is there already').toEqual([]);
  });

  test('cannot be played before the one that is wanted came, or once it is forgotten', () => {
    const parts = held(0);
    expect(parts.compose(12_000)).toBeUndefined();
    parts.put(part(1));
    parts.keep(1, 2);
    expect(parts.compose(5_000)).toBeUndefined();
    expect(told(parts.compose(10_000))?.[1]).toBe('4@10000');
  });
});
