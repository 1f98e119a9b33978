// `make bench`: what a visitor downloads and sends, each beside what it is compared with, in one run. The recorder comes from the
// real server and sends to it; bytes are counted as they go over the wire.
import { createServer } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import { readFile } from "node:fs/promises";
import { launchBrowser, openWindow } from "../tests/browser/lib/chromium.mjs";
import { loadDecoder } from "../tests/browser/lib/door.mjs";
import { startHushreel } from "../tests/browser/lib/hushreel.mjs";
import { download } from "./download.mjs";
import { longPage } from "./page.mjs";

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const row = (what, value, beside = "") => console.log(`${what.padEnd(58)} ${value.padStart(12)}  ${beside}`);

/** The recorder as a visitor downloads it. */
async function downloads(hushreel) {
  for (const [preset, aim] of [["strict", 10_240], ["full", 15_360]]) {
    const { key } = await hushreel.addSite("https://shop.example.com", { preset });
    const file = await download(`${hushreel.address}/r/${key}.js`, "br");
    row(`recorder, ${preset}, brotli, as served`, kilobytes(file.length), `aim ${kilobytes(aim)} · @rrweb/record 20.6 kB`);
  }
}

/** A page of a shop at an origin of its own; `html` is served at every path. */
async function openShop() {
  const shop = { html: "" };
  const server = createServer((_, answer) => answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(shop.html));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  shop.origin = `http://127.0.0.1:${server.address().port}`;
  shop.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return shop;
}

/** The first snapshot of a long page, against its own HTML; both compressed. */
async function snapshots(hushreel, browser, decoder) {
  const html = gzipSync(longPage()).length;
  for (const [name, preset, aim] of [["text shown", "full", 30], ["masked", "strict", 18]]) {
    const shop = await openShop();
    const { key } = await hushreel.addSite(shop.origin, { preset });
    shop.html = longPage();
    const { page, context } = await openWindow(browser);
    const answered = page.waitForResponse((answer) => answer.url().startsWith(`${hushreel.address}/i/v1/${key}/`));
    await page.goto(shop.origin);
    // Once the page is whole; before, how much of it the first snapshot tells depends on who is faster.
    await page.addScriptTag({ url: `${hushreel.address}/r/${key}.js` });
    const nodes = await page.evaluate(() => {
      const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
      let count = 1;
      while (walker.nextNode()) count++;
      return count;
    });
    const answer = await answered;
    if (answer.status() !== 204) throw new Error(`the server answered ${answer.status()}: ${await answer.text()}`);
    const sent = answer.request().postDataBuffer();
    const { seq, body } = decoder.split(gunzipSync(sent));
    const told = decoder.decode(body).filter(({ op }) => /^(snapshot|doctype|element|block|text|masked|comment)$/.test(op)).length;
    // Children of what is never recorded, such as a script, and the recorder's own tag are not told.
    if (seq !== 0 || told < nodes - 10) throw new Error(`batch ${seq} tells ${told} of ${nodes} nodes`);
    const ratio = (sent.length / html).toFixed(2);
    row(`first snapshot of ${nodes} nodes, ${name}, as sent`, kilobytes(sent.length), `aim ${aim} kB · ${ratio} × the page's own gzipped HTML (${kilobytes(html)})`);
    await context.close();
    shop.stop();
  }
}

/** Resident memory of a server that has served nothing but the question whether it is there. */
async function idleMemory(hushreel) {
  const status = await readFile(`/proc/${hushreel.pid()}/status`, "utf8");
  row("server, idle, resident", kilobytes(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024), "aim 30 000 kB");
}

const hushreel = await startHushreel();
const browser = await launchBrowser();
try {
  await idleMemory(hushreel);
  await downloads(hushreel);
  await snapshots(hushreel, browser, await loadDecoder());
} finally {
  await browser.close();
  await hushreel.stop();
}
