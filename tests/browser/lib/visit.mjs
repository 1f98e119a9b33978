// One small page, visited by a script, recorded by the real binary and shown by the real replay frame: a visit stops at moments,
// and each is compared with its replay, forwards, backwards and played.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { openWindow } from "./browser.mjs";
import { alike, firstDifference, toldLines } from "./compare.mjs";
import { openReplay } from "./player.mjs";

/** A moment is one at which nothing changes for so long, on both sides of it. */
const QUIET_MS = 150;
/** The name of the last thing that is told of a visit; readable whatever is hidden. */
const END = "visit.end";

/** Serve pages by their path, with the snippet first in each head. */
async function serve(pages) {
  const site = { snippet: "" };
  const server = createServer((question, answer) => {
    const { pathname } = new URL(question.url, "http://site");
    const page = pages[pathname];
    const [type, body] = page === undefined ? [404, "Nothing is here."] : typeof page === "string" ? ["text/html; charset=utf-8", page] : [page.type, page.body];
    answer.writeHead(type === 404 ? 404 : 200, { "Content-Type": type === 404 ? "text/plain" : type });
    if (page?.parts) {
      // The rest comes when the test says so.
      answer.write(page.parts[0]);
      return page.go.then(() => answer.end(page.parts[1]));
    }
    answer.end(type.startsWith?.("text/html") ? body.replace("<head>", `<head>${site.snippet}`) : body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  site.origin = `http://127.0.0.1:${server.address().port}`;
  site.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return site;
}

/** Wait until the page is at rest, and keep what it is then; `probe` runs in the page, on its document. */
async function moment(page, label, probe) {
  await page.waitForFunction(() => window.hushreel?.("recording"));
  const read = () => page.evaluate(`[(${toldLines})(document), (${probe})(document)]`);
  let before = await read();
  for (;;) {
    const time = Date.now();
    await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), 2 * QUIET_MS);
    const now = await read();
    if (JSON.stringify(before) === JSON.stringify(now)) {
      return { label, time: time + QUIET_MS, lines: now[0], probed: now[1], picture: await page.screenshot({ animations: "disabled", caret: "hide" }) };
    }
    before = now;
  }
}

/** Wait until the server has everything: the last thing that was said there is `END`. */
async function leave(page, hushreel, key) {
  await page.evaluate((end) => window.hushreel("event", end), END);
  await page.goto("about:blank");
  for (;;) {
    const { items } = await hushreel.api(`/api/v1/recordings?site=${key}`);
    const events = items.length ? await hushreel.api(`/api/v1/recordings/${items[0].id}/events`) : [];
    if (JSON.stringify(events.slice(-20)).includes(END)) return { events, item: items[0] };
  }
}

/**
 * Record a visit. `pages` are by path (or one page, at `/`); `steps(page, at)` makes the visit; `probe` tells what the tree does
 * not, of the page's document and of the replayed one. `site` holds words for `addSite`, `policy` changes of the site's; a page that `throws` may.
 */
export async function record(browser, hushreel, { pages, steps, probe = () => null, site = {}, policy = null, throws = false, window: options = {} }) {
  const served = await serve(typeof pages === "string" ? { "/": pages } : pages);
  try {
    const { key, snippet } = await hushreel.addSite(served.origin, site);
    if (policy) await hushreel.setPolicy(key, policy);
    served.snippet = snippet;
    const { page, context, errors } = await openWindow(browser, options);
    page.setDefaultTimeout(15_000);
    await page.goto(served.origin + "/");
    await page.waitForFunction(() => window.hushreel?.("recording"));
    const moments = [];
    await steps(page, async (label) => moments.push(await moment(page, label, probe)));
    const { events, item } = await leave(page, hushreel, key);
    await context.close();
    if (!throws) assert.deepEqual(errors, [], "the page had no error");
    return { events, moments, item, probe };
  } finally {
    served.stop();
  }
}

/** Show a recording in the replay frame, and compare each moment with the page, in this order, then backwards, then played to its end. */
export async function compare(browser, hushreel, { events, moments, probe }, { pixels = 0.99, window: options = {} } = {}) {
  const { page: watcher, context, errors } = await openWindow(browser, options);
  watcher.setDefaultTimeout(15_000);
  const replay = await openReplay(watcher, hushreel, events);
  const judge = async ({ label, lines, probed, picture }, how) => {
    const difference = firstDifference(lines, await watcher.evaluate(`(${toldLines})(window.replay.document())`));
    assert.equal(difference, null, `${label}, ${how}: ${JSON.stringify(difference)}`);
    assert.deepEqual(await watcher.evaluate(`(${probe})(window.replay.document())`), probed, `${label}, ${how}`);
    const same = alike(picture, await watcher.screenshot({ animations: "disabled", caret: "hide" }));
    assert.ok(same >= pixels, `${label}, ${how}: ${(same * 100).toFixed(2)} % of the pixels are alike`);
  };
  for (const at of moments) {
    await replay.show(at.time);
    await judge(at, "forwards");
  }
  for (const at of moments.toReversed()) {
    await replay.show(at.time);
    await judge(at, "backwards");
  }
  await replay.play(moments[0].time);
  await replay.show(moments.at(-1).time);
  await judge(moments.at(-1), "after it was played");
  const focused = await watcher.evaluate(() => document.activeElement.localName);
  assert.equal(focused, "body", "the replay takes no focus");
  assert.deepEqual(errors, []);
  await context.close();
}

/** Both, in one. */
export async function replays(browser, hushreel, visit, how) {
  const recorded = await record(browser, hushreel, visit);
  await compare(browser, hushreel, recorded, how);
  return recorded;
}
