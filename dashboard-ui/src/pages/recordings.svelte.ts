// The list of recordings as it is loaded: page by page, anew when the filters change, and refreshed while it is looked at.
import * as api from '../api';
import { fromQuery, toApi, type Filters } from './filters';

const PAGE_ROWS = 50;

export class RecordingsList {
  items = $state.raw<api.Recording[]>([]);
  loading = $state(true);
  failed = $state.raw<unknown>(null);
  more = $state(false);
  /** All that fit; none before the first answer. */
  count = $state<number | null>(null);
  /** Those of the last answer that had any: what can be chosen does not vanish while it is counted anew. */
  facets = $state.raw<api.Facets | null>(null);
  /** The rows in sight are those of other filters, for a moment. */
  stale = $state(false);

  #next: string | null = null;
  #filters: Filters = fromQuery(new URLSearchParams());
  #stop = new AbortController();

  /** Begin anew with other filters. */
  async load(filters: Filters): Promise<void> {
    this.#filters = filters;
    this.#next = null;
    this.more = false;
    this.stale = this.items.length > 0;
    await this.#read('anew');
  }

  /** The rows after those that are here. */
  async further(): Promise<void> {
    if (this.more && !this.loading) await this.#read('further');
  }

  /** Look again at the first rows. What is in sight stays where it is. */
  async refresh(): Promise<void> {
    if (!this.loading && !this.failed) await this.#read('again');
  }

  stop(): void {
    this.#stop.abort();
  }

  async #read(what: 'anew' | 'further' | 'again'): Promise<void> {
    this.#stop.abort();
    const stop = (this.#stop = new AbortController());
    this.loading = what !== 'again';
    this.failed = null;
    const query = { ...toApi(this.#filters, new Date()), limit: String(PAGE_ROWS) };
    try {
      const list = await api.recordings(
        what === 'further' && this.#next ? { ...query, cursor: this.#next } : { ...query, facets: 'true' },
        stop.signal,
      );
      if (what === 'anew') this.items = [];
      if (what === 'again') this.#merge(list);
      else this.#append(list);
      this.count = list.count;
      this.facets = list.facets ?? this.facets;
    } catch (error) {
      if (stop.signal.aborted) return;
      // A refresh that fails is tried again soon; only a load has somebody waiting.
      if (what !== 'again') this.failed = error;
      if (what === 'anew') this.items = [];
    }
    this.loading = false;
    this.stale = false;
  }

  #append({ items, next }: api.RecordingList): void {
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...items.filter(({ id }) => !known.has(id))];
    this.#next = next;
    this.more = next !== null;
  }

  #merge({ items, next }: api.RecordingList): void {
    // Within the first page the server's answer is the truth, deletions included.
    if (this.items.length <= PAGE_ROWS) {
      this.items = items;
      this.#next = next;
      this.more = next !== null;
      return;
    }
    const fresh = new Map(items.map((recording) => [recording.id, recording]));
    const known = new Set(this.items.map(({ id }) => id));
    // In other orders than that of time a new one may stand anywhere, and would push others out of sight.
    const arrived = this.#filters.order === 'start.desc' ? items.filter(({ id }) => !known.has(id)) : [];
    this.items = [...arrived, ...this.items.map((recording) => fresh.get(recording.id) ?? recording)];
  }
}
