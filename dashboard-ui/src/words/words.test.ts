import { describe, expect, test } from 'vitest';
import { cs } from './cs';
import { en } from './en';
import type { Counted } from './plural';

/** Every leaf of a tree of words, by its path. */
function leaves(words: object, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(words)) {
    const at = `${path}/${key}`;
    if (typeof value === 'object') for (const [inner, leaf] of leaves(value, at)) found.set(inner, leaf);
    else found.set(at, value);
  }
  return found;
}

const isCounted = (value: unknown): value is Counted => typeof value === 'function' && 'forms' in value;

describe.each([
  ['en', en],
  ['cs', cs],
])('%s', (code, words) => {
  test('says everything that English says', () => {
    expect([...leaves(words).keys()].sort()).toEqual([...leaves(en).keys()].sort());
  });

  test('leaves no word empty', () => {
    for (const [path, leaf] of leaves(words)) if (typeof leaf === 'string') expect(leaf.trim(), path).not.toBe('');
  });

  test('has every plural form of the language, each with its number', () => {
    const needed = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    for (const [path, leaf] of leaves(words)) {
      if (!isCounted(leaf)) continue;
      expect(Object.keys(leaf.forms).sort(), path).toEqual([...needed].sort());
      for (const form of Object.values(leaf.forms)) expect(form, path).toContain('#');
    }
  });
});

test.each([
  [1, '1 nahrávka'],
  [2, '2 nahrávky'],
  [5, '5 nahrávek'],
  [1.5, '1,5 nahrávky'],
  [0, '0 nahrávek'],
])('%d is counted in Czech as „%s“', (count, text) => {
  expect(cs.recordings.shown(count)).toBe(text);
});
