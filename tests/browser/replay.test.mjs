// Real web sites, visited by a script in Chromium and recorded by the real binary: the replay is the page, moment by moment.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { alike, firstDifference, toldLines } from "./lib/compare.mjs";
import { loadHiding } from "./lib/door.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { moment } from "./lib/moment.mjs";
import { assetsOf, openParts, openReplay } from "./lib/player.mjs";
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
/** The recordings with their moments, to be played from keyframes once they have some. */
const recordings = [];
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

/** Come back and end the recording, so that its keyframes are made. */
async function end(page, address) {
  await page.goto(address);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  // A page that was not told yet has nothing to end.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2_000)));
  await page.evaluate(() => window.hushreel("stop"));
  await page.goto("about:blank");
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
    await end(page, site.origin + path);
    await context.close();
    recordings.push({ name, id, times: moments.map(({ time }) => time) });

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

test("each recording is the same from its keyframes as from its start", async () => {
  let keyframes = 0;
  let compared = 0;
  for (const { name, id, times } of recordings) {
    for (let look = 0; !(await hushreel.api(`/api/v1/recordings/${id}`)).marked_at; look++) {
      assert.ok(look < 150, `${name} was not finished`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const marks = await hushreel.api(`/api/v1/recordings/${id}/marks`);
    keyframes += marks.keyframes.length;
    if (marks.keyframes.length === 0) continue;
    const dress = await assetsOf(hushreel, id);
    const events = await hushreel.api(`/api/v1/recordings/${id}/events`);
    const open = async (opener) => {
      const { page, context } = await openWindow(browser);
      return { page, context, replay: await opener(page) };
    };
    const whole = await open((page) => openReplay(page, hushreel, events, dress));
    const parts = await open((page) => openParts(page, hushreel, id, marks, dress));
    const around = marks.keyframes.slice(0, 4).map((at) => marks.start + at + 1);
    const along = times.filter((_, place) => place % 3 === 0);
    // To and fro, so that some seeks go on, and some go back.
    for (const time of [...along, ...around].sort((one, other) => (one % 1009) - (other % 1009))) {
      const [one, other] = await Promise.all([whole, parts].map(async ({ page, replay }) => {
        await replay.show(time);
        return page.evaluate(`(${toldLines})(window.replay.document())`);
      }));
      assert.equal(firstDifference(one, other), null, `${name}, ${time - marks.start} ms of ${marks.end}, keyframes at ${marks.keyframes}`);
      compared++;
    }
    await Promise.all([whole, parts].map(({ context }) => context.close()));
  }
  console.log(`  ${compared} moments of ${recordings.length} recordings with ${keyframes} keyframes`);
  assert.ok(keyframes > 3, `${keyframes} keyframes are too few to tell`);
});
