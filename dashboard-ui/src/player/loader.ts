// Which parts of a recording are here: the one in sight, those beside it, and nothing else, however long the recording is.

/** Parts before and behind the one in sight that stay. */
const BEHIND = 1;
const AHEAD = 2;

export class PartLoader {
  readonly #held = new Set<number>();
  readonly #loading = new Map<number, AbortController>();
  #sight = -1;

  /** `starts` are the times at which parts begin, ascending, the first 0. `load` brings one here, `drop` says which may go. */
  constructor(
    private readonly starts: readonly number[],
    private readonly load: (number: number, signal: AbortSignal) => Promise<void>,
    private readonly drop: (from: number, to: number) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The moment `at` is in sight, or about to be. */
  show(at: number): void {
    const number = this.numberOf(at);
    if (number === this.#sight) return;
    this.#sight = number;
    const [from, to] = [number - BEHIND, number + AHEAD];
    const far = (other: number) => other < from || other > to;
    for (const [other, loading] of this.#loading) if (far(other)) loading.abort();
    for (const other of this.#held) if (far(other)) this.#held.delete(other);
    this.drop(from, to);
    void this.#fetch(number);
  }

  /** The moment in sight is shown: have what is about to be played. Not before: it would be in the way. */
  onwards(): void {
    const next = this.#sight + 1;
    if (this.#sight >= 0 && next < this.starts.length) void this.#fetch(next);
  }

  /** The moment `at` may come into sight: someone points at it. */
  prepare(at: number): void {
    void this.#fetch(this.numberOf(at));
  }

  numberOf(at: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  close(): void {
    this.#sight = -1;
    for (const loading of this.#loading.values()) loading.abort();
  }

  async #fetch(number: number): Promise<void> {
    if (this.#held.has(number) || this.#loading.has(number)) return;
    const loading = new AbortController();
    this.#loading.set(number, loading);
    try {
      await this.load(number, loading.signal);
      this.#held.add(number);
    } catch (error) {
      if (loading.signal.aborted) return;
      // Whoever comes back to it asks again.
      this.#sight = -1;
      this.failed(error);
    } finally {
      this.#loading.delete(number);
    }
  }
}
