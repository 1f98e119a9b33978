// Where nothing may be recorded, nothing leaves the browser, and nothing stays in it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { loadDecoder } from "../browser/lib/door.mjs";
import { openWindow } from "../browser/lib/chromium.mjs";
import { startHushreel } from "../browser/lib/hushreel.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { find, haystack, word } from "./lib/canary.mjs";
import { leaveHushreel, opsIn, sentTo, startBrowserOnWire } from "./lib/visit.mjs";

const decoder = await loadDecoder();
const { wire, browser, stop } = await startBrowserOnWire();
after(stop);
const hushreel = await startHushreel();
after(() => hushreel.stop());

/** Longer than a batch waits. */
const BATCH_MS = 3_500;
const PAGE = `<!doctype html><html lang="en"><head><style>.public { color: teal; }</style></head><body><p class="public">x</p><p id="said"></p><input id="field"></body></html>`;
const posts = (from) => wire.sent.slice(from).filter(({ url }) => url.startsWith(hushreel.address) && url.includes("/i/"));

/** A visit to a page of a site of its own. `before` runs before the page's scripts do. */
async function visit({ site = {}, policy = null, html = PAGE, before = null, steps }) {
  const served = await serveFolder("/nowhere", { "/page.html": html, "/next.html": html });
  const { key, snippet } = await hushreel.addSite(served.origin, { preset: "full", consent: "required", ...site });
  if (policy) await hushreel.setPolicy(key, policy);
  served.snippet = snippet;
  const { page, context } = await openWindow(browser);
  if (before) await page.addInitScript(before);
  const from = wire.sent.length;
  try {
    await page.goto(served.origin + "/page.html", { waitUntil: "load" });
    return await steps({ page, context, key, from, origin: served.origin });
  } finally {
    await context.close();
    await served.stop();
  }
}

/** What is done with a page that is recorded: text, typing, a click, another page. */
async function act(page, canary = word()) {
  await page.evaluate((text) => (document.querySelector("#said").textContent = text), canary);
  await page.fill("#field", canary);
  await page.click("p");
}
const keys = (page) => page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean));
const opsOf = (list) => list.flatMap((post) => opsIn(post, decoder));
const leave = leaveHushreel(wire, decoder);
const consent = (page, answer) => page.evaluate((word) => window.hushreel("consent", word), answer);
const quiet = (page) => page.waitForTimeout(BATCH_MS);

test("V32: before consent there is no request to ingest, no storage, no observer", async () => {
  await visit({
    before: () => {
      window.observed = 0;
      for (const name of ["MutationObserver", "PerformanceObserver"]) {
        const Native = window[name];
        window[name] = class extends Native {
          observe(...words) {
            window.observed++;
            return super.observe(...words);
          }
        };
      }
      const native = EventTarget.prototype.addEventListener;
      EventTarget.prototype.addEventListener = function (...words) {
        window.observed++;
        return native.apply(this, words);
      };
    },
    async steps({ page, from, context }) {
      await page.waitForFunction(() => window.hushreel?.ready);
      await act(page);
      await quiet(page);
      await page.goto(page.url().replace("page", "next"));
      await act(page);
      assert.equal(posts(from).length, 0);
      assert.deepEqual(await keys(page), []);
      assert.deepEqual(await context.cookies(), []);
      assert.equal(await page.evaluate(() => window.observed), 0);
    },
  });
});

test("V33: what was not sent when consent is withdrawn never leaves, in this tab, at its end, or in another tab", async () => {
  const [before, waiting, behind, elsewhere] = [word(), word(), word(), word()];
  await visit({
    async steps({ page, from, context, origin }) {
      await page.waitForFunction(() => window.hushreel?.ready);
      await consent(page, "granted");
      await act(page, before);
      while (!find(before, sentTo(wire, hushreel.address, decoder))) await page.waitForTimeout(50);
      const other = await context.newPage();
      await other.goto(origin + "/next.html");
      await other.waitForFunction(() => window.hushreel?.ready);
      await consent(other, "granted");
      await act(other, elsewhere);
      await act(page, waiting);
      await consent(page, "withdrawn");
      await act(page, behind);
      await quiet(page);
      assert.equal(await page.evaluate(() => window.hushreel("recording")), null);
      await page.goto("about:blank");
      await other.goto("about:blank");
      await other.waitForTimeout(300);
      const sent = sentTo(wire, hushreel.address, decoder);
      for (const canary of [waiting, behind, elsewhere]) assert.equal(find(canary, sent), null);
      assert.ok(posts(from).length, "what came before was sent");
    },
  });
});

test("V32, V33, V43: who may be known again is told and kept after his yes alone, and nothing of it outlives his no", async () => {
  const whose = (list) => opsOf(list).filter(({ op }) => op === "who").map(({ words }) => words);
  await visit({
    policy: { identity: "visitor" },
    async steps({ page, from, key, origin }) {
      await page.waitForFunction(() => window.hushreel?.ready);
      await page.evaluate(() => window.hushreel("identify", "customer-4711"));
      await act(page);
      assert.deepEqual([await keys(page), posts(from).length], [[], 0]);
      await consent(page, "granted");
      await act(page);
      while (!whose(posts(from)).length) await page.waitForTimeout(50);
      assert.deepEqual(await keys(page), [`hushreel.${key}.visitor`]);
      const [id, pseudonym] = whose(posts(from));
      assert.match(id, /^[0-9a-f]{32}$/);
      assert.equal(pseudonym, "customer-4711");
      await consent(page, "withdrawn");
      assert.deepEqual(await keys(page), []);
      const then = wire.sent.length;
      await act(page);
      await page.goto(origin + "/next.html");
      await page.waitForFunction(() => window.hushreel?.ready);
      await act(page);
      await quiet(page);
      assert.deepEqual([await keys(page), posts(then).length], [[], 0]);
      await consent(page, "granted");
      await act(page);
      while (!whose(posts(then)).length) await page.waitForTimeout(50);
      assert.notEqual(whose(posts(then))[0], id, "who comes back after his no is somebody new");
    },
  });
});

test("V17: a rule that does not parse, and natives that throw, record nothing from then on", async () => {
  const spoilt = {
    "a mask that does not parse": { steps: (page) => page.evaluate(() => window.hushreel("mask", "p >>> [")) },
    "a block that does not parse": { steps: (page) => page.evaluate(() => window.hushreel("block", "::::")) },
    "an ignore that is no selector": { steps: (page) => page.evaluate(() => window.hushreel("ignore", "")) },
    "matches that throws": { policy: { mask: [".secret"] }, before: () => (Element.prototype.matches = () => { throw new Error("no"); }) },
    "attributes that throw": { before: () => (Element.prototype.getAttributeNames = () => { throw new Error("no"); }) },
  };
  const tried = Object.entries(spoilt).map(([name, { steps, ...how }]) =>
    visit({
      ...how,
      site: { consent: "not-required" },
      async steps({ page }) {
        await page.waitForFunction(() => window.hushreel?.ready);
        await steps?.(page);
        const canary = word();
        await act(page, canary);
        await quiet(page);
        await page.goto("about:blank");
        assert.equal(find(canary, sentTo(wire, hushreel.address, decoder)), null, name);
      },
    }),
  );
  await Promise.all(tried);
});

test("V34: without a policy nothing is recorded: an unknown site, one that is paused, one without a purpose, a server that does not answer", async () => {
  const spoilt = {
    "an unknown key": { change: (url) => url.replace(/\/r\/\w+/, "/r/" + "a".repeat(20)) },
    "a server that is gone": { change: (url) => url.replace(/:\d+/, ":1") },
  };
  for (const [name, { change }] of Object.entries(spoilt)) {
    await visit({
      site: { consent: "not-required" },
      async steps({ page, origin }) {
        await page.waitForFunction(() => window.hushreel?.("recording"));
        await leave(page);
        const from = wire.sent.length;
        await page.route("**/r/*.js", (route) => route.continue({ url: change(route.request().url()) }).catch(() => route.abort()));
        await page.goto(origin + "/next.html");
        await act(page);
        await quiet(page);
        assert.equal(posts(from).length, 0, name);
      },
    });
  }
  const stopped = {
    "a paused site": (key) => hushreel.command("site", "pause", key),
    "a site without a purpose": (key) => hushreel.setPolicy(key, { purpose: "" }, { records: false }),
  };
  for (const [name, stopSite] of Object.entries(stopped)) {
    await visit({
      site: { consent: "not-required" },
      async steps({ page, key, origin }) {
        await page.waitForFunction(() => window.hushreel?.("recording"));
        await leave(page);
        await stopSite(key);
        while ((await (await fetch(`${hushreel.address}/r/${key}.json`)).json()) !== null) await new Promise((resolve) => setImmediate(resolve));
        const from = wire.sent.length;
        // A visitor who comes now; whoever had the recorder in the browser's cache is refused.
        const { page: fresh, context } = await openWindow(browser);
        await fresh.goto(origin + "/next.html");
        await act(fresh);
        await quiet(fresh);
        await context.close();
        assert.equal(posts(from).length, 0, name);
      },
    });
  }
});

test("V36: nothing that was recorded is kept in the browser", async () => {
  const canary = word();
  await visit({
    site: { consent: "not-required" },
    async steps({ page }) {
      await page.waitForFunction(() => window.hushreel?.("recording"));
      await act(page, canary);
      await page.goto(page.url().replace("page", "next"));
      await page.waitForFunction(() => window.hushreel?.("recording"));
      await page.route("**/i/**", (route) => route.abort());
      await act(page, canary);
      await page.goto(page.url().replace("next", "page"));
      const kept = await page.evaluate(async () => [
        JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, window.name,
        JSON.stringify(await indexedDB.databases()), JSON.stringify(await caches.keys()),
      ]);
      assert.equal(find(canary, kept.map((text) => haystack("storage", text))), null);
    },
  });
});

test("V27: neither how long a masked value is nor how quickly it was typed can be told", async () => {
  for (const preset of ["strict", "balanced"]) {
    const told = [];
    for (const [text, delay] of [["ab", 0], ["abcdefghijklmnopqrstuvwxyz", 40]]) {
      await visit({
        site: { preset, consent: "not-required" },
        async steps({ page, from }) {
          await page.waitForFunction(() => window.hushreel?.("recording"));
          await page.click("#field");
          await page.keyboard.type(text, { delay });
          await leave(page);
          told.push(opsOf(posts(from)));
        },
      });
    }
    const [short, long] = told.map((ops) => ops.filter(({ op }) => /^(input|set|attribute|state)/.test(op)).map(({ at, ...rest }) => rest));
    assert.deepEqual(short, long, preset);
  }
});
