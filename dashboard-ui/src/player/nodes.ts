// What the nodes of the page in sight are, so that an event can be named: "Clicked button “Add to cart”".
// It keeps references to nodes inside the events, no copies; good enough for names, no mirror of the page.
import { isNode, listOf, MASK, type Node, NodeType, walk } from './rrweb';

export type TargetKind = 'link' | 'button' | 'field' | 'choice' | 'image' | 'text' | 'element' | 'page';

/** What an event happened to. `name` is null where nothing names it, and '' where its name is hidden. */
export interface Target {
  readonly kind: TargetKind;
  readonly name: string | null;
}

const NAME_LENGTH_MAX = 60;
const NAME_NODES_MAX = 200;

/** The nodes of one page, by their number. */
export class Nodes {
  readonly #nodes = new Map<number, Node>();
  readonly #parents = new Map<number, number>();

  clear(): void {
    this.#nodes.clear();
    this.#parents.clear();
  }

  /** Know `root` and all under it; `see` is called for each. */
  add(root: Node, parent: number | undefined, see: (node: Node) => void): void {
    if (parent !== undefined) this.#parents.set(root.id, parent);
    for (const node of walk(root)) {
      this.#nodes.set(node.id, node);
      for (const child of listOf(node.childNodes)) if (isNode(child)) this.#parents.set(child.id, node.id);
      see(node);
    }
  }

  get(id: number): Node | undefined {
    return this.#nodes.get(id);
  }

  /** What node `id` is to a visitor: the link, button or field that holds it, else itself. */
  target(id: number): Target {
    const own = this.#nodes.get(id);
    if (!own) return { kind: 'element', name: null };
    let node: Node | undefined = own;
    for (let steps = 0; node && steps < 8; steps += 1) {
      const kind = control(node);
      if (kind) return { kind, name: nameOf(node) };
      const parent = this.#parents.get(node.id);
      node = parent === undefined ? undefined : this.#nodes.get(parent);
    }
    if (own.type === NodeType.Document || own.tagName === 'html' || own.tagName === 'body') return { kind: 'page', name: null };
    const name = own.childNodes?.some((child) => child.type === NodeType.Text) ? nameOf(own) : null;
    return { kind: name === null ? 'element' : 'text', name };
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

/** The text of a node, or what labels it. */
function nameOf(node: Node): string | null {
  let text = '';
  let seen = 0;
  for (const inner of walk(node)) {
    if (inner.type === NodeType.Text) text += `${inner.textContent ?? ''} `;
    seen += 1;
    if (text.length > NAME_LENGTH_MAX || seen > NAME_NODES_MAX) break;
  }
  if (!/\S/.test(text)) {
    const label = ['aria-label', 'title', 'alt', 'placeholder'].map((name) => node.attributes?.[name]).find((value) => typeof value === 'string' && value);
    text = typeof label === 'string' ? label : '';
  }
  const tidy = text.replace(/\s+/g, ' ').trim();
  if (tidy === '') return null;
  if (tidy.includes(MASK)) return '';
  return tidy.length > NAME_LENGTH_MAX ? `${tidy.slice(0, NAME_LENGTH_MAX - 1)}…` : tidy;
}
