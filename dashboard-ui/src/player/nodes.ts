// What the nodes of the page in sight are, so that an event can be named: "Clicked button “Add to cart”".
// It keeps references to nodes inside the events and who is whose child; good enough for names, no mirror of the page.
import { isNode, listOf, MASK, type Node, NodeType, textOr, walk } from './rrweb';

export type TargetKind = 'link' | 'button' | 'field' | 'choice' | 'image' | 'text' | 'element' | 'page';

/** What an event happened to. `name` is null where nothing names it, and '' where its name is hidden. */
export interface Target {
  readonly kind: TargetKind;
  readonly name: string | null;
}

const NAME_LENGTH_MAX = 60;
const NAME_NODES_MAX = 200;
const ANCESTORS_MAX = 8;
const NAMING = ['title', 'alt', 'placeholder'] as const;

/** The nodes of one page, by their number. */
export class Nodes {
  readonly #nodes = new Map<number, Node>();
  readonly #parents = new Map<number, number>();
  readonly #children = new Map<number, number[]>();
  readonly #texts = new Map<number, string>();
  readonly #labels = new Map<string, number>();

  clear(): void {
    for (const map of [this.#nodes, this.#parents, this.#children, this.#texts, this.#labels]) map.clear();
  }

  /** Know `root` and all under it, as a child of `parent` before `next`; `see` is called for each. */
  add(root: Node, parent: number | undefined, next: number | undefined, see: (node: Node) => void): void {
    if (parent !== undefined) this.#adopt(parent, root.id, next);
    for (const node of walk(root)) {
      this.#nodes.set(node.id, node);
      this.#texts.delete(node.id);
      const children = listOf(node.childNodes).filter(isNode);
      if (children.length > 0) this.#children.set(node.id, children.map((child) => child.id));
      for (const child of children) this.#parents.set(child.id, node.id);
      if (node.tagName === 'label' && typeof node.attributes?.for === 'string') this.#labels.set(node.attributes.for, node.id);
      see(node);
    }
  }

  remove(parent: number, id: number): void {
    const siblings = this.#children.get(parent);
    if (siblings) this.#children.set(parent, siblings.filter((sibling) => sibling !== id));
  }

  setText(id: number, text: string): void {
    this.#texts.set(id, text);
  }

  /** What node `id` is to a visitor: the link, button or field that holds it, else itself. */
  target(id: number): Target {
    const own = this.#nodes.get(id);
    if (!own) return { kind: 'element', name: null };
    let at: number | undefined = id;
    for (let steps = 0; at !== undefined && steps < ANCESTORS_MAX; steps += 1) {
      const node = this.#nodes.get(at);
      const kind = node && control(node);
      if (kind) return { kind, name: this.#nameOf(node, kind) };
      at = this.#parents.get(at);
    }
    if (own.type === NodeType.Document || own.tagName === 'html' || own.tagName === 'body') return { kind: 'page', name: null };
    const holdsText = this.#children.get(id)?.some((child) => this.#nodes.get(child)?.type === NodeType.Text);
    const name = holdsText ? tidy(this.#text(id)) : null;
    return { kind: name === null ? 'element' : 'text', name };
  }

  #adopt(parent: number, id: number, next: number | undefined): void {
    const before = this.#parents.get(id);
    if (before !== undefined) this.remove(before, id);
    this.#parents.set(id, parent);
    const siblings = this.#children.get(parent) ?? [];
    const place = next === undefined ? -1 : siblings.indexOf(next);
    if (place < 0) siblings.push(id);
    else siblings.splice(place, 0, id);
    this.#children.set(parent, siblings);
  }

  /** What names a control: what it tells screen readers, its text, or for a field the label around it or for it. */
  #nameOf(node: Node, kind: TargetKind): string | null {
    const field = kind === 'field' || kind === 'choice';
    const said = tidy(textOr(node.attributes?.['aria-label'], ''));
    if (said !== null) return said;
    const own = field ? this.#label(node) : node.tagName === 'input' ? textOr(node.attributes?.value, '') : this.#text(node.id);
    return tidy(own) ?? tidy(NAMING.map((name) => textOr(node.attributes?.[name], '')).find((text) => text !== '') ?? '');
  }

  #label(node: Node): string {
    const named = this.#labels.get(textOr(node.attributes?.id, ''));
    if (named !== undefined) return this.#text(named);
    let at = this.#parents.get(node.id);
    for (let steps = 0; at !== undefined && steps < ANCESTORS_MAX; steps += 1) {
      if (this.#nodes.get(at)?.tagName === 'label') return this.#text(at);
      at = this.#parents.get(at);
    }
    return '';
  }

  /** The text under a node, as much as a name needs. */
  #text(root: number): string {
    const waiting = [root];
    let text = '';
    for (let seen = 0; seen < NAME_NODES_MAX && text.length <= NAME_LENGTH_MAX; seen += 1) {
      const id = waiting.pop();
      if (id === undefined) break;
      const node = this.#nodes.get(id);
      if (node?.type === NodeType.Text) text += `${this.#texts.get(id) ?? textOr(node.textContent, '')} `;
      // What a choice offers, and what a drawing is called, is no name of the control around it.
      else if (node?.tagName !== 'select' && node?.tagName !== 'svg') waiting.push(...(this.#children.get(id) ?? []).toReversed());
    }
    return text;
  }
}

function control(node: Node): TargetKind | undefined {
  switch (node.tagName) {
    case 'a':
      return 'link';
    case 'button':
    case 'summary':
      return 'button';
    case 'textarea':
      return 'field';
    case 'select':
    case 'option':
      return 'choice';
    case 'img':
      return 'image';
    case 'input':
      return INPUT_KINDS[String(node.attributes?.type ?? '').toLowerCase()] ?? 'field';
    default:
      return node.attributes?.role === 'button' ? 'button' : undefined;
  }
}

const INPUT_KINDS: Record<string, TargetKind> = { checkbox: 'choice', radio: 'choice', button: 'button', submit: 'button', reset: 'button', image: 'button' };

/** A name on one line and not too long; null where there is none, '' where it is hidden. */
function tidy(text: string): string | null {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return null;
  if (line.includes(MASK)) return '';
  return line.length > NAME_LENGTH_MAX ? `${line.slice(0, NAME_LENGTH_MAX - 1)}…` : line;
}
