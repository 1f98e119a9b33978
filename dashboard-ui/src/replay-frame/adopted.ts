// Constructed style sheets. rrweb's player loses what was done to one before it was adopted when it seeks, and keeps later rules when
// it seeks back, so they are kept and adopted here: each is its list of edits, which every document that adopts it has a sheet for.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, listOf, numberOr, Source } from '../player/rrweb';
import { OURS, type Find, type Mend } from './mend';

/** Changes a sheet as one event did. */
type Edit = (sheet: CSSStyleSheet) => void;

/** A sheet of one document, and how many of the edits it has. */
interface Copy {
  readonly sheet: CSSStyleSheet;
  done: number;
}

/** Take an event that is about constructed sheets away from rrweb. Changes `event`. */
export function takeAdopted(event: ReplayEvent): void {
  if (event.type !== EventType.Incremental || !isFields(event.data)) return;
  const { source, styleId } = event.data;
  if (source === Source.AdoptedSheets || (source === Source.StyleRule && styleId !== undefined)) {
    (event.data as { source: number }).source = OURS + source;
  }
}

export class AdoptedSheets implements Mend {
  #edits = new Map<number, Edit[]>();
  #adopted = new Map<number, readonly number[]>();
  #shown = new Set<Document | ShadowRoot>();
  readonly #copies = new WeakMap<Document, Map<Edit[], Copy>>();

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) {
      this.#edits = new Map();
      this.#adopted = new Map();
    }
    if (event.type !== EventType.Incremental || !isFields(event.data)) return;
    const { source, styleId, id, styleIds, styles } = event.data;
    if (source === OURS + Source.StyleRule) {
      this.#edits.get(numberOr(styleId, -1))?.push(...editsOf(event.data));
    } else if (source === OURS + Source.AdoptedSheets) {
      for (const style of listOf(styles)) {
        if (isFields(style)) this.#edits.set(numberOr(style.styleId, -1), editsOf({ adds: style.rules }));
      }
      this.#adopted.set(numberOr(id, -1), listOf(styleIds).map((number) => numberOr(number, -1)));
    }
  }

  draw(find: Find): void {
    const shown = this.#shown;
    this.#shown = new Set();
    for (const [id, styleIds] of this.#adopted) {
      const node = find(id);
      const root = node?.nodeType === Node.DOCUMENT_NODE ? (node as Document) : (node as Element | null)?.shadowRoot;
      if (!root) continue;
      const document = root.ownerDocument ?? (root as Document);
      const wanted = styleIds.map((styleId) => this.#copy(document, styleId)).filter((sheet) => sheet !== undefined);
      shown.delete(root);
      this.#shown.add(root);
      const now = root.adoptedStyleSheets;
      if (now.length !== wanted.length || wanted.some((sheet, place) => sheet !== now[place])) root.adoptedStyleSheets = wanted;
    }
    // A document outlives a seek back to where it adopted nothing.
    for (const root of shown) root.adoptedStyleSheets = [];
  }

  #copy(document: Document, styleId: number): CSSStyleSheet | undefined {
    const edits = this.#edits.get(styleId);
    const window = document.defaultView as (Window & typeof globalThis) | null;
    if (!edits || !window) return undefined;
    const copies = this.#copies.get(document) ?? new Map<Edit[], Copy>();
    this.#copies.set(document, copies);
    const copy = copies.get(edits) ?? { sheet: new window.CSSStyleSheet(), done: 0 };
    copies.set(edits, copy);
    for (const edit of edits.slice(copy.done)) edit(copy.sheet);
    copy.done = edits.length;
    return copy.sheet;
  }
}

/** What one event does to a sheet. A rule that this browser does not take is left out, as rrweb does. */
function editsOf({ adds, removes, replaceSync }: { readonly adds?: unknown; readonly removes?: unknown; readonly replaceSync?: unknown }): Edit[] {
  const edits: Edit[] = [];
  for (const added of listOf(adds)) {
    if (isFields(added) && typeof added.rule === 'string') edits.push((sheet) => at(sheet, added.index, (list, index) => list.insertRule(added.rule as string, index)));
  }
  for (const removed of listOf(removes)) if (isFields(removed)) edits.push((sheet) => at(sheet, removed.index, (list, index) => list.deleteRule(index)));
  if (typeof replaceSync === 'string') edits.push((sheet) => sheet.replaceSync(replaceSync));
  return edits;
}

function at(sheet: CSSStyleSheet, path: unknown, change: (list: CSSStyleSheet | CSSGroupingRule, index: number) => void): void {
  const indexes = (Array.isArray(path) ? path : [path]).map((index) => numberOr(index, 0));
  const last = indexes.pop() ?? 0;
  try {
    let list: CSSStyleSheet | CSSGroupingRule = sheet;
    for (const index of indexes) list = list.cssRules[index] as CSSGroupingRule;
    change(list, last);
  } catch {
    // No such place, or no rule that this browser knows.
  }
}
