// `:hover`, `:focus` and their kin. A replayed page has neither the pointer nor the focus, so rules that ask for them ask for a mark of
// the player's as well. It is done to the rules before rrweb has them, wherever they stand: what stays a selector stays as specific.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, isNode, listOf, Source, walk } from '../player/rrweb';

/** What is marked in the replayed page: rrweb marks the pointer's way, we the rest. */
export const MARKS: Readonly<Record<string, string>> = {
  hover: '.\\:hover',
  focus: '[data-hushreel-focused]',
  'focus-visible': '[data-hushreel-focused="ring"]',
  'focus-within': '[data-hushreel-focus-within]',
  fullscreen: '[data-hushreel-fullscreen]',
};

/** What stands before a block. */
const PRELUDE = /[^{};]+(?=\{)/g;
/** A state of an element: none of a pseudo-element, which cannot be one of several; no escaped name. */
const STATE = /(?<![\\:])(?<!::[-\w]+(?:\([^)]*\))?):(hover|focus-visible|focus-within|focus|fullscreen)(?![-\w])/g;

export const mendStates = (css: string): string =>
  css.includes(':hover') || css.includes(':f')
    ? css.replace(PRELUDE, (prelude) => prelude.replace(STATE, (state, name: string) => `:is(${state},${MARKS[name]})`))
    : css;

/** Mend the rules that an event brings. Changes `event`. */
export function mendRules(event: ReplayEvent): void {
  if (!isFields(event.data)) return;
  if (event.type === EventType.FullSnapshot) mendTree(event.data.node);
  if (event.type !== EventType.Incremental) return;
  const { source, adds, styles } = event.data;
  if (source === Source.Mutation) for (const added of listOf(adds)) if (isFields(added)) mendTree(added.node);
  if (source === Source.StyleRule) {
    mendList(adds);
    const data = event.data as Record<string, unknown>;
    if (typeof data.replaceSync === 'string') data.replaceSync = mendStates(data.replaceSync);
  }
  if (source === Source.AdoptedSheets) for (const style of listOf(styles)) if (isFields(style)) mendList(style.rules);
}

function mendTree(root: unknown): void {
  if (!isNode(root)) return;
  for (const { attributes } of walk(root)) {
    const rules = attributes?._cssText;
    if (typeof rules === 'string') (attributes as Record<string, unknown>)._cssText = mendStates(rules);
  }
}

function mendList(rules: unknown): void {
  for (const added of listOf(rules)) {
    if (isFields(added) && typeof added.rule === 'string') (added as Record<string, unknown>).rule = mendStates(added.rule);
  }
}
