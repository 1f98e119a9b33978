// What becomes of a backlog when the visitor goes on to the next page: all of it arrives, or the gap is exact.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { loadDecoder, openDoor } from "./lib/door.mjs";

const [browser, decoder] = [await startBrowser(), await loadDecoder()];

/** Runs in the page: `count` changes of a counter, each in a frame of its own and `bytes` long. */
async function countUp({ count, bytes }) {
  const node = document.querySelector("#counter").firstChild;
  for (let n = 1; n <= count; n++) {
    const noise = crypto.getRandomValues(new Uint8Array(bytes / 2));
    node.data = `${n} ${Array.from(noise, (byte) => byte.toString(16).padStart(2, "0").replace(/\d/g, "x")).join("")}`;
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }
}

/** Pages in the order of their arrival: the ops of each, in order, and the recording they belong to. */
function pagesOf(door) {
  const pages = new Map();
  for (const { url, raw } of door.batches) {
    const { page, seq, body } = decoder.split(raw);
    const told = pages.get(page) ?? { recording: url.split("/")[4], batches: new Map() };
    told.batches.set(seq, decoder.decode(body));
    pages.set(page, told);
  }
  return [...pages.values()].map(({ recording, batches }) => ({
    recording,
    ops: [...batches].sort(([one], [other]) => one - other).flatMap(([, ops]) => ops),
  }));
}

const counted = (ops) => ops.filter((op) => op.op === "set text").map((op) => parseInt(op.text, 10));

/** Visit a page whose server takes nothing in for a while, count up, and go on to the next page once it does again. */
async function visit(changes) {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Counter</title>${door.snippet}<body><p id="counter">0</p></body>`;
  const { page, context } = await openWindow(browser);
  const first = new Promise((resolve) => (door.arrived = resolve));
  await page.goto(door.origin);
  await first;
  door.status = 503;
  await page.evaluate(countUp, changes);
  door.status = 204;
  await page.goto(`${door.origin}/next`);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  const next = new Promise((resolve) => {
    door.arrived = () => pagesOf(door).length >= 2 && pagesOf(door)[1].ops.length && resolve();
    door.arrived();
  });
  await page.goto("about:blank");
  await next;
  await context.close();
  return pagesOf(door);
}

test("a recording goes on over a page load, and a backlog under 48 kB loses nothing", async () => {
  const count = 40;
  const [left, next] = await visit({ count, bytes: 1_000 });
  assert.equal(next.recording, left.recording);
  assert.deepEqual(counted(left.ops), Array.from({ length: count }, (_, place) => place + 1));
  assert.deepEqual(next.ops.filter((op) => op.op === "gap"), []);
});

test("what a leaving page cannot send any more is counted exactly, and the next page says so", async () => {
  const count = 60;
  const [left, next] = await visit({ count, bytes: 6_000 });
  assert.equal(next.recording, left.recording);
  const [gap] = next.ops.filter((op) => op.op === "gap");
  const arrived = counted(left.ops);
  assert.ok(arrived.length < count, "more was to be sent than a leaving page may");
  assert.ok(gap, "the gap is told");
  assert.equal(arrived.length + gap.ops, count);
  assert.ok(gap.ms > 0);
});
