import { expect, test } from 'vitest';
import { action, nextSpeed } from './keys';

const key = (name: string, more: Partial<KeyboardEvent> = {}) => ({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
const nowhere = { editable: false, pressable: false };

test.each([
  [key(' '), 'play'],
  [key('k'), 'play'],
  [key('K', { shiftKey: true }), 'play'],
  [key('ArrowLeft'), 'back'],
  [key('ArrowRight', { shiftKey: true }), 'next'],
  [key('ArrowLeft', { shiftKey: true }), 'previous'],
  [key('<', { shiftKey: true }), 'slower'],
  [key('>', { shiftKey: true }), 'faster'],
  [key('?', { shiftKey: true }), 'help'],
  [key('x'), undefined],
  [key('k', { ctrlKey: true }), undefined],
  [key('ArrowLeft', { altKey: true }), undefined],
])('%o means %s', (pressed, meaning) => {
  expect(action(pressed, nowhere)).toBe(meaning);
});

test('keys mean nothing to the player while somebody types', () => {
  for (const name of [' ', 'k', 'ArrowLeft', '?']) expect(action(key(name), { editable: true, pressable: false })).toBeUndefined();
});

test('the space bar presses the button that has the focus; k still plays', () => {
  const button = { editable: false, pressable: true };
  expect(action(key(' '), button)).toBeUndefined();
  expect(action(key('k'), button)).toBe('play');
});

test('speeds go up and down, and stop at the ends', () => {
  expect([nextSpeed(1, 1), nextSpeed(8, 1), nextSpeed(0.5, -1), nextSpeed(1, -1)]).toEqual([2, 8, 0.5, 0.5]);
});
