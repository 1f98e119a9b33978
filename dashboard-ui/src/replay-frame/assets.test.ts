import { beforeAll, expect, test, vi } from 'vitest';
import { Assets } from './assets';

const HASH = 'ab'.repeat(16);
const made: Blob[] = [];

beforeAll(() => {
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => `blob:${made.push(blob as Blob)}`);
});

function assets(): Assets {
  const filled = new Assets();
  filled.take([{ hash: HASH, kind: 'image/png', bytes: new Uint8Array([1, 2, 3]).buffer }]);
  return filled;
}

test('an asset is put into snapshots, additions, attributes, rules and adopted sheets, and one blob serves all', () => {
  const held = assets();
  const link = `hush:${HASH}`;
  const image = () => ({ type: 2, id: 3, tagName: 'img', attributes: { src: link, alt: 'a' } as Record<string, unknown>, childNodes: [] });
  const [first, second] = [image(), image()];
  held.fill({ type: 2, timestamp: 0, data: { node: { type: 0, id: 1, childNodes: [{ type: 2, id: 2, tagName: 'p', attributes: {}, childNodes: [first] }] } } });
  const changed = { id: 3, attributes: { style: `background: url(${link}) url(hush:${'0'.repeat(32)})` } };
  held.fill({ type: 3, timestamp: 0, data: { source: 0, adds: [{ parentId: 2, node: second }], attributes: [changed] } });
  const rule = { source: 8, adds: [{ rule: `a{b:url(${link})}`, index: 0 }], replaceSync: `c{d:url("${link}")}` };
  held.fill({ type: 3, timestamp: 0, data: rule });
  const adopted = { source: 15, styles: [{ styleId: 1, rules: [{ rule: `e{f:url(${link})}`, index: 0 }] }] };
  held.fill({ type: 3, timestamp: 0, data: adopted });
  expect([first.attributes.src, second.attributes.src]).toEqual(['blob:1', 'blob:1']);
  expect(changed.attributes.style).toBe('background: url(blob:1) url(data:,)');
  expect([rule.adds[0]?.rule, rule.replaceSync, adopted.styles[0]?.rules[0]?.rule]).toEqual(['a{b:url(blob:1)}', 'c{d:url("blob:1")}', 'e{f:url(blob:1)}']);
  expect(made.length).toBe(1);
});

test('words that look like an asset stay words', () => {
  const text = { type: 3, id: 4, textContent: `hush:${HASH}` };
  assets().fill({ type: 2, timestamp: 0, data: { node: { type: 0, id: 1, childNodes: [text] } } });
  expect(text.textContent).toBe(`hush:${HASH}`);
});

test('a drawn picture is framed in the size that it had', async () => {
  const image = { type: 2, id: 3, tagName: 'img', attributes: { src: `hush:${HASH}/24x16` }, childNodes: [] };
  const icon = { type: 2, id: 4, tagName: 'img', attributes: { src: `hush:${HASH}/24x16u` }, childNodes: [] };
  assets().fill({ type: 2, timestamp: 0, data: { node: { type: 0, id: 1, childNodes: [image, icon] } } });
  const [sized, unsized] = await Promise.all(made.slice(-2).map((blob) => blob.text()));
  expect(sized).toContain('width="24" height="16" viewBox="0 0 24 16"><image href="data:image/png;base64,AQID"');
  expect(unsized).toContain('svg" viewBox="0 0 24 16">');
});

test('malformed events break nothing', () => {
  for (const data of [null, 3, {}, { node: 5 }, { source: 0, adds: [null, {}], attributes: [4] }, { source: 8, adds: [0] }, { source: 15, styles: [{}] }]) {
    for (const type of [2, 3]) expect(() => assets().fill({ type, timestamp: 0, data })).not.toThrow();
  }
});
