// Real web sites, visited by a script in Chromium and recorded by the real binary: the replay is the page, moment by moment.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { alike, firstDifference, toldLines } from "./lib/compare.mjs";
import { loadHiding } from "./lib/door.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { moment } from "./lib/moment.mjs";
import { assetsOf, openReplay } from "./lib/player.mjs";
import { visits } from "./lib/visits.mjs";

/** Of all moments compared, so many must be equal. */
const EQUAL_MIN = 0.95;
/** Each visit is compared at least so often. */
const MOMENTS_MIN = 8;

const browser = await startBrowser();
const hushreel = await startHushreel();
/** What looks personal is redacted at the door in every preset: a page is compared as it may be shown. */
const { redact } = await loadHiding();
const hidesOnly = (live, replayed) => redact(live) === redact(replayed);
after(() => hushreel.stop());
const score = [];
const END = "end-of-this-visit";

/** Leave the page, and wait until the server has everything: the last thing that was said there is `END`. */
async function leave(page, site) {
  await page.evaluate((end) => document.body.append(end), END);
  await page.goto("about:blank");
  for (;;) {
    const { items } = await hushreel.api(`/api/v1/recordings?site=${site}`);
    const events = items.length ? await hushreel.api(`/api/v1/recordings/${items[0].id}/events`) : [];
    if (JSON.stringify(events.slice(-20)).includes(END)) return { id: items[0].id, events };
  }
}

for (const [name, { serve, path, visit }] of Object.entries(visits)) {
  test(`${name}: the replay is the page`, async () => {
    const site = await serve();
    after(site.stop);
    const { key, snippet } = await hushreel.addSite(site.origin);
    site.snippet = snippet;
    const { page, context } = await openWindow(browser);
    page.setDefaultTimeout(15_000);
    await page.goto(site.origin + path);
    await page.waitForFunction(() => window.hushreel?.("recording"));
    const moments = [];
    await visit(page, async (label) => {
      await page.waitForFunction(() => window.hushreel?.("recording"));
      moments.push(await moment(page, label));
    });
    const { id, events } = await leave(page, key);
    await context.close();

    const { page: watcher, context: watching } = await openWindow(browser);
    const replay = await openReplay(watcher, hushreel, events, await assetsOf(hushreel, id));
    let equal = 0;
    let pixels = 0;
    for (const { label, time, lines, picture } of moments) {
      await replay.show(time);
      const difference = firstDifference(lines, await watcher.evaluate(`(${toldLines})(window.replay.document())`), hidesOnly);
      if (difference) console.log(`  ${name}, ${label}: line ${difference.line}\n    live     ${difference.live}\n    replayed ${difference.replayed}`);
      else equal++;
      pixels += alike(picture, await watcher.screenshot({ animations: "disabled", caret: "hide" }));
    }
    await watching.close();
    score.push({ name, moments: moments.length, equal, pixels });
    console.log(`  ${name}: ${equal} of ${moments.length} moments equal, pixels ${((100 * pixels) / moments.length).toFixed(1)} % alike`);
    assert.ok(moments.length >= MOMENTS_MIN, `${moments.length} moments are too few to tell`);
  });
}

test("at least 95 % of all moments are equal", () => {
  const sum = (part) => score.reduce((total, visit) => total + visit[part], 0);
  const [moments, equal, pixels] = [sum("moments"), sum("equal"), sum("pixels")];
  console.log(`  all: ${equal} of ${moments} moments equal (${((100 * equal) / moments).toFixed(1)} %), pixels ${((100 * pixels) / moments).toFixed(1)} % alike`);
  assert.equal(score.length, Object.keys(visits).length, "every visit was made");
  assert.ok(equal / moments >= EQUAL_MIN);
});
