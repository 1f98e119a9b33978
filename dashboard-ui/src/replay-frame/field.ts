// What a form control shows and rrweb has no word for: the options chosen of a list, and a box that is neither checked nor not.
import type { ReplayEvent } from '../player/protocol';
import { EventType, isFields, listOf, numberOr, Source } from '../player/rrweb';
import { elementOf, type Find, type Mend } from './mend';

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
