// The list of recordings as it is loaded: page by page, anew when the filters change, and refreshed while it is looked at.
import * as api from '../api';
import { periodStart, type Filters } from './filters';

const PAGE_ROWS = 50;

export class RecordingsList {
  items = $state.raw<api.Recording[]>([]);
  loading = $state(true);
  failed = $state.raw<unknown>(null);
  more = $state(false);

  #next: string | null = null;
  #filters: Filters = { site: null, period: null, visitor: null };
  #stop = new AbortController();

  /** Begin anew with other filters. */
  async load(filters: Filters): Promise<void> {
    this.#filters = filters;
    this.items = [];
    this.#next = null;
    this.more = false;
    await this.#read(false);
  }

  /** The rows after those that are here. */
  async further(): Promise<void> {
    if (this.more && !this.loading) await this.#read(false);
  }

  /** Look again at the newest rows. What is in sight stays where it is. */
  async refresh(): Promise<void> {
    if (!this.loading && !this.failed) await this.#read(true);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #read(newest: boolean): Promise<void> {
    this.#stop.abort();
    const stop = (this.#stop = new AbortController());
    this.loading = !newest;
    this.failed = null;
    const { site, period, visitor } = this.#filters;
    try {
      const { items, next } = await api.recordings(
        {
          site: site ?? undefined,
          from: period ? periodStart(period, new Date()) : undefined,
          visitor: visitor ?? undefined,
          cursor: newest ? undefined : (this.#next ?? undefined),
          limit: PAGE_ROWS,
        },
        stop.signal,
      );
      if (newest) this.#merge(items, next);
      else this.#append(items, next);
    } catch (error) {
      if (stop.signal.aborted) return;
      // A refresh that fails is tried again soon; only a load has somebody waiting.
      if (!newest) this.failed = error;
    }
    this.loading = false;
  }

  #append(items: api.Recording[], next: string | null): void {
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...items.filter(({ id }) => !known.has(id))];
    this.#next = next;
    this.more = next !== null;
  }

  #merge(newest: api.Recording[], next: string | null): void {
    // Within the first page the server's answer is the truth, deletions included.
    if (this.items.length <= PAGE_ROWS) {
      this.items = newest;
      this.#next = next;
      this.more = next !== null;
      return;
    }
    const fresh = new Map(newest.map((recording) => [recording.id, recording]));
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...newest.filter(({ id }) => !known.has(id)), ...this.items.map((recording) => fresh.get(recording.id) ?? recording)];
  }
}
