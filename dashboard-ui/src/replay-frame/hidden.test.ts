import { expect, test } from 'vitest';
import { markBlocked } from './hidden';

const blocked = () => ({ type: 2, id: 9, tagName: 'img', attributes: { rr_width: '10px', rr_height: '5px' } as Record<string, unknown>, childNodes: [] });
const kept = () => ({ type: 2, id: 8, tagName: 'img', attributes: { alt: '' } as Record<string, unknown>, childNodes: [] });

test('a left-out element is marked in snapshots and in mutations, deep or not; others stay as they are', () => {
  const [first, second, other] = [blocked(), blocked(), kept()];
  markBlocked({ type: 2, timestamp: 0, data: { node: { type: 0, id: 1, childNodes: [{ type: 2, id: 2, tagName: 'p', attributes: {}, childNodes: [first, other] }] } } });
  markBlocked({ type: 3, timestamp: 0, data: { source: 0, adds: [{ parentId: 2, node: second }] } });
  expect(first.attributes).toHaveProperty('data-hushreel-blocked');
  expect(second.attributes).toHaveProperty('data-hushreel-blocked');
  expect(other.attributes).toEqual({ alt: '' });
});

test('malformed events break nothing', () => {
  for (const data of [null, 3, {}, { node: 5 }, { source: 0, adds: [null, {}] }]) {
    for (const type of [2, 3]) expect(() => markBlocked({ type, timestamp: 0, data })).not.toThrow();
  }
});
