import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArraySplitter } from './splitter';

/** `text` cut at the given places, and then put through one splitter. */
function split(text: string, cuts: number[]): { found: unknown[]; finished: boolean } {
  const splitter = new ArraySplitter();
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  const found: unknown[] = [];
  let from = 0;
  for (const to of [...places, text.length]) {
    found.push(...splitter.push(text.slice(from, to)).map((element) => JSON.parse(element) as unknown));
    from = to;
  }
  return { found, finished: splitter.finished };
}

describe('an array that arrives in pieces', () => {
  test('gives the elements it was made of, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.array(fc.nat()), fc.boolean(), (elements, cuts, spaced) => {
        const text = JSON.stringify(elements, null, spaced ? 2 : undefined);
        expect(split(text, cuts)).toEqual({ found: JSON.parse(text), finished: true });
      }),
    );
  });

  test('cut after every character still gives quotes, backslashes and brackets inside strings', () => {
    const elements = [{ text: 'a "quoted" \\ ] } [ {' }, '\\"', ['[', ']', '\\\\'], 'é█', -1.5e3, null];
    const text = ` ${JSON.stringify(elements)}\n`;
    expect(split(text, Array.from(text, (_, index) => index))).toEqual({ found: elements, finished: true });
  });

  test('gives an element as soon as it is whole', () => {
    const splitter = new ArraySplitter();
    expect(splitter.push('[{"type":4},{"ty')).toEqual(['{"type":4}']);
    expect(splitter.push('pe":2}')).toEqual([]);
    expect(splitter.push(',')).toEqual(['{"type":2}']);
    expect(splitter.finished).toBe(false);
    expect(splitter.push(']')).toEqual([]);
    expect(splitter.finished).toBe(true);
  });

  test.each(['{"type":4}', 'x[', '[] x'])('refuses %s', (text) => {
    expect(() => split(text, [])).toThrow(SyntaxError);
  });

  test('knows when the end is missing', () => {
    expect(split('[{"a":1},{"b":2}', []).finished).toBe(false);
  });
});
