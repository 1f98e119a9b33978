// Pictures and fonts are stored: the site is gone, the network is off, and the replay looks the same.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { PNG } from "pngjs";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { alike } from "./lib/compare.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { assetsOf, openReplay } from "./lib/player.mjs";
import { rustDocumentation, serveFolder } from "./lib/sites.mjs";

/** Of a real page's pixels, so many must be the same. */
const ALIKE_MIN = 0.97;

/** A host whose pages are no secure context when they come without TLS; those of the loopback address always are one. */
const PLAIN_HOST = "shop.test";

const browser = await startBrowser([`--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`]);
const hushreel = await startHushreel();
after(() => hushreel.stop());

/** A picture of stripes that no other picture looks like. */
function picture(hue, width = 60, height = 40) {
  const png = new PNG({ width, height });
  for (let at = 0; at < width * height; at++) {
    const stripe = (Math.floor((at % width) / 6) + Math.floor(at / width / 6)) % 2;
    png.data.set([hue, stripe ? 220 : 30, 255 - hue, 255], 4 * at);
  }
  return PNG.sync.write(png);
}

/** Serve these bodies; the headers may say who may read. */
async function serve(files, headers = {}) {
  const asked = [];
  const server = createServer((question, answer) => {
    asked.push(question.url);
    const file = files[new URL(question.url, "http://site").pathname];
    if (!file) return answer.writeHead(404).end();
    answer.writeHead(200, { "Content-Type": file.type, "Cache-Control": "max-age=3600", ...headers }).end(file.body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
  after(() => server.listening && stop());
  return { origin: `http://127.0.0.1:${server.address().port}`, asked, stop };
}

const png = (hue) => ({ type: "image/png", body: picture(hue) });
const fonts = join(await rustDocumentation(), "static.files");
const fontFile = (await readdir(fonts)).find((name) => /^FiraSans-Regular.*\.woff2$/.test(name));
const font = { type: "font/woff2", body: await readFile(join(fonts, fontFile)) };
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 16"><circle cx="8" cy="8" r="7" fill="teal"/><script>fetch('/stolen')</script></svg>`;

/** A site, and its snippet for pages on any port. */
async function addSite(origin, options) {
  const { key, snippet } = await hushreel.addSite(origin, options);
  return { key, snippet };
}

/** What the server has of the newest recording of a site, once `ready` says that it is all. */
async function untilRecorded(site, ready) {
  for (;;) {
    const { items } = await hushreel.api(`/api/v1/recordings?site=${site}`);
    if (items.length) {
      const { id } = items[0];
      const [assets, events] = [await hushreel.api(`/api/v1/recordings/${id}/assets`), await hushreel.api(`/api/v1/recordings/${id}/events`)];
      if (ready(assets, events)) return { id, assets, events };
    }
  }
}

/** The page at rest: fonts and pictures are there, two frames were painted. */
const settled = (page) =>
  page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });

/** The end of a recording, in a window without a network. */
async function replayed(recording) {
  const { page, context } = await openWindow(browser);
  const requests = [];
  const replay = await openReplay(page, hushreel, recording.events, await assetsOf(hushreel, recording.id));
  page.on("request", (request) => /^https?:/.test(request.url()) && requests.push(request.url()));
  await replay.show(recording.events.at(-1).timestamp);
  const shot = await page.screenshot({ animations: "disabled", caret: "hide" });
  assert.deepEqual(requests, [], "nothing was asked for");
  return { page, shot, close: () => context.close() };
}

const SHOTS = { animations: "disabled", caret: "hide" };

test("a page of every kind of picture and font looks the same after its site is gone", async () => {
  const closed = await serve({ "/closed.png": png(10), "/closed-too.png": png(11) });
  const open = await serve({ "/open.png": png(20), "/open.woff2": font }, { "Access-Control-Allow-Origin": "*" });
  const files = {
    "/own.png": png(30), "/background.png": png(40), "/imported.png": png(50), "/adopted.png": png(60), "/inserted.png": png(70),
    "/poster.png": png(80), "/button.png": png(90), "/wide.png": png(100), "/later.png": png(110), "/style.png": png(120), "/never.png": png(130),
    "/icon.svg": { type: "image/svg+xml", body: SVG }, "/own.woff2": font, "/unused.woff2": font,
    "/css/imported.css": { type: "text/css", body: `.imported { background: url(../imported.png) }` },
    "/css/site.css": {
      type: "text/css",
      body: `@import "imported.css";
        @font-face { font-family: Own; src: url("../own.woff2") format("woff2") }
        @font-face { font-family: Unused; src: url("../unused.woff2") }
        body { margin: 8px; font: 20px Own, monospace }
        .box { display: inline-block; width: 90px; height: 60px; margin: 4px }
        .background { background: url(../background.png) } .icon { background: url(../icon.svg) no-repeat; background-size: 45px 30px }
        .open { font: 20px Open, monospace }`,
    },
  };
  const site = await serve(files);
  const { key, snippet } = await addSite(site.origin);
  const inline = `data:image/png;base64,${picture(140, 200, 100).toString("base64")}`;
  files["/"] = {
    type: "text/html; charset=utf-8",
    body: `<!doctype html><head>${snippet}
      <link rel="stylesheet" href="/css/site.css"><style>@font-face { font-family: Open; src: url(${open.origin}/open.woff2) }</style></head>
      <body><p>Letters of the site's own</p><p class="open">Letters from elsewhere</p>
      <img src="/own.png"><img src="/icon.svg" width="48"><img src="/icon.svg" style="max-width: 96px"><img src="${open.origin}/open.png"><img id="closed" src="${closed.origin}/closed.png">
      <img id="closed-too" src="${closed.origin}/closed-too.png">
      <img srcset="/never.png 9x, /wide.png 1x"><picture><source srcset="/wide.png"><img src="/never.png" height="20"></picture><img src="${inline}">
      <img id="blob"><input type="image" src="/button.png"><video id="video" poster="/poster.png" width="90" height="60"></video>
      <svg width="60" height="40"><image href="/own.png" width="60" height="40"/></svg>
      <div class="box background"></div><div class="box imported"></div><div class="box icon"></div><div class="box adopted"></div>
      <div class="box inserted"></div><div class="box" style="background: url(style.png)"></div><div id="host"></div><span id="later"></span>
      <script>
        fetch("/own.png").then((answer) => answer.blob()).then((blob) => (document.getElementById("blob").src = URL.createObjectURL(blob)));
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(".adopted { background: url(adopted.png) }");
        document.adoptedStyleSheets = [sheet];
        document.getElementById("host").attachShadow({ mode: "open" }).innerHTML = '<style>b { background: url(/background.png) }</style><b>in a shadow</b>';
      </script></body>`,
  };
  const { page, context, errors } = await openWindow(browser);
  await page.goto(site.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(async () => {
    document.styleSheets[0].insertRule(".inserted { background: url(../inserted.png) }", 1);
    const image = Object.assign(new Image(), { src: "/later.png" });
    document.getElementById("later").append(image);
    // Nobody may read the first two, so that the replay shows their room alone; over a video the player draws its controls.
    for (const id of ["closed", "closed-too", "video"]) document.getElementById(id).style.visibility = "hidden";
  });
  await settled(page);
  const live = await page.screenshot(SHOTS);
  const recording = await untilRecorded(key, ({ items, missing }) => items.length >= 14 && missing.length >= 2 && !missing.some(({ cause }) => cause === "lost"));
  await context.close();
  await Promise.all([site.stop(), open.stop(), closed.stop()]);

  assert.deepEqual(errors, []);
  assert.deepEqual(recording.assets.missing.map(({ url, cause }) => `${new URL(url).pathname} ${cause}`), ["/closed-too.png cors", "/closed.png cors"]);
  assert.ok(!site.asked.includes("/never.png") && !site.asked.includes("/unused.woff2"), "what the page did not load was not read");
  assert.ok(!site.asked.includes("/stolen"));
  assert.equal(site.asked.length, new Set(site.asked).size, `read out of the cache: ${site.asked}`);
  const told = JSON.stringify(recording.events);
  assert.doesNotMatch(told, /\.png|\.woff2/, "no address of them is told");
  assert.match(told, /"poster":"hush:[0-9a-f]{32}"/);
  const { shot, close } = await replayed(recording);
  await close();
  const share = alike(live, shot);
  console.log(`  ${(100 * share).toFixed(2)} % of pixels alike, ${recording.assets.items.length} assets`);
  assert.ok(share >= 0.999, "but for the edges of what was drawn as pixels");
});

test("a style sheet of another origin is shown where its server lets anybody read it, and listed where not", async () => {
  const css = (body) => ({ type: "text/css", body });
  const open = await serve({
    "/css/open.css": css(`@font-face { font-family: "Far"; src: url(../far.woff2) format("woff2") } @font-face { font-family: "Far"; font-weight: 700; src: url(../bold.woff2) }
      .open { font-family: Far; color: rgb(0, 90, 0); background: url(../stripes.png); } /* } */ @media (min-width: 10px) { .open { padding: 20px } }`),
    "/css/imported.css": css(`.imported { color: rgb(0, 0, 160); margin-left: 40px }`),
    "/stripes.png": png(61), "/far.woff2": font, "/bold.woff2": font,
  }, { "Access-Control-Allow-Origin": "*" });
  const closed = await serve({ "/closed.css": css(`.closed { visibility: hidden }`) });
  const files = {};
  const site = await serve(files);
  const { key, snippet } = await addSite(site.origin);
  files["/"] = {
    type: "text/html; charset=utf-8",
    body: `<!doctype html><head>${snippet}<link rel="stylesheet" href="${open.origin}/css/open.css"><link rel="stylesheet" href="${closed.origin}/closed.css">
      <style>@import "${open.origin}/css/imported.css" screen; p { font-size: 30px }</style></head>
      <body><p class="open">Open</p><p class="imported">Imported</p><p class="closed">C</p></body>`,
  };
  const { page, context, errors } = await openWindow(browser);
  await page.goto(site.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await settled(page);
  // Nobody may read what hides it, so that the replay shows it.
  await page.evaluate(() => document.querySelector(".closed").remove());
  const live = await page.screenshot(SHOTS);
  const recording = await untilRecorded(key, ({ items, missing }) => items.length >= 2 && missing.length && !missing.some(({ cause }) => cause === "lost"));
  await context.close();
  await Promise.all([site.stop(), open.stop(), closed.stop()]);
  assert.deepEqual(errors, []);
  assert.deepEqual(recording.assets.missing.map(({ url, cause }) => [url, cause]), [[`${closed.origin}/closed.css`, "cors"]]);
  const { shot, close } = await replayed(recording);
  await close();
  assert.ok(alike(live, shot) >= 0.9999);
  assert.ok(!open.asked.includes("/bold.woff2"), "what the page did not load was not read");
  assert.equal(open.asked.length, new Set(open.asked).size, `read out of the cache: ${open.asked}`);
});

test("of a picture in what is sensitive only its size is told, and its bytes stay in the browser", async () => {
  const files = { "/seen.png": png(31), "/secret.png": png(41), "/poster.png": png(51) };
  const site = await serve(files);
  const { key, snippet } = await addSite(site.origin);
  files["/"] = {
    type: "text/html; charset=utf-8",
    body: `<!doctype html><head>${snippet}</head><body><img src="/seen.png"><div data-hush="sensitive"><img src="/secret.png">
      <input type="image" src="/secret.png"><video poster="/poster.png"></video><svg><image href="/secret.png"/></svg></div></body>`,
  };
  const { page, context } = await openWindow(browser);
  await page.goto(site.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await settled(page);
  const { assets, events } = await untilRecorded(key, ({ items }) => items.length);
  await context.close();
  await site.stop();
  // What was named and has not come would be missing.
  assert.deepEqual([assets.items.length, assets.missing], [1, []]);
  assert.equal(JSON.stringify(events).match(/hush:[0-9a-f]/g).length, 1);
  assert.match(JSON.stringify(events), /width='60' height='40'/);
});

test("a page without TLS says of each picture why it was not read", async () => {
  const files = { "/seen.png": png(32) };
  const site = await serve(files);
  const origin = site.origin.replace("127.0.0.1", PLAIN_HOST);
  const { key, snippet } = await addSite(origin, { plain: true });
  files["/"] = { type: "text/html; charset=utf-8", body: `<!doctype html><head>${snippet}</head><body><img src="/seen.png"></body>` };
  const { page, context } = await openWindow(browser);
  await page.goto(origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  const { assets } = await untilRecorded(key, ({ missing }) => missing.length && missing[0].cause !== "lost");
  await context.close();
  await site.stop();
  assert.deepEqual(assets, { items: [], missing: [{ ...assets.missing[0], cause: "insecure", url: `${origin}/seen.png` }] });
});

for (const path of ["/std/vec/struct.Vec.html", "/std/index.html", "/book/ch03-02-data-types.html", "/reference/types.html"]) {
  test(`the Rust documentation's ${path} looks the same with the network off`, async () => {
    const site = await serveFolder(await rustDocumentation());
    after(site.stop);
    const { key, snippet } = await addSite(site.origin);
    site.snippet = snippet;
    const { page, context } = await openWindow(browser);
    await page.goto(site.origin + path);
    await page.waitForFunction(() => window.hushreel?.("recording"));
    await settled(page);
    const live = await page.screenshot(SHOTS);
      const fonts = await page.evaluate(() => [...document.fonts].filter(({ status }) => status === "loaded").length);
    const recording = await untilRecorded(key, ({ items, missing }) => items.filter(({ kind }) => kind.startsWith("font/")).length >= fonts && !missing.some(({ cause }) => cause === "lost"));
    await context.close();
    await site.stop();
    const { shot, close } = await replayed(recording);
    await close();
    const share = alike(live, shot);
    const bytes = recording.assets.items.reduce((sum, asset) => sum + asset.bytes, 0);
    console.log(`  ${path}: ${(100 * share).toFixed(2)} % of pixels alike, ${recording.assets.items.length} assets of ${Math.round(bytes / 1000)} kB`);
    assert.deepEqual(recording.assets.missing, []);
    assert.ok(share >= ALIKE_MIN);
  });
}
