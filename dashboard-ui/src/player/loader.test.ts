import { describe, expect, test } from 'vitest';
import { PartLoader } from './loader';

const STARTS = [0, 60_000, 120_000, 180_000, 240_000];

/** A loader whose parts arrive when the test says so. */
function loader() {
  const asked: number[] = [];
  const aborted: number[] = [];
  const kept: [number, number][] = [];
  const failures: unknown[] = [];
  const arrivals = new Map<number, { resolve: () => void; reject: (error: unknown) => void }>();
  const load = (number: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      asked.push(number);
      arrivals.set(number, { resolve, reject });
      signal.addEventListener('abort', () => {
        aborted.push(number);
        reject(new Error('aborted'));
      });
    });
  const parts = new PartLoader(STARTS, load, (from, to) => kept.push([from, to]), (error) => failures.push(error));
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  const arrive = async (number: number) => (arrivals.get(number)?.resolve(), settle());
  const fail = async (number: number) => (arrivals.get(number)?.reject(new Error('offline')), settle());
  return { parts, asked, aborted, kept, failures, arrive, fail };
}

describe('parts', () => {
  test.each([
    [-5, 0],
    [0, 0],
    [59_999, 0],
    [60_000, 1],
    [239_999, 3],
    [9e9, 4],
  ])('the moment %i is in part %i', (at, number) => {
    expect(loader().parts.numberOf(at)).toBe(number);
  });

  test('the part in sight is fetched once, and the next when it is shown', async () => {
    const { parts, asked, kept, arrive } = loader();
    parts.show(61_000);
    parts.show(62_000);
    expect(asked).toEqual([1]);
    await arrive(1);
    parts.onwards();
    parts.onwards();
    expect(asked).toEqual([1, 2]);
    expect(kept).toEqual([[0, 3]]);
  });

  test('what is far away is forgotten, and not waited for', async () => {
    const { parts, asked, aborted, kept, failures, arrive } = loader();
    parts.show(0);
    await arrive(0);
    parts.onwards();
    parts.show(240_000);
    await arrive(4);
    expect([aborted, failures]).toEqual([[1], []]);
    parts.show(0);
    expect(asked).toEqual([0, 1, 4, 0]);
    expect(kept.at(-1)).toEqual([-1, 2]);
  });

  test('a part that is prepared is there when it is wanted', async () => {
    const { parts, asked, arrive } = loader();
    parts.prepare(121_000);
    parts.show(121_500);
    await arrive(2);
    expect(asked).toEqual([2]);
  });

  test('a part that failed is asked for again, and there is none behind the last', async () => {
    const { parts, asked, failures, arrive, fail } = loader();
    parts.show(240_000);
    await fail(4);
    expect(failures.length).toBe(1);
    parts.show(240_000);
    await arrive(4);
    parts.onwards();
    expect(asked).toEqual([4, 4]);
  });
});
