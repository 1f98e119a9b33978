import { expect, test } from 'vitest';
import { mendRules, mendStates } from './states';

test('states of elements are asked for as marks too, wherever they stand in a selector', () => {
  for (const [css, mended] of [
    ['a:hover > b { c: d }', 'a:is(:hover,.\\:hover) > b { c: d }'],
    ['a:not(:focus), i:focus-visible { c: d }', 'a:not(:is(:focus,[data-hushreel-focused])), i:is(:focus-visible,[data-hushreel-focused="ring"]) { c: d }'],
    ['@media (hover: hover) { p { &:hover { c: d } } }', '@media (hover: hover) { p { &:is(:hover,.\\:hover) { c: d } } }'],
    ['p { color: red; .x:focus-within & { c: d } }', 'p { color: red; .x:is(:focus-within,[data-hushreel-focus-within]) & { c: d } }'],
  ] as const) {
    expect(mendStates(css)).toBe(mended);
  }
});

test('names, declarations and pseudo-elements stay as they are', () => {
  for (const css of ['.md\\:hover { c: d }', 'p { --x: :hover; c: d }', 'p::part(a):hover, ::-webkit-scrollbar-thumb:hover { c: d }', '.hovercraft:first-child { c: d }']) {
    expect(mendStates(css)).toBe(css);
  }
});

test('rules are mended wherever an event brings them', () => {
  const rule = 'a:hover{}';
  const mended = 'a:is(:hover,.\\:hover){}';
  const node = () => ({ type: 2, id: 1, tagName: 'style', attributes: { _cssText: rule }, childNodes: [] });
  for (const [type, data] of [
    [2, { node: { type: 0, id: 2, childNodes: [node()] } }],
    [3, { source: 0, adds: [{ node: node() }] }],
    [3, { source: 8, adds: [{ rule, index: 0 }] }],
    [3, { source: 8, replaceSync: rule }],
    [3, { source: 15, styles: [{ rules: [{ rule, index: 0 }] }] }],
  ] as const) {
    mendRules({ type, timestamp: 0, data });
    expect(JSON.stringify(data)).toContain(JSON.stringify(mended).slice(1, -1));
  }
  for (const data of [null, 3, { node: 5 }, { source: 8, adds: [null] }, { source: 15, styles: [null, {}] }]) {
    for (const type of [2, 3]) expect(() => mendRules({ type, timestamp: 0, data })).not.toThrow();
  }
});
