import { describe, expect, test } from 'vitest';
import { RecordingModel } from './model';
import type { ReplayEvent } from './protocol';
import { countUntil, density, near, segments, step } from './timeline';

const START = 1_700_000_000_000;
const event = (at: number, type: number, data: unknown): ReplayEvent => ({ type, timestamp: START + at, data });
const meta = (at: number, href: string, more: object = {}) => event(at, 4, { href, width: 1440, height: 900, ...more });
const incremental = (at: number, source: number, data: object) => event(at, 3, { source, ...data });
const text = (id: number, textContent: string) => ({ type: 3, id, textContent });
const element = (id: number, tagName: string, attributes: object, childNodes: object[]) => ({ type: 2, id, tagName, attributes, childNodes });

const page = (at: number) =>
  event(at, 2, {
    node: {
      type: 0,
      id: 1,
      childNodes: [
        element(2, 'html', {}, [
          element(3, 'button', {}, [element(4, 'span', {}, [text(5, ' Add to\n cart ')])]),
          element(6, 'a', {}, [text(7, '████ ██')]),
          element(8, 'input', { type: 'checkbox', 'aria-label': 'Gift' }, []),
          element(9, 'textarea', { placeholder: 'Note' }, []),
          element(10, 'img', { rr_width: '10px', rr_height: '10px' }, []),
        ]),
      ],
    },
    initialOffset: { top: 0, left: 0 },
  });

function model(...events: ReplayEvent[]): RecordingModel {
  const made = new RecordingModel();
  made.add(events);
  return made;
}

describe('a recording as moments', () => {
  test('adds up what the recorder took of the page, and says where it gave way', () => {
    const told = (at: number, tag: string, payload: object) => event(at, 5, { tag, payload });
    const { cost, moments } = model(
      meta(0, '/'),
      page(1),
      told(10, 'hushreel.cost', { ms: 12.5, tasks: 3, longest_ms: 8 }),
      told(20, 'hushreel.shed', { level: 1 }),
      told(30, 'hushreel.cost', { ms: 2, tasks: 1, longest_ms: 2 }),
    );
    expect(cost).toEqual({ ms: 14.5, longestMs: 8 });
    expect(moments.filter(({ kind }) => kind === 'shed')).toEqual([{ at: 20, kind: 'shed', level: 1 }]);
  });

  test('names what was clicked by the control around it, and says when its text is hidden', () => {
    const { moments } = model(
      meta(0, '/'),
      page(0),
      incremental(100, 2, { type: 2, id: 5 }),
      incremental(200, 2, { type: 2, id: 7 }),
      incremental(300, 2, { type: 1, id: 7 }),
      incremental(400, 2, { type: 2, id: 2 }),
      incremental(500, 2, { type: 2, id: 999 }),
    );
    expect(moments).toEqual([
      { at: 0, kind: 'page', url: '/', load: true },
      { at: 100, kind: 'click', target: { kind: 'button', name: 'Add to cart' } },
      { at: 200, kind: 'click', target: { kind: 'link', name: '' } },
      { at: 400, kind: 'click', target: { kind: 'page', name: null } },
      { at: 500, kind: 'click', target: { kind: 'element', name: null } },
    ]);
  });

  test('names what mutations made, whether they bring trees or single nodes', () => {
    const made = model(meta(0, '/'), page(0));
    made.add([
      incremental(10, 0, {
        adds: [
          { parentId: 2, nextId: null, node: element(20, 'a', {}, []) },
          { parentId: 20, nextId: null, node: text(21, 'pen') },
          { parentId: 20, nextId: 21, node: text(22, 'Brass ') },
        ],
      }),
      incremental(20, 2, { type: 2, id: 20 }),
      incremental(30, 0, { removes: [{ parentId: 20, id: 22 }], texts: [{ id: 21, value: 'ink' }] }),
      incremental(40, 2, { type: 2, id: 20 }),
    ]);
    expect(made.moments.slice(1)).toEqual([
      { at: 20, kind: 'click', target: { kind: 'link', name: 'Brass pen' } },
      { at: 40, kind: 'click', target: { kind: 'link', name: 'ink' } },
    ]);
  });

  test('a field is named by its label, not by what it offers', () => {
    const made = model(meta(0, '/'));
    const body = [
      element(2, 'label', { for: 'many' }, [text(3, 'How many')]),
      element(4, 'select', { id: 'many' }, [element(5, 'option', {}, [text(6, '1')])]),
      element(7, 'label', {}, [element(8, 'input', { type: 'radio' }, []), text(9, 'By post')]),
    ];
    made.add([
      event(0, 2, { node: { type: 0, id: 1, childNodes: body } }),
      incremental(10, 5, { id: 4, text: '2' }),
      incremental(20, 5, { id: 8, isChecked: true }),
    ]);
    expect(made.moments.slice(1)).toEqual([
      { at: 10, kind: 'input', target: { kind: 'choice', name: 'How many' }, toggle: true },
      { at: 20, kind: 'input', target: { kind: 'choice', name: 'By post' }, toggle: true },
    ]);
  });

  test('typing into one field is one moment, a later return another; what a script sets is none', () => {
    const { moments } = model(
      meta(0, '/'),
      page(0),
      incremental(100, 5, { id: 9, text: '████████', userTriggered: true }),
      incremental(900, 5, { id: 9, text: '████████', userTriggered: true }),
      incremental(950, 5, { id: 8, text: 'on', isChecked: true, userTriggered: true }),
      incremental(1000, 5, { id: 9, text: '', userTriggered: false }),
      incremental(20_000, 5, { id: 9, text: '████████', userTriggered: true }),
    );
    expect(moments.slice(1)).toEqual([
      { at: 100, kind: 'input', target: { kind: 'field', name: 'Note' }, toggle: false },
      { at: 950, kind: 'input', target: { kind: 'choice', name: 'Gift' }, toggle: true },
      { at: 20_000, kind: 'input', target: { kind: 'field', name: 'Note' }, toggle: false },
    ]);
  });

  test('a keyframe is no new page; another load and a change of address are', () => {
    const { pages, moments } = model(
      meta(0, '/'),
      page(0),
      meta(60_000, '/', { keyframe: true }),
      page(60_000),
      event(70_000, 5, { tag: 'hushreel.page', payload: { url: '/a', title: 'A' } }),
      meta(80_000, '/b'),
      page(80_000),
    );
    expect(pages.map(({ at, url }) => [at, url])).toEqual([[0, '/'], [70_000, '/a'], [80_000, '/b']]);
    expect(moments.map(({ kind }) => kind)).toEqual(['page', 'page', 'page']);
  });

  test('pages whose addresses are hidden are pages of their own', () => {
    const { pages } = model(meta(0, 'https://a.example/:any'), page(0), meta(10, 'https://a.example/:any'), page(10));
    expect(pages.map(({ at, url }) => [at, url])).toEqual([[0, '/:any'], [10, '/:any']]);
  });

  test('addresses are told without the host of the first page', () => {
    const { pages } = model(meta(0, 'https://a.example/'), meta(10, 'https://a.example/x'), meta(20, 'https://b.example/x'));
    expect(pages.map(({ url }) => url)).toEqual(['/', '/x', 'b.example/x']);
  });

  test('counts what is hidden once, keyframes or not', () => {
    const masked = model(meta(0, '/'), page(0), incremental(5, 5, { id: 9, text: '████████' }), meta(60_000, '/', { keyframe: true }), page(60_000));
    expect(masked.hidden).toEqual({ texts: 1, inputs: 1, blocked: 1 });
    masked.add([
      incremental(61_000, 0, { adds: [{ parentId: 2, nextId: null, node: text(11, '██') }], texts: [{ id: 5, value: '█' }] }),
    ]);
    expect(masked.hidden).toEqual({ texts: 3, inputs: 1, blocked: 1 });
  });

  test('gaps are kept with what was lost', () => {
    const { moments } = model(
      meta(0, '/'),
      event(10, 5, { tag: 'hushreel.gap', payload: { ops: 12, ms: 900 } }),
      event(20, 5, { tag: 'hushreel.gap', payload: { batches: 2, ops: 0, ms: 0 } }),
    );
    expect(moments.slice(1)).toEqual([
      { at: 10, kind: 'gap', ops: 12, ms: 900, batches: 0 },
      { at: 20, kind: 'gap', ops: 0, ms: 0, batches: 2 },
    ]);
  });

  test('a title that comes after its page belongs to it and makes no new page', () => {
    const { pages, moments } = model(meta(0, '/'), page(0), event(5, 5, { tag: 'hushreel.page', payload: { url: '/', title: 'Shop' } }));
    expect(pages).toEqual([{ at: 0, url: '/', title: 'Shop' }]);
    expect(moments).toHaveLength(1);
  });

  test('leaving for another tab and coming back are moments', () => {
    const { moments } = model(meta(0, '/'), event(5, 5, { tag: 'hushreel.visibility', payload: { hidden: true } }));
    expect(moments.at(-1)).toEqual({ at: 5, kind: 'tab', hidden: true });
  });

  test('malformed events break nothing', () => {
    const bad: unknown[] = [null, 5, 'x', [], {}, { source: 2, type: 2 }, { source: 0, adds: [null, { node: 3 }], texts: 'x' }, { source: 1, positions: [0] }];
    for (const type of [2, 3, 4, 5, 77]) expect(() => model(...bad.map((data, at) => event(at, type, data)))).not.toThrow();
  });

  test('a window that changes its size is a moment, its first size is none', () => {
    const { moments } = model(meta(0, '/'), incremental(10, 4, { width: 1440, height: 900 }), incremental(20, 4, { width: 800, height: 900 }));
    expect(moments.slice(1)).toEqual([{ at: 20, kind: 'resize', width: 800, height: 900 }]);
  });
});

describe('the timeline', () => {
  const moments = [0, 5000, 5100, 20_000].map((at) => ({ at, kind: 'click', target: { kind: 'page', name: null } }) as const);

  test('pages cover it without a hole', () => {
    const pages = [{ at: 20, url: '/', title: '' }, { at: 500, url: '/a', title: '' }];
    expect(segments(pages, 900)).toEqual([{ from: 0, to: 500, url: '/' }, { from: 500, to: 900, url: '/a' }]);
    expect(segments([], 900)).toEqual([]);
  });

  test('activity is counted into columns, the end into the last', () => {
    expect(density([0, 1, 2, 3, 100], 100, 4)).toEqual([1, 0, 0, 0.5]);
    expect(density([], 0, 3)).toEqual([0, 0, 0]);
  });

  test('counts the moments that have been', () => {
    expect([-1, 0, 5000, 5099, 5100, 99_999].map((at) => countUntil(moments, at))).toEqual([0, 1, 2, 2, 3, 4]);
  });

  test('steps to the event after and before, to the ends where there is none', () => {
    expect(step(moments, 0, 1, 30_000)).toBe(3000);
    expect(step(moments, 3100, 1, 30_000)).toBe(18_000);
    expect(step(moments, 18_000, 1, 30_000)).toBe(30_000);
    expect(step(moments, 18_000, -1, 30_000)).toBe(3100);
    expect(step(moments, 3100, -1, 30_000)).toBe(0);
  });

  test('finds what stands near a place', () => {
    expect(near(moments, 5050, 100).map(({ at }) => at)).toEqual([5000, 5100]);
    expect(near(moments, 10_000, 100)).toEqual([]);
  });
});
