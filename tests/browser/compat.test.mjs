// A site that came from Smartsupp keeps its markup: what its pages say there is heard, and a chat that is there keeps its own.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());

/** Longer than a batch waits. */
const BATCH_MS = 3_500;
/** The stub that such pages carry, without the line that loads the chat. */
const STUB = `<script>var _smartsupp = _smartsupp || {}; window.smartsupp || (function () { var o = window.smartsupp = function () { o._.push(arguments); }; o._ = []; })();</script>`;

/** A visit to a page of a site of its own, with this in its head before the snippet. */
async function visit(head, { consent = "not-required", compat = ["smartsupp"], body = "" } = {}) {
  const html = `<!doctype html><html><head><title>Shop</title></head><body><p>marker</p>${body}</body></html>`;
  const served = await serveFolder("/nowhere", { "/page.html": html, "/next.html": html });
  after(() => served.stop());
  const { key, snippet } = await hushreel.addSite(served.origin, { consent });
  await hushreel.setPolicy(key, { compat });
  served.snippet = `${head}${snippet}`;
  const { page, context, errors } = await openWindow(browser);
  after(() => context.close());
  const posts = [];
  page.on("request", (request) => request.url().includes("/i/v1/") && posts.push(request.url()));
  const go = async (path) => {
    await page.goto(served.origin + path, { waitUntil: "load" });
    await page.waitForFunction(() => window.hushreel?.ready);
  };
  await go("/page.html");
  return {
    page,
    posts,
    errors,
    go,
    served,
    recording: () => page.evaluate(() => window.hushreel("recording")),
    say: (...call) => page.evaluate((call) => window.smartsupp(...call), call),
    records: () => page.waitForFunction(() => window.hushreel("recording")),
  };
}

test("calls that wait in the queue are heard, in order, before anything is recorded", async () => {
  const off = await visit(`${STUB}<script>smartsupp("name", "Jan"); smartsupp("recording:disable", true);</script>`);
  assert.equal(await off.recording(), null);
  await off.page.waitForTimeout(BATCH_MS);
  assert.deepEqual(off.posts, []);
  // For this page alone.
  off.served.snippet = off.served.snippet.replace('smartsupp("recording:disable", true)', "");
  await off.go("/next.html");
  await off.records();

  const on = await visit(`${STUB}<script>smartsupp("recording:disable", false);</script>`);
  await on.records();
  assert.deepEqual([...on.errors, ...off.errors], []);
});

test("what is put into the queue later is heard too, and stays there for the chat", async () => {
  const { page, say, records, recording } = await visit(STUB);
  await records();
  await say("chat:open");
  assert.notEqual(await recording(), null, "the chat's calls are nothing to us");
  await say("recording:disable", true);
  assert.equal(await recording(), null);
  assert.deepEqual(await page.evaluate(() => window.smartsupp._.map((call) => call[0])), ["chat:open", "recording:disable"]);
});

test("turned off for the site, the visit's later pages are not recorded either", async () => {
  const { go, posts, recording, page, records, say, served } = await visit(`${STUB}<script>smartsupp("recording:off", true);</script>`);
  assert.equal(await recording(), null);
  served.snippet = served.snippet.replace('smartsupp("recording:off", true)', "");
  await go("/next.html");
  await page.waitForTimeout(BATCH_MS);
  assert.deepEqual([await recording(), posts], [null, []]);
  await say("recording:off", false);
  await go("/page.html");
  await records();
});

test("its consent is consent: granted begins, taken back stops at once", async () => {
  const { say, records, recording, posts, page, errors } = await visit(STUB, { consent: "required" });
  assert.equal(await recording(), null);
  await say("analyticsConsent", true);
  await records();
  await say("analyticsConsent", false);
  assert.equal(await recording(), null);
  const before = posts.length;
  await page.waitForTimeout(BATCH_MS);
  assert.equal(posts.length, before);
  assert.deepEqual(errors, []);
});

test("the setting of its snippet holds", async () => {
  const { recording, page, posts } = await visit(`<script>var _smartsupp = { recordingDisable: true };</script>${STUB}`);
  assert.equal(await recording(), null);
  await page.waitForTimeout(BATCH_MS);
  assert.deepEqual(posts, []);
});

test("where nobody brought the function, its calls are heard all the same", async () => {
  const { page, say, records, recording } = await visit("", { body: `<a href="#" onclick="smartsupp('recording:disable', true)">No</a>` });
  await records();
  await say("language", "cs");
  await page.click("a");
  assert.equal(await recording(), null);
});

test("a chat that is there keeps its function, and without the key nothing is heard", async () => {
  const chat = `<script>window.heard = []; window.smartsupp = (...call) => heard.push(call);</script>`;
  const live = await visit(chat);
  await live.records();
  await live.say("recording:disable", true);
  assert.deepEqual(await live.page.evaluate(() => window.heard), [["recording:disable", true]]);
  assert.notEqual(await live.recording(), null, "the chat's calls are the chat's");
  const plain = await visit(`${STUB}<script>smartsupp("recording:disable", true);</script>`, { compat: [] });
  await plain.records();
});
