// `make bench`: what a visitor downloads and sends, each beside what it is compared with, in one run.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { startBrowser, openWindow } from "../tests/browser/lib/browser.mjs";
import { FULL, loadDecoder, openDoor } from "../tests/browser/lib/door.mjs";
import { freePort, startHushreel } from "../tests/browser/lib/hushreel.mjs";
import { longPage } from "./page.mjs";
import { readFile } from "node:fs/promises";

const STRICT = { ...FULL, preset: "strict", text: "mask", forms: "off", media: "block", urls: "listed" };
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const row = (what, value, beside = "") => console.log(`${what.padEnd(58)} ${value.padStart(12)}  ${beside}`);

/** The recorder as a visitor downloads it. */
async function downloads(hushreel) {
  for (const preset of ["strict", "full"]) {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const { key } = await hushreel.addSite(origin, { preset });
    const file = Buffer.from(await (await fetch(`${hushreel.address}/r/${key}.js`)).arrayBuffer());
    const packed = brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    row(`recorder, ${preset}, brotli`, kilobytes(packed.length), `aim ${preset === "strict" ? "10.2" : "15.0"} kB · @rrweb/record 20.5 kB`);
  }
}

/** The first snapshot of a long page, against its own HTML; both compressed alike. */
async function snapshots(browser, decoder) {
  const html = gzipSync(longPage()).length;
  for (const [name, policy] of [["text shown", FULL], ["masked", STRICT]]) {
    const door = await openDoor({ ...policy, consent: "not-required" });
    door.html = longPage(door.snippet);
    const { page, context } = await openWindow(browser);
    const arrived = new Promise((resolve) => (door.arrived = resolve));
    await page.goto(door.origin);
    const nodes = await page.evaluate(() => {
      const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
      let count = 1;
      while (walker.nextNode()) count++;
      return count;
    });
    await arrived;
    const first = door.batches.map(({ raw }) => raw).find((raw) => decoder.split(raw).seq === 0);
    const bytes = gzipSync(first).length;
    row(`first snapshot of ${nodes} nodes, ${name}, gzip`, kilobytes(bytes), `${(bytes / html).toFixed(2)} × the page's own gzipped HTML (${kilobytes(html)})`);
    await context.close();
    door.stop();
  }
}

/** Resident memory of a server that has served nothing for a moment. */
async function idleMemory(hushreel) {
  const status = await readFile(`/proc/${hushreel.pid()}/status`, "utf8");
  row("server, idle, resident", kilobytes(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024), "aim 30 000 kB");
}

const browser = await startBrowser();
const decoder = await loadDecoder();
await snapshots(browser, decoder);
const hushreel = await startHushreel();
await idleMemory(hushreel);
await downloads(hushreel);
await hushreel.stop();
await browser.close();
