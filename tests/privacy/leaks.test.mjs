// The leak suite: each vector by which personal data has left a page through some recorder, in several variants, in each preset. What a
// preset hides is searched in every byte that leaves the browser and in all that the server keeps; a neighbouring mark must have arrived.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { loadDecoder } from "../browser/lib/door.mjs";
import { startHushreel } from "../browser/lib/hushreel.mjs";
import { find } from "./lib/canary.mjs";
import { keptBy } from "./lib/kept.mjs";
import { NAMES, nakedRecorder } from "./lib/naked.mjs";
import { plant, serveSite } from "./lib/site.mjs";
import { endAll, leaveAnyhow, leaveHushreel, leaveNaive, sentNaively, sentTo, startBrowserOnWire, visitAll } from "./lib/visit.mjs";
import { around } from "./vectors/around.mjs";
import { content } from "./vectors/content.mjs";
import { fields } from "./vectors/fields.mjs";

const vectors = { ...fields, ...content, ...around };
const ids = Object.keys(vectors).sort((one, other) => one.slice(1) - other.slice(1));
/** From strict to open; a variant says up to which of them it is hidden. */
const PRESETS = ["strict", "balanced", "full"];
const hiddenIn = (preset, { hidden }) => hidden === "always" || PRESETS.indexOf(preset) <= PRESETS.indexOf(hidden);
/** Both narrow the suite: some vectors, some presets. */
const only = process.env.VECTORS?.split(",");
const tried = process.env.PRESETS?.split(",") ?? PRESETS;
const whole = !only && tried.length === PRESETS.length;
const chosen = Object.fromEntries(ids.filter((id) => !only || only.includes(id)).map((id) => [id, vectors[id]]));

const decoder = await loadDecoder();
const { wire, browser, stop } = await startBrowserOnWire();
after(stop);
const results = {};

test("a naive recorder leaks every canary", { skip: tried.length < PRESETS.length && "some presets alone" }, async (t) => {
  const pages = plant(chosen);
  const site = await serveSite(pages);
  t.after(site.stop);
  site.recorder = await readFile(new URL("lib/naive.js", import.meta.url), "utf8");
  site.snippet = `<script src="/recorder.js"></script>`;
  wire.sent.length = 0;
  await visitAll(browser, site.origin, pages, leaveNaive);
  const haystacks = sentNaively(wire);
  for (const { id, name, canary, naive } of pages.flatMap(({ variants }) => variants)) {
    if (naive !== null) assert.ok(find(canary, haystacks), `${id}, ${name}: the canary was there to be leaked`);
  }
});

for (const preset of tried) {
  test(`under ${preset}`, async (t) => {
    const hushreel = await startHushreel();
    t.after(() => hushreel.stop());
    const pages = plant(chosen);
    const site = await serveSite(pages);
    t.after(site.stop);
    const { key, snippet } = await hushreel.addSite(site.origin, { preset });
    site.snippet = snippet;
    wire.sent.length = 0;
    await visitAll(browser, site.origin, pages, leaveHushreel(wire, decoder));

    const sent = sentTo(wire, hushreel.address, decoder);
    const kept = await keptBy(hushreel, key);
    const refused = kept.items.filter((item) => item.refused_rule);
    for (const id of Object.keys(chosen)) {
      await t.test(`${id}: ${vectors[id].what}`, () => {
        const leaks = [];
        for (const { variants, marker, path } of pages.filter((page) => page.id === id)) {
          for (const [what, haystacks] of Object.entries({ sent, kept: kept.readable })) assert.ok(find(marker, haystacks), `${path}: what is public beside it was ${what}`);
          for (const variant of variants) {
            for (const canary of variant.search ?? [variant.canary]) {
              const inSent = find(canary, sent);
              if (hiddenIn(preset, variant)) {
                for (const found of [inSent, find(canary, kept.all)]) if (found) leaks.push(`${variant.name}: ${found.form} in ${found.where.replace(/ http.*| of .*/, "")}`);
              } else if (preset === "full" && variant.shown !== false) assert.ok(inSent, `${variant.name}: told where nothing hides it`);
            }
          }
        }
        const of = Object.keys(vectors[id].variants).length;
        (results[id] ??= { what: vectors[id].what, variants: of })[preset] = leaks.length;
        assert.deepEqual(leaks, []);
      });
    }
    await t.test("no batch was refused", () => assert.deepEqual(refused, []));
    await t.test("the auditor leaves what an honest recorder told as it is", async () => {
      const { recordings, found } = await hushreel.command("recording", "audit", "--site", key);
      assert.ok(recordings >= pages.length);
      // Where text is shown, a number over several nodes or inputs is first known for one when the page is looked at as a whole.
      const known = ({ kind }) => preset === "full" && kind === "number";
      assert.deepEqual(found.filter((one) => !known(one)), []);
    });
  });
}

// The door alone: a recorder that hides nothing stands for one that is broken, or forged. Under `strict` all that a page could show is
// refused. Elsewhere the door knows patterns, types and what one batch marks; the rest is counted.
const door = whole || process.env.DOOR;
for (const preset of door ? tried : []) {
  test(`the door, under ${preset}`, async (t) => {
    const hushreel = await startHushreel();
    t.after(() => hushreel.stop());
    // Alone, or one variant that is refused would hide that another is not.
    const pages = plant(chosen, true);
    const site = await serveSite(pages);
    t.after(site.stop);
    const { key } = await hushreel.addSite(site.origin, { preset });
    const config = await (await fetch(`${hushreel.address}/r/${key}.json`)).json();
    site.recorder = await nakedRecorder(hushreel.address, config);
    site.snippet = `<script src="/recorder.js"></script>`;
    wire.sent.length = 0;
    await visitAll(browser, site.origin, pages, leaveAnyhow);
    const { all } = await keptBy(hushreel, key);
    await endAll(wire, hushreel.address, site.origin, decoder);
    await audited(hushreel, key);
    const later = await keptBy(hushreel, key);
    const left = wire.sent.filter(({ url }) => url.startsWith(`${hushreel.address}/i/`)).length;
    assert.ok(left >= pages.length, "each page was sent, without any hiding");
    for (const id of Object.keys(chosen)) {
      await t.test(`${id}: ${vectors[id].what}`, () => {
        const planted = pages.filter((page) => page.id === id).flatMap(({ variants }) => variants).filter((variant) => hiddenIn(preset, variant));
        const leaksIn = (haystacks) => planted.filter(({ canary, search = [canary] }) => search.some((text) => find(text, haystacks))).map(({ name }) => name);
        const leaks = leaksIn(all);
        const left = leaksIn(later.all);
        t.diagnostic(`${id}, ${preset}: past the door ${leaks.length}, left by the auditor: ${left.join(", ") || "none"}`);
        ((results[id] ??= { what: vectors[id].what }).door ??= {})[preset] = leaks.length;
        (results[id].auditor ??= {})[preset] = left.length;
        if (preset === "strict") assert.deepEqual(leaks, []);
      });
    }
  });
}

/** One function of hiding alone is switched off, and each variant has a page of its own, so that nothing else refuses it. */
const PARTS = { "attribute.ts": ["V4", "V8", "V9", "V13", "V20", "V21", "V26"], "css.ts": ["V51"], "url.ts": ["V19", "V20"], "note.ts": ["V23"] };
test("the door, under strict, where one function alone hides nothing", { skip: !door && "a part alone" }, async (t) => {
  for (const [file, ids] of Object.entries(PARTS)) {
    await t.test(`${file}: ${ids}`, async (t) => {
      const hushreel = await startHushreel();
      t.after(() => hushreel.stop());
      const pages = plant(Object.fromEntries(ids.map((id) => [id, vectors[id]])), true);
      const site = await serveSite(pages);
      t.after(site.stop);
      const { key } = await hushreel.addSite(site.origin, { preset: "strict" });
      const config = await (await fetch(`${hushreel.address}/r/${key}.json`)).json();
      site.recorder = await nakedRecorder(hushreel.address, config, [file]);
      site.snippet = `<script src="/recorder.js"></script>`;
      wire.sent.length = 0;
      await visitAll(browser, site.origin, pages, leaveAnyhow);
      const { all, items } = await keptBy(hushreel, key);
      assert.ok(items.length, "what breaks nothing was taken");
      const leaks = pages.flatMap(({ variants }) => variants).filter(({ canary }) => find(canary, all)).map(({ id, name }) => `${id}, ${name}`);
      assert.deepEqual(leaks, []);
    });
  }
});

/** Attributes whose words are names of the page's own. */
const NAMING = ["class", "id", "name", "part", "slot", "a class, later", "an id, later"];
test("the auditor, under strict, where names are told that no sheet mentions", { skip: !door && "a part alone" }, async (t) => {
  const hushreel = await startHushreel();
  t.after(() => hushreel.stop());
  const { what, variants } = vectors.V13;
  const pages = plant({ V13: { what, variants: Object.fromEntries(NAMING.map((name) => [name, variants[name]])) } }, true);
  const site = await serveSite(pages);
  t.after(site.stop);
  const { key } = await hushreel.addSite(site.origin, { preset: "strict" });
  const config = await (await fetch(`${hushreel.address}/r/${key}.json`)).json();
  site.recorder = await nakedRecorder(hushreel.address, config, [NAMES]);
  site.snippet = `<script src="/recorder.js"></script>`;
  wire.sent.length = 0;
  await visitAll(browser, site.origin, pages, leaveAnyhow);
  const { all } = await keptBy(hushreel, key);
  await endAll(wire, hushreel.address, site.origin, decoder);
  await audited(hushreel, key);
  const later = await keptBy(hushreel, key);
  for (const { marker, variants: [{ name, canary }] } of pages) {
    assert.ok(find(canary, all), `${name}: the door cannot know it`);
    assert.equal(find(canary, later.all), null, `${name}: the auditor does`);
    assert.ok(find(marker, later.readable), `${name}: what a sheet mentions stays`);
  }
});

test("the results are written down", { skip: !whole && "a part alone" }, async () => {
  const folder = new URL("../../target/privacy/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("results.json", folder), JSON.stringify(results, null, 1));
});

/** Wait until the auditor has looked through every recording of a site. */
async function audited(hushreel, key) {
  for (let waiting = true; waiting; ) {
    waiting = false;
    for (let cursor = ""; cursor !== null; ) {
      const list = await hushreel.api(`/api/v1/recordings?site=${key}&limit=100${cursor && `&cursor=${cursor}`}`);
      waiting ||= list.items.some(({ audited_at }) => audited_at === null);
      cursor = list.next ?? null;
    }
  }
}
