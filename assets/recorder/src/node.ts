// Which node has which number, where it stood when it was last told, and how it is hidden.
// Removing is lazy: only the top of a removed subtree is marked; a node is live while the way up from it is.

const DEAD = -1;

/** A node's number is a property of the node under a key of our own: a weak map costs half as much again, mostly in collecting garbage. */
let key = Symbol();
type Numbered = Node & { [key: symbol]: number | undefined };
let parents: number[] = [];
let states: number[] = [];

/** Forget every node: a new snapshot begins. */
export function forget(): void {
  key = Symbol();
  parents = [];
  states = [];
}

/** Tell that `node` was sent under `id` as a child of `parent` (0 for the page's document), hidden as `state` says. */
export function place(node: Node, id: number, parent: number, state: number): void {
  (node as Numbered)[key] = id;
  parents[id] = parent;
  states[id] = state;
}

/** Whether `node` was ever sent in this snapshot, live or not. */
export const seen = (node: Node): boolean => (node as Numbered)[key] !== undefined;

/** The number of a live node, else 0. */
export function live(node: Node | null): number {
  const id = (node && (node as Numbered)[key]) || 0;
  for (let up = id; up; up = parents[up]!) if (parents[up] === DEAD) return 0;
  return id;
}

export const stateOf = (id: number): number => states[id]!;
export const parentOf = (id: number): number => parents[id]!;
export const move = (id: number, parent: number): void => void (parents[id] = parent);
export const drop = (id: number): void => void (parents[id] = DEAD);

/** The parent through which hiding is inherited: a shadow root leads to its host, a frame's document to its frame. */
export function up(node: Node): Node | null {
  return node.parentNode ?? (node as ShadowRoot).host ?? (node as Document).defaultView?.frameElement ?? null;
}

/** What an event is about, where its listener may see it: asked only behind a shadow host, as the way there costs more than the event. */
export const targetOf = (event: Event): Node | null => {
  const { target } = event;
  return ((target as Element | null)?.shadowRoot ? (event.composedPath()[0] ?? target) : target) as Node | null;
};
