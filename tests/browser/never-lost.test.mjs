// Nothing that was told is lost, nothing is stored twice, nothing out of order: with a bad network, a server that crashes, no
// network at all, short visits, closed tabs, several tabs, and clocks that jump. A counter in the page is the witness.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { launchBrowser, openWindow } from "./lib/chromium.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { dice, startProxy } from "./lib/proxy.mjs";

/** How long the page is without a network; `make check-all` makes it five minutes. */
const OFFLINE_MS = Number(process.env.OFFLINE_MS ?? 8_000);

const browser = await launchBrowser();
after(() => browser.close());
const hushreel = await startHushreel();
after(() => hushreel.stop());
const port = Number(new URL(hushreel.address).port);

/** A site whose page counts, behind a network of its own. */
async function openSite(treat) {
  const proxy = await startProxy(port, treat);
  const site = { snippet: "" };
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    answer.end(`<!doctype html><title>Counter</title>${site.snippet}<body><p id="counter">0</p><input id="field"></body>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const { key, snippet } = await hushreel.addSite(origin);
  site.snippet = snippet.replace(/src="[^"]*\/r\//, `src="${proxy.address}/r/`);
  const { page, context, errors } = await openWindow(browser);
  const acknowledged = new Set();
  const watch = (page) => page.on("response", (answer) => answer.status() === 204 && acknowledged.add(answer.url()));
  watch(page);
  after(async () => {
    proxy.stop();
    server.closeAllConnections();
    server.close();
    // The browser may be gone by now, and it with that.
    await context.close().catch(() => undefined);
  });
  return { proxy, key, origin, page, context, errors, acknowledged, watch };
}

/** A tab behind another has no frames to look in. */
const recording = (page) => page.waitForFunction(() => window.hushreel?.("recording"), null, { polling: 50 });

/** Count on in the page, each number in a frame of its own; a tab behind another has no frames, and is looked at at times. */
const count = (page, from, to, bytes = 0) => page.evaluate(async ([from, to, bytes]) => {
  for (let n = from; n <= to; n++) {
    const noise = crypto.getRandomValues(new Uint8Array(bytes / 2)).reduce((text, byte) => text + (byte % 16).toString(16) + "-", "");
    document.querySelector("#counter").firstChild.data = `n${n} ${noise}`;
    await Promise.race([new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 5))), new Promise((resolve) => setTimeout(resolve, 250))]);
  }
}, [from, to, bytes]);

/** The numbers that a recording shows, in its order. */
const numbersOf = (events) => events.flatMap(({ data }) => (data.texts ?? []).map(({ value }) => value)).flatMap((text) => /^n(\d+) /.exec(text)?.[1] ?? []).map(Number);
const upTo = (last) => Array.from({ length: last }, (_, at) => at + 1);

/** Ask until the newest recording of a site has all of them; how many it shows is said where it never does. */
async function untilStored(key, last, { among = 0 } = {}) {
  let seen = [];
  for (const until = Date.now() + 90_000; Date.now() < until; ) {
    const { items } = await hushreel.api(`/api/v1/recordings?site=${key}`).catch(() => ({ items: [] }));
    const events = items[among] ? await hushreel.api(`/api/v1/recordings/${items[among].id}/events`) : [];
    seen = numbersOf(events);
    if (seen.at(-1) === last) return { events, seen, items };
  }
  assert.fail(`the recording ends with ${seen.at(-1)} of ${last}`);
}

/** Everything is there once and in order, nothing is missing, and each batch that was acknowledged is among what is stored. */
function judge({ events, seen }, last, acknowledged) {
  assert.deepEqual(seen, upTo(last));
  assert.deepEqual(events.filter(({ data }) => data.tag === "hushreel.gap"), []);
  const seqs = [...acknowledged].filter((url) => url.includes("/i/v1/") && !url.endsWith("/assets")).map((url) => Number(url.split("/").at(-1)));
  assert.ok(seqs.length > 0, "some batches were acknowledged while the page lived");
}

test("a network that delays, resets and truncates loses nothing and repeats nothing", async () => {
  const site = await openSite();
  await site.page.goto(site.origin);
  await recording(site.page);
  // Every other connection breaks: in the middle of a batch, before its answer, in the answer, at once; or it is slow.
  const roll = dice(7);
  const fates = [() => ({ reset: 300 + roll(2_000) }), () => ({ answered: 0 }), () => ({ delay: 60 }), () => ({ answered: 1 + roll(60) }), () => ({ refuse: true })];
  site.proxy.treat = (connection) => (connection % 2 ? fates[(connection >> 1) % fates.length]() : { reset: 7_000 });
  site.proxy.cut();
  for (let part = 0; part < 10; part++) {
    await count(site.page, part * 25 + 1, part * 25 + 25, 600);
    site.proxy.cut();
  }
  const stored = await untilStored(site.key, 250);
  assert.ok(site.proxy.broken >= 3, `${site.proxy.broken} of ${site.proxy.connections} connections broke`);
  judge(stored, 250, site.acknowledged);
  assert.deepEqual(site.errors, []);
});

test("a server that is killed and comes back has everything", async () => {
  const site = await openSite();
  await site.page.goto(site.origin);
  await recording(site.page);
  await count(site.page, 1, 60);
  await hushreel.end("SIGKILL");
  await count(site.page, 61, 160);
  await hushreel.start();
  await count(site.page, 161, 200);
  judge(await untilStored(site.key, 200), 200, site.acknowledged);
  assert.deepEqual(site.errors, []);
});

test("a page without a network goes on recording, and sends when there is one again", async () => {
  const site = await openSite();
  await site.page.goto(site.origin);
  await recording(site.page);
  await count(site.page, 1, 20);
  await site.context.setOffline(true);
  const until = Date.now() + OFFLINE_MS;
  let last = 20;
  while (Date.now() < until) {
    await count(site.page, last + 1, last + 10);
    last += 10;
  }
  await site.context.setOffline(false);
  judge(await untilStored(site.key, last), last, site.acknowledged);
  assert.deepEqual(site.errors, []);
});

test("a visit of a moment is a recording", async () => {
  const site = await openSite();
  await site.page.goto(site.origin);
  await recording(site.page);
  await count(site.page, 1, 3);
  await site.page.goto("about:blank");
  const { seen } = await untilStored(site.key, 3);
  assert.deepEqual(seen, [1, 2, 3]);
});

test("a tab that is closed in the middle of typing has told what was typed", async () => {
  const site = await openSite();
  await site.page.goto(site.origin);
  await recording(site.page);
  await count(site.page, 1, 2);
  await site.page.locator("#field").pressSequentially("rosemary");
  await site.page.close({ runBeforeUnload: true });
  const { events } = await untilStored(site.key, 2);
  const typed = events.filter(({ data }) => data.source === 5).map(({ data }) => data.text);
  assert.equal(typed.at(-1), "rosemary");
});

test("two tabs are two recordings, each whole; a tab made from another begins its own", async () => {
  const site = await openSite();
  await site.page.goto(site.origin);
  await recording(site.page);
  const other = await site.context.newPage();
  site.watch(other);
  await other.goto(site.origin);
  await recording(other);
  // The browser gives it a copy of what its opener keeps for its tab.
  const [opened] = await Promise.all([site.context.waitForEvent("page"), site.page.evaluate(() => void window.open(location.href))]);
  await recording(opened);
  const ids = await Promise.all([site.page, other, opened].map((page) => page.evaluate(() => window.hushreel("recording"))));
  assert.equal(new Set(ids).size, 3);
  await Promise.all([count(site.page, 1, 30), count(other, 1, 30), count(opened, 1, 30)]);
  await Promise.all([site.page, other, opened].map((page) => page.goto("about:blank")));
  for (const among of [0, 1, 2]) assert.deepEqual((await untilStored(site.key, 30, { among })).seen, upTo(30));
});

test("a clock that jumps changes nothing: times are the page's own", async () => {
  const site = await openSite();
  await site.page.goto(site.origin);
  await recording(site.page);
  await count(site.page, 1, 10);
  for (const [jump, from] of [[3_600_000, 11], [-86_400_000 * 400, 21]]) {
    await site.page.evaluate((ms) => {
      const now = Date.now;
      Date.now = () => now() + ms;
    }, jump);
    await count(site.page, from, from + 9);
  }
  const { events, seen } = await untilStored(site.key, 30);
  assert.deepEqual(seen, upTo(30));
  const times = events.map(({ timestamp }) => timestamp);
  assert.ok(times.every((time, at) => !at || time >= times[at - 1]));
  assert.ok(times.at(-1) - times[0] < 60_000);
  assert.deepEqual(site.errors, []);
});

test("a page that comes back out of the back/forward cache goes on with its recording", async () => {
  // Automation switches the cache off; here it is on.
  const visitor = await launchBrowser([], { ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  after(() => visitor.close());
  const site = await openSite();
  const { page, context } = await openWindow(visitor);
  await page.goto(site.origin);
  await recording(page);
  const id = await page.evaluate(() => ((window.kept = true), window.hushreel("recording")));
  await count(page, 1, 10);
  await page.goto(`${site.origin}/next`);
  await recording(page);
  await count(page, 11, 20);
  await page.goBack({ waitUntil: "commit" });
  await recording(page);
  assert.equal(await page.evaluate(() => window.kept), true, "the page came out of the cache");
  assert.equal(await page.evaluate(() => window.hushreel("recording")), id);
  await count(page, 21, 30);
  await page.goto("about:blank");
  const { seen, events } = await untilStored(site.key, 30);
  assert.deepEqual(seen, upTo(30));
  assert.equal(events.filter(({ type }) => type === 2).length, 3, "the first page, the next one, and the first again");
  await context.close();
});
