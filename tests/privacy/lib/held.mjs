// Vectors whose variants are attempts of their own, each beside something like it that is allowed or that works: an attempt fails where
// it should, and not because nothing works at all.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";

/** Each vector is tried in so many ways at least. */
const VARIANTS_MIN = 5;

/**
 * Test vectors, by id: `what` one is, its `variants` by name, and `beside` them what is allowed, or could be read until then. What held
 * is written down under this name, for the table in README.md. So many variants may run `atOnce`.
 */
export function hold(name, vectors, { atOnce = 1 } = {}) {
  const results = {};
  for (const [id, { what, beside, variants }] of Object.entries(vectors)) {
    const result = (results[id] = { what, variants: Object.keys(variants).length, held: 0 });
    test(`${id}: ${what}`, { concurrency: atOnce }, async (t) => {
      assert.ok(result.variants >= VARIANTS_MIN, `${result.variants} variants are too few`);
      assert.ok(Object.keys(beside).length > 0, "something beside them is allowed");
      for (const [allowed, run] of Object.entries(beside)) await t.test(`beside: ${allowed}`, run);
      const tried = Object.entries(variants).map(([variant, run]) =>
        t.test(variant, async (t) => {
          await run(t);
          result.held++;
        }),
      );
      await Promise.all(tried);
    });
  }
  test("the results are written down", async () => {
    const folder = new URL("../../../target/privacy/", import.meta.url);
    await mkdir(folder, { recursive: true });
    await writeFile(new URL(`held.${name}.json`, folder), JSON.stringify(results, null, 1));
  });
}
