// `make bench-seek`: how soon a watcher sees the right page, anywhere in an hour of 100,000 events. The recording goes through the real
// door and is watched in the real dashboard, in a Chromium that has seen nothing of it. A seek lasts from the pointer's release on the
// timeline to the end of the first frame in which the page is, card by card, what it was for the visitor at that moment.
// `--readme` puts the figures into README.md. SEEKS says how many.
import { readFileSync, writeFileSync } from "node:fs";
import { launchBrowser, openWindow } from "../tests/browser/lib/chromium.mjs";
import { startHushreel } from "../tests/browser/lib/hushreel.mjs";
import { EVENTS, MINUTES, recordHour, shownAt, shownPage } from "./seek/long.mjs";

const SEEKS = Number(process.env.SEEKS ?? 40);
const ORIGIN = "https://shop.example.com";
const EMAIL = "bench@example.com";
const PASSWORD = "gentle otters polish nine lanterns";
const README = new URL("../README.md", import.meta.url);
const MARKS = /(<!-- seek -->\n)[^]*(<!-- \/seek -->)/;

/** Runs in the dashboard: note when the page in the replay is `wanted`, from the pointer's release or from the document's beginning. */
function watch({ wanted, read, fromRelease }) {
  const shown = new Function(`return (${read})`)();
  const inner = () => document.querySelector('iframe[src="/replay-frame/"]')?.contentDocument?.querySelector("iframe")?.contentDocument;
  let began = fromRelease ? null : 0;
  if (fromRelease) addEventListener("pointerup", () => (began = performance.now()), { capture: true, once: true });
  window.seen = new Promise((resolve) => {
    const channel = new MessageChannel();
    const look = () => {
      const page = inner();
      if (began === null || !page?.body || shown(page) !== wanted) return requestAnimationFrame(look);
      // Comes behind the frame that this callback began.
      channel.port1.onmessage = () => resolve(performance.now() - began);
      channel.port2.postMessage(null);
    };
    requestAnimationFrame(look);
  });
}

async function signIn(hushreel, context) {
  const { link } = await hushreel.command("setup");
  const token = new URL(link).hash.slice("#token=".length);
  const headers = { Origin: hushreel.address };
  const data = { token, email: EMAIL, password: PASSWORD, language: "en" };
  const answer = await context.request.post(`${hushreel.address}/api/v1/setup`, { data, headers });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
}

async function until(question) {
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Bytes of JavaScript that the tab holds once it was tidied up, of all its documents. */
async function heapOf(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize;
}

/** The first opening, and the seeks after it, in milliseconds; the heap in bytes. */
async function measure(hushreel, id, marks) {
  const browser = await launchBrowser();
  try {
    // What looks at the replay is made of text, which the dashboard's policy forbids.
    const { page, context } = await openWindow(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", bypassCSP: true });
    page.setDefaultTimeout(60_000);
    await signIn(hushreel, context);
    const [first] = await shownAt([1]);
    await page.addInitScript(`if (top === self) (${watch})(${JSON.stringify({ wanted: first, read: String(shownPage), fromRelease: false })})`);
    await page.goto(`${hushreel.address}/recordings/${id}?t=1`, { waitUntil: "commit" });
    const opening = await page.evaluate(() => window.seen);

    const slider = await page.waitForSelector('.timeline [role="slider"]');
    const box = await slider.boundingBox();
    const places = Array.from({ length: SEEKS }, () => Math.round(box.x + 2 + Math.random() * (box.width - 4)));
    const timeAt = (x) => Math.min(Math.max((x - box.x) / box.width, 0), 1) * marks.end;
    const wanted = await shownAt(places.map(timeAt));
    const seeks = [];
    for (const [number, x] of places.entries()) {
      await page.mouse.move(x, box.y + box.height / 2);
      await page.evaluate(watch, { wanted: wanted[number], read: String(shownPage), fromRelease: true });
      await page.mouse.down();
      await page.mouse.up();
      seeks.push(await page.evaluate((number) => Promise.race([window.seen, new Promise((_, reject) => setTimeout(() => reject(new Error(`seek ${number} never showed the page`)), 20_000))]), number));
      // A person looks at what there is to see; what is likely next is fetched meanwhile.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    }
    return { opening, seeks, heap: await heapOf(page), nodes: await page.evaluate(() => document.querySelector('iframe[src="/replay-frame/"]').contentDocument.querySelector("iframe").contentDocument.querySelectorAll("*").length) };
  } finally {
    await browser.close();
  }
}

const hushreel = await startHushreel();
try {
  const site = await hushreel.addSite(ORIGIN, { preset: "full" });
  await hushreel.setPolicy(site.key, { max_minutes: 120 });
  const sent = performance.now();
  const id = await recordHour(hushreel, site, ORIGIN);
  const recorded = performance.now();
  await until(async () => (await hushreel.api(`/api/v1/recordings/${id}`)).marked_at);
  const finished = performance.now();
  const marks = await hushreel.api(`/api/v1/recordings/${id}/marks`);
  const events = await hushreel.api(`/api/v1/recordings/${id}/events`);
  const { bytes } = await hushreel.api(`/api/v1/recordings/${id}`);
  console.log(`${events.length} events in ${(marks.end / 60_000).toFixed(1)} minutes, ${(bytes / 1e6).toFixed(1)} MB of chunks, ${marks.keyframes.length} keyframes; sent in ${((recorded - sent) / 1000).toFixed(0)} s, finished ${((finished - recorded) / 1000).toFixed(1)} s later`);
  const { opening, seeks, heap, nodes } = await measure(hushreel, id, marks);
  const sorted = [...seeks].sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  const ms = (number) => `${number.toFixed(0)} ms`;
  const rows = [
    ["opening, cold, to the first right frame", ms(opening), "1000 ms"],
    [`seek to one of ${seeks.length} random moments, p50`, ms(at(0.5)), ""],
    [`seek to one of ${seeks.length} random moments, p95`, ms(at(0.95)), "100 ms"],
    ["the longest of them", ms(sorted.at(-1)), ""],
    ["JavaScript heap of the tab after all of them", `${(heap / 1e6).toFixed(1)} MB`, ""],
  ];
  for (const [what, value, aim] of rows) console.log(`${what.padEnd(58)} ${value.padStart(10)}  ${aim && `aim ${aim}`}`);
  if (process.argv.includes("--readme")) {
    const table = ["| what | measured | aim |", "|---|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
    const about = `One page of ${nodes} elements for ${MINUTES} minutes, ${events.length.toLocaleString("en")} events, ${marks.keyframes.length} keyframes.`;
    writeFileSync(README, readFileSync(README, "utf8").replace(MARKS, `$1${about}\n\n${table}\n$2`));
  }
  if (events.length < EVENTS) throw new Error(`only ${events.length} events`);
} finally {
  await hushreel.stop();
}
