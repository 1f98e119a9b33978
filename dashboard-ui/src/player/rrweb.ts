// The few numbers and shapes of rrweb's vocabulary that the dashboard reads. Events were made by strangers: every reader checks.

export const EventType = { FullSnapshot: 2, Incremental: 3, Meta: 4, Custom: 5 } as const;
export const Source = { Mutation: 0, MouseMove: 1, MouseInteraction: 2, Scroll: 3, ViewportResize: 4, Input: 5, TouchMove: 6, Media: 7, StyleRule: 8, Drag: 12, AdoptedSheets: 15 } as const;
export const Interaction = { Click: 2, DoubleClick: 4, TouchStart: 7 } as const;
export const NodeType = { Document: 0, Doctype: 1, Element: 2, Text: 3 } as const;

/** A masked character. */
export const MASK = '█';

/** A node as snapshots and mutations carry it. */
export interface Node {
  readonly type: number;
  readonly id: number;
  readonly tagName?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly childNodes?: readonly Node[];
  readonly textContent?: string;
  readonly isStyle?: boolean;
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isNode = (value: unknown): value is Node => isFields(value) && typeof value.type === 'number' && typeof value.id === 'number';
export const numberOr = (value: unknown, other: number): number => (typeof value === 'number' && Number.isFinite(value) ? value : other);
export const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Every node of a tree, parents first. No recursion: a hostile tree may be deep. */
export function* walk(root: Node): Generator<Node> {
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    yield node;
    const children = listOf(node.childNodes);
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const child = children[index];
      if (isNode(child)) waiting.push(child);
    }
  }
}
