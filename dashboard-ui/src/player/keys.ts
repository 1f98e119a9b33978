// The player's keys. Pure: says what a key means, and when it means nothing because somebody is typing.

export type Action = 'play' | 'back' | 'forward' | 'previous' | 'next' | 'slower' | 'faster' | 'skip' | 'full' | 'start' | 'end' | 'help';

const KEYS: Readonly<Record<string, Action>> = {
  ' ': 'play',
  k: 'play',
  ArrowLeft: 'back',
  ArrowRight: 'forward',
  '<': 'slower',
  '>': 'faster',
  i: 'skip',
  f: 'full',
  Home: 'start',
  End: 'end',
  '?': 'help',
};

type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>;

/** What a key does in the player, seen from the element that has the focus. */
export function action(key: Key, focus: { editable: boolean; pressable: boolean }): Action | undefined {
  if (focus.editable || key.ctrlKey || key.metaKey || key.altKey) return undefined;
  if (key.key === ' ' && focus.pressable) return undefined; // the space bar presses the button that has the focus
  if (key.shiftKey && key.key === 'ArrowLeft') return 'previous';
  if (key.shiftKey && key.key === 'ArrowRight') return 'next';
  return KEYS[key.key.length === 1 ? key.key.toLowerCase() : key.key];
}

/** What kind of element has the focus. */
export function focusOf(target: EventTarget | null): { editable: boolean; pressable: boolean } {
  if (!(target instanceof Element)) return { editable: false, pressable: false };
  return {
    editable: target.closest('input, textarea, select, [contenteditable], dialog') !== null,
    pressable: target.closest('button, a, summary, [role="tab"]') !== null,
  };
}

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;

/** The next speed up or down; the outermost stay. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  const index = SPEEDS.findIndex((known) => known === speed) + direction;
  return SPEEDS[Math.min(Math.max(index, 0), SPEEDS.length - 1)] ?? 1;
}
