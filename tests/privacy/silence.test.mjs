// Where nothing may be recorded, nothing leaves the browser, and nothing stays in it; and a masked field tells nothing of how it was
// filled in. V17, V27, V32 to V34 and V36.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { loadDecoder } from "../browser/lib/door.mjs";
import { openWindow } from "../browser/lib/chromium.mjs";
import { startHushreel } from "../browser/lib/hushreel.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { find, haystack, word } from "./lib/canary.mjs";
import { hold } from "./lib/held.mjs";
import { leaveHushreel, opsIn, sentTo, startBrowserOnWire } from "./lib/visit.mjs";

const decoder = await loadDecoder();
const { wire, browser, stop } = await startBrowserOnWire();
after(stop);
const hushreel = await startHushreel();
after(() => hushreel.stop());

/** Longer than a batch waits. */
const BATCH_MS = 3_500;
const PAGE = `<!doctype html><html lang="en"><head><style>.public { color: teal; }</style></head><body><p class="public">x</p><p id="said"></p><input id="field"></body></html>`;
/** What left for the door in this site's name since then. */
const posts = (from, key) => wire.sent.slice(from).filter(({ url }) => url.startsWith(`${hushreel.address}/i/`) && url.includes(`/${key}/`));

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

const sentNow = () => sentTo(wire, hushreel.address, decoder);
const ready = (page) => page.waitForFunction(() => window.hushreel?.ready);
const recorded = (page) => page.waitForFunction(() => window.hushreel?.("recording"));
async function untilSent(canary) {
  while (!find(canary, sentNow())) await new Promise((resolve) => setTimeout(resolve, 50));
}

// V32

/** Counts in the page whatever the recorder observes or listens to. */
const count = () => {
  window.observed = 0;
  // What drives this browser listens too.
  const note = () => void (/\/r\/\w+\.js/.test(new Error().stack) && window.observed++);
  for (const name of ["MutationObserver", "PerformanceObserver"]) {
    const Native = window[name];
    window[name] = class extends Native {
      observe(...words) {
        note();
        return super.observe(...words);
      }
    };
  }
  const native = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (...words) {
    note();
    return native.apply(this, words);
  };
};

/** A visit whose visitor has not agreed, whatever he and the page do: no request to the door, no key, no cookie, no observer. */
const beforeConsent = (steps, { policy = null } = {}) => () =>
  visit({
    before: count,
    policy,
    async steps({ page, key, from, context, origin }) {
      await ready(page);
      await steps(page, origin);
      await quiet(page);
      assert.equal(posts(from, key).length, 0);
      assert.deepEqual([await keys(page), await context.cookies()], [[], []]);
      assert.equal(await page.evaluate(() => window.observed), 0);
    },
  });
const next = async (page, origin) => {
  await page.goto(`${origin}/next.html`);
  await ready(page);
};

const unasked = {
  what: "anything before consent",
  beside: {
    "after consent the page is observed, and told": () =>
      visit({
        before: count,
        async steps({ page, key }) {
          await ready(page);
          await consent(page, "granted");
          const canary = word();
          await act(page, canary);
          await untilSent(canary);
          assert.ok((await page.evaluate(() => window.observed)) > 0);
          await page.goto(page.url().replace("page", "next"));
          assert.deepEqual((await keys(page)).filter((name) => !name.startsWith(`hushreel.${key}`)), []);
        },
      }),
  },
  variants: {
    "a page that is only looked at": beforeConsent(async () => {}),
    "text, typing and clicks": beforeConsent((page) => act(page)),
    "one page after another": beforeConsent(async (page, origin) => {
      await act(page);
      await next(page, origin);
      await act(page);
    }),
    "what the page calls": beforeConsent(async (page) => {
      for (const call of [["event", "cart", { item: "x" }], ["tag", "plan", "x"], ["identify", "customer-4711"], ["start"], ["resume"], ["mask", ".x"]]) await page.evaluate((call) => window.hushreel(...call), call);
      await act(page);
    }),
    "a no": beforeConsent(async (page) => {
      await consent(page, "denied");
      await act(page);
    }),
    "an answer that is none": beforeConsent(async (page) => {
      for (const answer of ["yes", true, 1, null, "GRANTED", { toString: "granted" }]) await consent(page, answer);
      await act(page);
    }),
    "a visitor who is to be known again": beforeConsent((page) => act(page), { policy: { identity: "visitor" } }),
    "a country that nobody knows": beforeConsent((page) => act(page), { policy: { consent: "by-country" } }),
  },
};

// V33

/** A visit in which consent is withdrawn after `canaries.waiting` was said; nothing of that and nothing later ever leaves. */
const withdrawn = ({ waits = async () => {}, later = async () => {}, how = "withdrawn" }) => () =>
  visit({
    async steps({ page, key, from, context, origin }) {
      const [before, waiting, behind] = [word(), word(), word()];
      await ready(page);
      await consent(page, "granted");
      await act(page, before);
      await untilSent(before);
      await waits(page, context, origin);
      await act(page, waiting);
      await consent(page, how);
      await later(page, behind, context, origin);
      await quiet(page);
      await page.goto("about:blank");
      await page.waitForTimeout(300);
      for (const canary of [waiting, behind]) assert.equal(find(canary, sentNow()), null);
      assert.ok(posts(from, key).length, "what came before was sent");
    },
  });

const tookBack = {
  what: "anything after withdrawal: pending batches, live observers, the unload flush",
  beside: {
    "without it what waits is sent when the page ends": () =>
      visit({
        async steps({ page }) {
          await ready(page);
          await consent(page, "granted");
          const waiting = word();
          await act(page, waiting);
          await page.goto("about:blank");
          await untilSent(waiting);
        },
      }),
  },
  variants: {
    "what waits to be sent": withdrawn({}),
    "what happens afterwards": withdrawn({ later: (page, canary) => act(page, canary) }),
    "the end of the page": withdrawn({ later: async (page, canary) => (await act(page, canary), await page.goto("about:blank")) }),
    "the next page": withdrawn({
      later: async (page, canary, _, origin) => {
        await next(page, origin);
        await act(page, canary);
      },
    }),
    "what could not be sent and waits for another try": withdrawn({
      waits: (page) => page.route("**/i/**", (route) => route.abort()),
      later: (page) => page.unroute("**/i/**"),
    }),
    "a no in place of a withdrawal": withdrawn({ how: "denied", later: (page, canary) => act(page, canary) }),
    "calls of the page": withdrawn({
      later: async (page, canary) => {
        for (const call of [["start"], ["resume"], ["event", "cart", { item: canary }], ["tag", "plan", canary]]) await page.evaluate((call) => window.hushreel(...call), call);
        await act(page, canary);
      },
    }),
    "another tab": () =>
      visit({
        async steps({ page, context, origin }) {
          const [before, elsewhere] = [word(), word()];
          await ready(page);
          await consent(page, "granted");
          await act(page, before);
          await untilSent(before);
          const other = await context.newPage();
          await other.goto(`${origin}/next.html`);
          await ready(other);
          await consent(other, "granted");
          await act(other, elsewhere);
          await consent(page, "withdrawn");
          await quiet(page);
          assert.equal(await page.evaluate(() => window.hushreel("recording")), null);
          await other.goto("about:blank");
          await other.waitForTimeout(300);
          assert.equal(find(elsewhere, sentNow()), null);
        },
      }),
  },
};

// V17

/** What is said after `steps` never leaves: the recording has ended. */
const ends = ({ steps, ...how }) => () =>
  visit({
    ...how,
    site: { consent: "not-required" },
    async steps({ page }) {
      await ready(page);
      await steps?.(page);
      const canary = word();
      await act(page, canary);
      await quiet(page);
      await page.goto("about:blank");
      assert.equal(find(canary, sentNow()), null);
    },
  });
const rule = (...call) => (page) => page.evaluate((call) => window.hushreel(...call), call);

const badRules = {
  what: "a bad selector, or a throwing mask function",
  beside: {
    "rules that parse hide what they name, and nothing else ends": () =>
      visit({
        site: { consent: "not-required" },
        async steps({ page }) {
          await recorded(page);
          await rule("mask", "#field")(page);
          const canary = word();
          await page.evaluate((text) => (document.querySelector("#said").textContent = text), canary);
          await untilSent(canary);
        },
      }),
  },
  variants: {
    "a mask that does not parse": ends({ steps: rule("mask", "p >>> [") }),
    "a block that does not parse": ends({ steps: rule("block", "::::") }),
    "an ignore that is no selector": ends({ steps: rule("ignore", "") }),
    "one of several that does not parse": ends({ steps: rule("mask", ".never, p[") }),
    "matches that throws": ends({ policy: { mask: [".secret"] }, before: () => (Element.prototype.matches = () => { throw new Error("no"); }) }),
    "attributes that throw": ends({ before: () => (Element.prototype.getAttributeNames = () => { throw new Error("no"); }) }),
  },
};

// V34

/** A key that no site has. */
const UNKNOWN = "a".repeat(20);
/** The recorder comes from elsewhere on the second page. */
const comesFrom = (change) => () =>
  visit({
    site: { consent: "not-required" },
    async steps({ page, key, origin }) {
      await recorded(page);
      await leave(page);
      const from = wire.sent.length;
      await page.route("**/r/*.js", (route) => route.continue({ url: change(route.request().url()) }).catch(() => route.abort()));
      await page.goto(origin + "/next.html");
      await act(page);
      await quiet(page);
      assert.equal(posts(from, key).length + posts(from, UNKNOWN).length, 0);
    },
  });
/** The site records no more: whoever comes now is not recorded. */
const recordsNoMore = (stopSite, stopped) => () =>
  visit({
    site: { consent: "not-required" },
    async steps({ page, key, origin }) {
      await recorded(page);
      await leave(page);
      await stopSite(key);
      while (!(await stopped(await fetch(`${hushreel.address}/r/${key}.json`)))) await new Promise((resolve) => setImmediate(resolve));
      const from = wire.sent.length;
      // Whoever had the recorder in the browser's cache is refused.
      const { page: fresh, context } = await openWindow(browser);
      await fresh.goto(origin + "/next.html");
      await act(fresh);
      await quiet(fresh);
      await context.close();
      assert.equal(posts(from, key).length, 0);
    },
  });
const isNull = async (answer) => answer.ok && (await answer.json()) === null;

const noPolicy = {
  what: "stale, missing or unreachable policy",
  beside: {
    "with a policy it is told": () =>
      visit({
        site: { consent: "not-required" },
        async steps({ page }) {
          await recorded(page);
          const canary = word();
          await act(page, canary);
          await untilSent(canary);
        },
      }),
  },
  variants: {
    "an unknown key": comesFrom((url) => url.replace(/\/r\/\w+/, `/r/${UNKNOWN}`)),
    "a server that is gone": comesFrom((url) => url.replace(/:\d+/, ":1")),
    "a paused site": recordsNoMore((key) => hushreel.command("site", "pause", key), isNull),
    "a site without a purpose": recordsNoMore((key) => hushreel.setPolicy(key, { purpose: "" }, { records: false }), isNull),
    "a site that was removed": recordsNoMore((key) => hushreel.command("site", "remove", key, "--yes"), async (answer) => answer.status === 404),
    "a policy that became stricter while a page was open": () =>
      visit({
        site: { consent: "not-required" },
        async steps({ page, key }) {
          await recorded(page);
          await hushreel.setPolicy(key, { text: "mask", forms: "off" });
          // The first batch hears of it, and ends the recording.
          await page.evaluate(() => (document.querySelector("#said").textContent = "x"));
          await page.waitForFunction(() => !window.hushreel("recording"));
          const canary = word();
          await act(page, canary);
          await quiet(page);
          await page.goto("about:blank");
          assert.equal(find(canary, sentNow()), null);
        },
      }),
  },
};

// V36

/** What a visit left in the browser, by the place where a recorder could keep it. */
let left;
const planted = word();
const KEPT = {
  "local storage": () => JSON.stringify({ ...localStorage }),
  "the tab's storage": () => JSON.stringify({ ...sessionStorage }),
  "cookies": () => document.cookie,
  "the window's name": () => window.name,
  "the history's state": () => JSON.stringify(history.state),
  "databases": async () => JSON.stringify(await indexedDB.databases()),
  "caches": async () => JSON.stringify(await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)))),
  "workers": async () => JSON.stringify((await navigator.serviceWorker?.getRegistrations())?.map(({ scope }) => scope) ?? []),
};

const queue = {
  what: "queue kept in browser storage",
  beside: {
    "it was told while the network was there, and waited while it was not": () =>
      visit({
        site: { consent: "not-required" },
        async steps({ page }) {
          await recorded(page);
          await act(page, planted);
          await untilSent(planted);
          await page.goto(page.url().replace("page", "next"));
          await recorded(page);
          await page.route("**/i/**", (route) => route.abort());
          await act(page, planted);
          await page.waitForTimeout(BATCH_MS);
          await page.goto(page.url().replace("next", "page"));
          left = {};
          for (const [place, read] of Object.entries(KEPT)) left[place] = await page.evaluate(`(${read})()`);
        },
      }),
  },
  variants: Object.fromEntries(Object.keys(KEPT).map((place) => [place, () => assert.equal(find(planted, [haystack(place, String(left[place]))]), null)])),
};

// V27

/** What is told of a field that is filled in by `fill`, without the times. */
async function toldOf(preset, fill) {
  let told;
  await visit({
    site: { preset, consent: "not-required" },
    async steps({ page, key, from }) {
      await recorded(page);
      await page.click("#field");
      await fill(page);
      await leave(page);
      told = opsOf(posts(from, key)).filter(({ op }) => /^(input|set|attribute|state)/.test(op)).map(({ at, ...rest }) => rest);
    },
  });
  return told;
}
const type = (text, delay = 0) => (page) => page.keyboard.type(text, { delay });
const SHORT = type("ab");
/** That it was filled in so, and not shortly and at once, cannot be told. */
const tellsNothing = (preset, fill) => async () => assert.deepEqual(await toldOf(preset, SHORT), await toldOf(preset, fill));
const LONG = "abcdefghijklmnopqrstuvwxyz";

const rhythm = {
  what: "length of the masked value, and typing rhythm",
  beside: {
    "where forms are recorded the two are told apart": async () => assert.notDeepEqual(await toldOf("full", SHORT), await toldOf("full", type(LONG))),
  },
  variants: Object.fromEntries(
    ["strict", "balanced"].flatMap((preset) => [
      [`a long value, ${preset}`, tellsNothing(preset, type(LONG))],
      [`a value typed slowly, ${preset}`, tellsNothing(preset, type(LONG, 40))],
      [`a value that is corrected, ${preset}`, tellsNothing(preset, async (page) => {
        await page.keyboard.type("abcd");
        for (let back = 0; back < 3; back++) await page.keyboard.press("Backspace");
        await page.keyboard.type("xyz");
      })],
      [`a value that is put in at once, ${preset}`, tellsNothing(preset, (page) => page.keyboard.insertText(LONG))],
    ]),
  ),
};

test("V32, V33, V43: who may be known again is told and kept after his yes alone, and nothing of it outlives his no", async () => {
  const whose = (list) => opsOf(list).filter(({ op }) => op === "who").map(({ words }) => words);
  await visit({
    policy: { identity: "visitor" },
    async steps({ page, from, key, origin }) {
      await page.waitForFunction(() => window.hushreel?.ready);
      await page.evaluate(() => window.hushreel("identify", "customer-4711"));
      await act(page);
      assert.deepEqual([await keys(page), posts(from, key).length], [[], 0]);
      await consent(page, "granted");
      await act(page);
      while (!whose(posts(from, key)).length) await page.waitForTimeout(50);
      assert.deepEqual(await keys(page), [`hushreel.${key}.visitor`]);
      const [id, pseudonym] = whose(posts(from, key));
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
      assert.deepEqual([await keys(page), posts(then, key).length], [[], 0]);
      await consent(page, "granted");
      await act(page);
      while (!whose(posts(then, key)).length) await page.waitForTimeout(50);
      assert.notEqual(whose(posts(then, key))[0], id, "who comes back after his no is somebody new");
    },
  });
});

hold("silence", { V17: badRules, V27: rhythm, V32: unasked, V33: tookBack, V34: noPolicy, V36: queue }, { atOnce: 3 });
