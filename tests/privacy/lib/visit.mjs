// Visits planted pages in a browser all of whose traffic goes through the wire, and gathers what a recorder sent meanwhile.
import { gunzipSync } from "node:zlib";
import { launchBrowser, openWindow } from "../../browser/lib/chromium.mjs";
import { haystack } from "./canary.mjs";
import { startWire } from "./wire.mjs";

/** Pages visited side by side. */
const WIDTH = 3;
/** The name of the last thing that is told of a visit; readable whatever is hidden. */
const END = "leak.end";
/** Time for what nobody can await: pictures, late frames, looks at what no event tells of. */
const SETTLE_MS = 700;
/** A last batch that has not left by then will not. */
const LAST_MS_MAX = 10_000;

/** Open a browser that reaches the network by the wire alone. */
export async function startBrowserOnWire() {
  const wire = await startWire();
  const browser = await launchBrowser([], { proxy: { server: `http://127.0.0.1:${wire.port}`, bypass: "<-loopback>" } });
  return {
    wire,
    browser,
    async stop() {
      await browser.close();
      wire.stop();
    },
  };
}

/** Visit each page; `leave(page)` ends a visit once the recorder has told everything. */
export async function visitAll(browser, origin, pages, leave) {
  const rest = [...pages];
  const lane = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) await visit(browser, origin, next, leave);
  };
  await Promise.all(Array.from({ length: WIDTH }, lane));
}

async function visit(browser, origin, { id, path, variants }, leave) {
  const { page, context, errors } = await openWindow(browser);
  page.setDefaultTimeout(10_000);
  try {
    const { from } = variants[0];
    if (from) {
      await page.goto(origin + from(variants[0].canary));
      await Promise.all([page.waitForURL(origin + path), page.click(".on")]);
    } else await page.goto(origin + path);
    await page.waitForFunction(() => window.recorderRuns?.() ?? window.hushreel?.("recording"));
    for (const { act, canary, box } of variants) await act?.(page, canary, box);
    await page.waitForTimeout(SETTLE_MS);
    await leave(page);
    if (errors.length && !variants.some(({ throws }) => throws)) throw new Error(errors[0]);
  } catch (error) {
    throw new Error(`${id}, ${path}: ${error.message}`, { cause: error });
  } finally {
    await context.close();
  }
}

/** End a visit under our recorder: resolved once its last batch has left the browser. */
export const leaveHushreel = (wire, decoder) => async (page) => {
  const recording = await page.evaluate((end) => (window.hushreel("event", end), window.hushreel("recording")), END);
  if (!recording) throw new Error("the recording had ended before its visit did");
  const from = wire.sent.length;
  const until = Date.now() + LAST_MS_MAX;
  await page.goto("about:blank");
  while (!wire.sent.slice(from).some(({ url, body }) => url.includes(`/${recording}/`) && decoder.split(unpacked(body)).flags & 2)) {
    if (Date.now() > until) throw new Error("the last batch never left");
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** End a visit under the naive recorder. */
export const leaveNaive = async (page) => {
  await page.evaluate(() => window.recorderSays());
  await page.goto("about:blank");
};

/** End a visit that may have been refused: whether anything more is sent cannot be awaited. */
export const leaveAnyhow = async (page) => {
  await page.goto("about:blank");
  await page.waitForTimeout(SETTLE_MS);
};

/** Say the end of each recording in the name of its browser, so that the auditor has its turn. */
export async function endAll(wire, address, origin, decoder) {
  const last = new Map();
  for (const { url, body } of wire.sent.filter(isBatch)) {
    const [site, recording, page, seq] = new URL(url).pathname.split("/").slice(3);
    const known = last.get(recording);
    if (!known || known.page !== page || known.seq < +seq) last.set(recording, { site, page, seq: +seq, head: decoder.split(unpacked(body)) });
  }
  const varint = (number) => {
    const bytes = [];
    for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
    return [...bytes, number];
  };
  for (const [recording, { site, page, seq, head }] of last) {
    const { version, flags, policy, secret, sentAt } = head;
    const finish = [1, ...varint(sentAt), 1, 0, 0, 0, 28];
    const body = Buffer.from([version, flags, ...Buffer.from(policy + secret + page, "hex"), ...varint(seq + 1), ...varint(sentAt), ...finish]);
    const answer = await fetch(`${address}/i/v1/${site}/${recording}/${page}/${seq + 1}`, { method: "POST", body, headers: { Origin: origin, "Content-Type": "text/plain" } });
    // One that was refused has ended.
    if (![204, 410].includes(answer.status)) throw new Error(`${recording}: ${answer.status} ${await answer.text()}`);
  }
}

const unpacked = (body) => (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body);

const isBatch = ({ url, body }) => /\/i\/v1\/\w+\/\w+\/\w+\/\d+$/.test(url) && body.length > 0;

/** The ops of a request that brought a batch; none of another. */
export const opsIn = (post, decoder) => (isBatch(post) ? decoder.decode(decoder.split(unpacked(post.body)).body) : []);

/** All strings in a value, in order. */
function stringsIn(value, out = []) {
  if (typeof value === "string") out.push(value);
  else if (value && typeof value === "object") for (const one of Object.values(value)) stringsIn(one, out);
  return out;
}

/** What left the browser for `address`: as it was, unpacked, decoded, and with nothing between one string and the next. */
export function sentTo(wire, address, decoder) {
  const ours = wire.sent.filter(({ url }) => url.replace("tunnel", "http").startsWith(address));
  const batches = ours.filter(isBatch);
  const ops = batches.map((post) => ({ url: post.url, ops: opsIn(post, decoder) }));
  // Batches of one page, in their order.
  const pages = new Map();
  for (const { url, ops: told } of ops) {
    const page = url.replace(/\/\d+$/, "");
    pages.set(page, [...(pages.get(page) ?? []), ...told]);
  }
  return [
    ...ours.flatMap(({ url, head, body }) => [haystack(`head of ${url}`, head), haystack(`body of ${url}`, body)]),
    ...batches.map(({ url, body }) => haystack(`unpacked body of ${url}`, unpacked(body))),
    ...ops.map(({ url, ops }) => haystack(`ops of ${url}`, JSON.stringify(ops))),
    ...[...pages].map(([url, list]) => haystack(`strings of ${url}`, stringsIn(list.map(({ op, at, ...parts }) => parts)).join(""))),
  ];
}

/** What the naive recorder sent: as it was, and its keys and letters with nothing between them. */
export function sentNaively(wire) {
  const posts = wire.sent.filter(({ url }) => url.endsWith("/naive"));
  const pages = new Map();
  for (const { head, body } of posts) {
    const page = /^referer: (.*)$/im.exec(head)[1];
    pages.set(page, [...(pages.get(page) ?? []), ...JSON.parse(body)]);
  }
  const letters = (said, kind, at) => said.filter(([one]) => one === kind).map((words) => words[at]).filter((text) => text.length === 1).join("");
  return [...pages].flatMap(([page, said]) => [
    haystack(`what ${page} said`, said.flat().join("\n")),
    haystack(`keys in ${page}`, letters(said, "keydown", 3)),
    haystack(`fields of ${page}`, letters(said, "input", 1)),
  ]);
}
