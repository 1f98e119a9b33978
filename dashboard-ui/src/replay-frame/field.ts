// Form controls: what they show and rrweb has no word for (the options chosen of a list, a box that is neither checked nor not), and that
// the watcher's browser fills in none of them.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, isNode, listOf, numberOr, Source, walk } from '../player/rrweb';
import { elementOf, type Find, type Mend } from './mend';

/** The one word that keeps Chromium from offering a name, a card or a password alike; it heeds `off` for none of them. */
const NOT_FILLED = 'new-password';
const FIELDS = new Set(['input', 'textarea', 'select']);

/** A part of rrweb's player that is told of each node it builds; rrweb's own word for them is `off`. */
export const fieldPlugin = {
  onBuild: (node: { readonly nodeName: string }) => {
    if (FIELDS.has(node.nodeName.toLowerCase())) (node as unknown as Element).setAttribute('autocomplete', NOT_FILLED);
  },
};

/** Have no field of this event filled in by the watcher's browser: what it knows is not what the visitor typed. Changes `event`. */
export function closeFields(event: ReplayEvent): void {
  if (!isFields(event.data)) return;
  if (event.type === EventType.FullSnapshot) closeTree(event.data.node);
  else if (event.type === EventType.Incremental && event.data.source === Source.Mutation) {
    for (const added of listOf(event.data.adds)) if (isFields(added)) closeTree(added.node);
    for (const changed of listOf(event.data.attributes)) {
      if (isFields(changed) && isFields(changed.attributes) && 'autocomplete' in changed.attributes) {
        (changed.attributes as Record<string, unknown>).autocomplete = NOT_FILLED;
      }
    }
  }
}

function closeTree(root: unknown): void {
  if (!isNode(root)) return;
  for (const node of walk(root)) {
    if (FIELDS.has(String(node.tagName).toLowerCase()) && node.attributes) (node.attributes as Record<string, unknown>).autocomplete = NOT_FILLED;
  }
}

interface State {
  readonly selected: readonly unknown[] | undefined;
  readonly mixed: boolean;
}

export class Fields implements Mend {
  readonly #states = new Map<number, State>();

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#states.clear();
    if (event.type !== EventType.Incremental || !isFields(event.data) || event.data.source !== Source.Input) return;
    const { id, selected, indeterminate } = event.data;
    const number = numberOr(id, -1);
    const state = { selected: Array.isArray(selected) ? listOf(selected) : undefined, mixed: indeterminate === true };
    if (state.selected || state.mixed || this.#states.has(number)) this.#states.set(number, state);
  }

  draw(find: Find): void {
    for (const [id, { selected, mixed }] of this.#states) {
      const element = elementOf(find, id);
      if (element?.nodeName === 'INPUT') (element as HTMLInputElement).indeterminate = mixed;
      if (element?.nodeName !== 'SELECT' || !selected) continue;
      for (const option of (element as HTMLSelectElement).options) {
        const wanted = selected.includes(option.index);
        if (option.selected !== wanted) option.selected = wanted;
      }
    }
  }
}
