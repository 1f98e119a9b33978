// How hidden things look in a replay: masked text as calm grey bars, left-out elements hatched. Nothing here may change the layout,
// so text is painted through the CSS highlight registry, which touches neither the tree nor its boxes.
import { EventType, isFields, isNode, listOf, MASK, Source, walk } from '../player/rrweb';
import type { ReplayEvent } from '../player/protocol';

const HIGHLIGHT = 'hushreel-masked';
const BLOCKED = 'data-hushreel-blocked';
const MASKED_FIELD = 'data-hushreel-masked';
const BAR = 'rgb(122 128 122 / 0.45)';
const RUN = new RegExp(`${MASK}+`, 'g');

/** Rules for the recorded page's document. rrweb inserts them one by one, so each stands alone. */
export const HIDDEN_RULES: readonly string[] = [
  // The bar is the highlight's background: the characters themselves would leave seams.
  `::highlight(${HIGHLIGHT}) { color: transparent; background-color: ${BAR}; text-shadow: none }`,
  `[${MASKED_FIELD}] { -webkit-text-fill-color: ${BAR} !important }`,
  `[placeholder*="${MASK}"]::placeholder { -webkit-text-fill-color: ${BAR} !important }`,
  `[${BLOCKED}] { background: repeating-linear-gradient(135deg, rgb(122 128 122 / 0.16) 0 8px, rgb(122 128 122 / 0.3) 8px 10px) !important; outline: 1px solid rgb(122 128 122 / 0.4) !important; outline-offset: -1px !important }`,
];

/** Mark left-out elements, which rrweb knows by their recorded size, so that the rules above find them. Changes `event`. */
export function markBlocked(event: ReplayEvent): void {
  if (!isFields(event.data)) return;
  if (event.type === EventType.FullSnapshot) markTree(event.data.node);
  else if (event.type === EventType.Incremental && event.data.source === Source.Mutation) {
    for (const added of listOf(event.data.adds)) if (isFields(added)) markTree(added.node);
  }
}

function markTree(root: unknown): void {
  if (!isNode(root)) return;
  for (const node of walk(root)) {
    if (node.attributes && 'rr_width' in node.attributes) (node.attributes as Record<string, unknown>)[BLOCKED] = '';
  }
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Keeps masked text grey in one document and the frames and shadow roots inside it, as they change. */
export class MaskPainter {
  readonly #highlight = new Highlight();
  readonly #ranges = new WeakMap<Node, StaticRange[]>();
  readonly #observer = new MutationObserver((records) => this.#changed(records));
  #document: Document | undefined;

  /** Begin anew with a document that was just built. */
  start(document: Document): void {
    this.#observer.disconnect();
    this.#highlight.clear();
    this.#document = document;
    this.#register(document);
    this.#watch(document);
    this.#look(document);
    this.fields();
  }

  /** Look at the fields again: their values change without a mutation. */
  fields(): void {
    for (const field of this.#document?.querySelectorAll<Field>('input, textarea, select') ?? []) {
      const shown = 'selectedOptions' in field ? (field.selectedOptions[0]?.text ?? '') : field.value;
      const masked = shown.includes(MASK);
      if (masked !== field.hasAttribute(MASKED_FIELD)) field.toggleAttribute(MASKED_FIELD, masked);
    }
  }

  #register(document: Document): void {
    // `Highlight` objects belong to this frame; each document has a registry of its own for them.
    const registry = (document.defaultView as (Window & typeof globalThis) | null)?.CSS.highlights;
    registry?.set(HIGHLIGHT, this.#highlight);
  }

  #watch(root: Node): void {
    this.#observer.observe(root, { childList: true, characterData: true, subtree: true });
  }

  #changed(records: MutationRecord[]): void {
    for (const record of records) {
      if (record.type === 'characterData') this.#paint(record.target);
      for (const node of record.addedNodes) this.#look(node);
    }
  }

  #look(root: Node): void {
    const document = root.ownerDocument ?? (root as Document);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node: Node | null = root; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) this.#paint(node);
      else if (node.nodeType === Node.ELEMENT_NODE) {
        const { shadowRoot } = node as Element;
        if (shadowRoot) {
          this.#watch(shadowRoot);
          this.#look(shadowRoot);
        }
        if (node.nodeName === 'IFRAME') this.#enter((node as HTMLIFrameElement).contentDocument);
      }
    }
  }

  #enter(document: Document | null): void {
    if (!document?.documentElement) return;
    this.#register(document);
    this.#watch(document);
    this.#look(document);
  }

  #paint(text: Node): void {
    for (const old of this.#ranges.get(text) ?? []) this.#highlight.delete(old);
    const value = text.nodeValue ?? '';
    if (!value.includes(MASK)) return;
    // A static range costs a changing page nothing; a live one would be looked at with every change.
    const ranges = Array.from(
      value.matchAll(RUN),
      ({ index, 0: run }) => new StaticRange({ startContainer: text, startOffset: index, endContainer: text, endOffset: index + run.length }),
    );
    this.#ranges.set(text, ranges);
    for (const range of ranges) this.#highlight.add(range);
  }
}
