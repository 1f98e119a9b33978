// One page, visited once under ours and once under rrweb: at each moment the replay, made when the site is gone and nothing can be
// fetched any more, is compared with what the page was. A line of JSON a recorder; pictures that differ are kept beside the results.
import { mkdirSync, writeFileSync } from "node:fs";
import { launchBrowser, openWindow } from "../../tests/browser/lib/chromium.mjs";
import { alike, firstDifference, toldLines } from "../../tests/browser/lib/compare.mjs";
import { startHushreel } from "../../tests/browser/lib/hushreel.mjs";
import { moment } from "../../tests/browser/lib/moment.mjs";
import { assetsOf, openReplay } from "../../tests/browser/lib/player.mjs";
import { ALONE } from "./alone.mjs";
import { tellsNoMore } from "./hidden.mjs";
import { pages } from "./pages.mjs";
import { end, eventsOf } from "./replay.mjs";
import { recordRrweb } from "./rrweb.mjs";

/** Pictures below this are kept, to be looked at. */
const ALIKE_MIN = 0.99;
const PICTURES = new URL("../../target/bench-recorder/pictures/", import.meta.url).pathname;

const [name, only] = process.argv.slice(2);
const entry = pages.find((page) => page.name === name);
if (!entry) throw new Error(`no page is called ${name}`);

/** So long after its last moment a visitor stays. */
const ASSETS_MS = 4_000;

const hushreel = await startHushreel();
const browser = await launchBrowser([ALONE]);

/** How each recorder is put into a site, its events are had, and its replay is opened. */
const recorders = {
  async hushreel(site) {
    const { key } = await hushreel.addSite(site.origin);
    site.snippet = `<script async src="${hushreel.address}/r/${key}.js"></script>`;
    return {
      started: (page) => page.waitForFunction(() => window.hushreel?.("recording")),
      events: async (page) => {
        // Pictures and fonts are read once the page is idle: a visitor who stays for a moment.
        await page.waitForLoadState("networkidle").catch(() => undefined);
        await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), ASSETS_MS);
        await end(page);
        return eventsOf(hushreel, key);
      },
      async open(page, events) {
        const { items } = await hushreel.api(`/api/v1/recordings?site=${key}`);
        return { ...(await openReplay(page, hushreel, events, await assetsOf(hushreel, items[0].id))), document: "window.replay.document()" };
      },
    };
  },
  rrweb: recordRrweb,
};

async function visit(recorder) {
  const site = await entry.serve();
  const { started, events, open } = await recorders[recorder](site);
  const { page, context } = await openWindow(browser);
  const moments = [];
  page.setDefaultTimeout(15_000);
  await page.goto(site.origin + entry.path);
  await started(page);
  await entry.visit(page, async (label) => moments.push({ ...(await moment(page, label)), shows: await page.evaluate(shows, "document") }));
  const told = await events(page);
  await context.close();
  await site.stop();
  return { moments, told, open };
}

/** Runs in a page: what stands there that needs bytes beside the tree. */
function shows(where) {
  const document = window.eval(where);
  // A picture of which only the size is known is told as an empty drawing.
  const images = [...document.images].filter((image) => image.naturalWidth > 1 && image.getBoundingClientRect().width > 1 && !/^data:image\/svg\+xml,%3Csvg[^>]*\/%3E$/i.test(image.currentSrc));
  return { images: images.length, fonts: [...document.fonts].filter((font) => font.status === "loaded").length, canvases: document.querySelectorAll("canvas").length };
}

async function compare(recorder) {
  const { moments, told, open } = await visit(recorder);
  const { page, context } = await openWindow(browser);
  const compared = [];
  try {
    const replay = await open(page, told);
    for (const { label, time, lines, picture, shows: live } of moments) {
      await replay.show(time);
      let hidden = 0;
      const difference = firstDifference(lines, await page.evaluate(`(${toldLines})(${replay.document})`), (...both) => tellsNoMore(...both) && ++hidden);
      const shot = await page.screenshot({ animations: "disabled", caret: "hide" });
      const pixels = alike(picture, shot);
      const replayed = await page.evaluate(`(${shows})(${JSON.stringify(replay.document)})`);
      const lacks = Object.keys(live).filter((kind) => replayed[kind] < live[kind]).map((kind) => `${kind} ${replayed[kind]} of ${live[kind]}`);
      if (pixels < ALIKE_MIN) keepPictures(`${name} ${label} ${recorder}`, picture, shot);
      compared.push({ label, pixels, lacks, hidden, ...(difference ? { difference } : {}) });
    }
  } finally {
    await context.close();
  }
  const unreadable = told.filter(({ type, data }) => type === 5 && /unreadable/.test(data.tag)).map(({ data }) => data.payload);
  return { page: name, kind: entry.kind, recorder, moments: compared, unreadable };
}

function keepPictures(label, live, replayed) {
  mkdirSync(PICTURES, { recursive: true });
  const file = PICTURES + label.replace(/[^\w.-]+/g, "-");
  writeFileSync(`${file}-live.png`, live);
  writeFileSync(`${file}-replayed.png`, replayed);
}

try {
  for (const recorder of Object.keys(recorders)) {
    if (!only || only === recorder) process.stdout.write(JSON.stringify(await compare(recorder)) + "\n");
  }
} finally {
  await browser.close();
  await hushreel.stop();
}
