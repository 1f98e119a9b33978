// `make bench-size`: what visits to real web sites take on disk, beside what the same visits are as rrweb events, gzipped batch by batch.
// Both recorders are in the page at once. Each site is visited until the store knows what its pages have in common, then measured.
// `--readme` puts the figures into README.md. VISITS and PRESETS narrow it (names, parted by `|` and `,`); LEARN and MEASURE say how often.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { launchBrowser, openWindow } from "../tests/browser/lib/chromium.mjs";
import { startHushreel } from "../tests/browser/lib/hushreel.mjs";
import { allVisits } from "../tests/browser/lib/visits.mjs";

const CHOSEN = (process.env.VISITS ?? "a large type|Programming Language|Python|TodoMVC, React|Swagger|DokuWiki").split("|");
const PRESETS = (process.env.PRESETS ?? "strict,balanced,full").split(",");
const LEARN = Number(process.env.LEARN ?? 5);
const MEASURE = Number(process.env.MEASURE ?? 3);
const AIMS = { strict: 0.25, full: 0.5 };
const README = new URL("../README.md", import.meta.url);
const MARKS = /(<!-- size -->\n)[^]*(<!-- \/size -->)/;
/** How often rrweb's batches go: as ours. */
const BATCH_MS = 2_500;
/** Each event is handed out at once, so that none dies with its page. */
const RECORDER = `import { record } from "rrweb"; record({ emit: (event) => window.rrwebEvent(JSON.stringify(event)) });`;

async function until(question) {
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function rrweb() {
  const stdin = { contents: RECORDER, resolveDir: new URL("../dashboard-ui", import.meta.url).pathname };
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, write: false, format: "iife" });
  return `<script>${outputFiles[0].text.replaceAll("</script", "<\\/script")}</script>`;
}

/** One visit with both recorders; bytes that rrweb's batches are, and milliseconds that it lasted. */
async function visitOnce(browser, site, { path, visit }) {
  const { page, context } = await openWindow(browser);
  /** By page and time, as a recorder would have sent them. */
  const batches = new Map();
  await page.exposeBinding("rrwebEvent", ({ frame }, text) => {
    const batch = `${frame.url()} ${Math.floor(performance.now() / BATCH_MS)}`;
    batches.set(batch, [...(batches.get(batch) ?? []), text]);
  });
  const began = performance.now();
  await page.goto(site.origin + path);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await visit(page, () => page.waitForTimeout(300));
  await page.waitForTimeout(BATCH_MS);
  await page.evaluate(() => window.hushreel("stop"));
  const ms = performance.now() - began;
  // What the closing page still sends.
  await page.goto("about:blank");
  await context.close();
  const bytes = [...batches.values()].reduce((sum, events) => sum + gzipSync(`[${events.join()}]`, { level: 6 }).length, 0);
  return { bytes, ms };
}

/** All recordings of a site, once they are packed. */
const packed = (hushreel, key) =>
  until(async () => {
    const { items } = await hushreel.api(`/api/v1/recordings?site=${key}&limit=200`);
    return items.every((item) => item.marked_at) && items;
  });

async function filesOf(folder) {
  let bytes = 0;
  for (const name of await readdir(folder)) if (/\.db(-wal)?$/.test(name)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

async function measure(browser, recorder, preset) {
  const hushreel = await startHushreel();
  const of = { rrweb: 0, ours: 0, recordings: 0, ms: 0, first: 0, firstRrweb: 0 };
  try {
    const sites = [];
    for (const [name, one] of Object.entries(allVisits).filter(([name]) => CHOSEN.some((part) => name.includes(part)))) {
      const site = await one.serve();
      const { key, snippet } = await hushreel.addSite(site.origin, { preset });
      site.snippet = snippet + recorder;
      sites.push({ name, one, site, key });
    }
    for (const { one, site } of sites) for (let time = 0; time < LEARN; time += 1) of.firstRrweb += (await visitOnce(browser, site, one)).bytes;
    for (const { key } of sites) of.first += (await packed(hushreel, key)).reduce((sum, { bytes }) => sum + bytes, 0);
    // Each site whose pages have anything in common gets its dictionary within a minute.
    await until(() => sites.length <= (hushreel.log().match(/in common is kept once/g) ?? []).length);
    for (const { name, one, site, key } of sites) {
      const before = new Set((await packed(hushreel, key)).map(({ id }) => id));
      let theirs = 0;
      for (let time = 0; time < MEASURE; time += 1) {
        const { bytes, ms } = await visitOnce(browser, site, one);
        theirs += bytes;
        of.ms += ms;
      }
      const fresh = (await packed(hushreel, key)).filter(({ id }) => !before.has(id));
      const ours = fresh.reduce((sum, { bytes }) => sum + bytes, 0);
      of.rrweb += theirs;
      of.ours += ours;
      of.recordings += fresh.length;
      console.log(`${preset.padEnd(9)} ${name.padEnd(40)} rrweb ${String(theirs).padStart(8)}  ours ${String(ours).padStart(8)}  ${(ours / theirs).toFixed(3)}`);
    }
    for (const { site } of sites) await site.stop();
    await hushreel.end();
    of.files = (await filesOf(hushreel.data)) + (await filesOf(join(hushreel.data, "chunks")));
  } finally {
    await hushreel.stop();
  }
  return of;
}

const browser = await launchBrowser();
try {
  const recorder = await rrweb();
  const rows = [];
  for (const preset of PRESETS) {
    const { rrweb, ours, recordings, ms, first, firstRrweb, files } = await measure(browser, recorder, preset);
    const kb = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
    const minutes = ms / 60_000;
    rows.push([preset, kb(rrweb / minutes), kb(ours / minutes), (ours / rrweb).toFixed(3), AIMS[preset] ? `≤ ${AIMS[preset]}` : "", (first / firstRrweb).toFixed(2)]);
    console.log(`${preset}: ${recordings} recordings, ${minutes.toFixed(1)} minutes, ratio ${(ours / rrweb).toFixed(3)} (${AIMS[preset] ?? "no"} aim); the first ${LEARN} of each site ${(first / firstRrweb).toFixed(3)}; all files ${kb(files)}`);
  }
  if (process.argv.includes("--readme")) {
    const head = ["preset", "rrweb, gzip, a minute", "ours, a minute", "ratio", "aim", `ratio of a site's first ${LEARN}`];
    const table = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
    await writeFile(README, (await readFile(README, "utf8")).replace(MARKS, `$1${table}\n$2`));
  }
} finally {
  await browser.close();
}
