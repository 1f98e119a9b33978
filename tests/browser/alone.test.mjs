// A recording exported as one HTML file plays from the disk: the page as it was, without a request, and without running anything that
// a recording holds.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { firstDifference, toldLines } from "./lib/compare.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { assetsOf, openReplay } from "./lib/player.mjs";

const BINARY = process.env.HUSHREEL_BIN ?? "target/debug/hushreel";
const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Workshop</title>
<style>body{margin:0;height:2000px;font:16px sans-serif}.hot{color:red}</style></head><body>
<h1>Workshop &lt;/script&gt;&lt;script&gt;window.ran = 1&lt;/script&gt;</h1><p id="count">0</p><ul id="list"></ul>
<input id="name"><img id="picture" src="/pixel.png" width="20" height="20" alt="">
<div id="host"></div><iframe srcdoc="<p>inside</p>"></iframe>
<script>document.getElementById("host").attachShadow({ mode: "open" }).innerHTML = "<b>shadow</b>";</script></body></html>`;

const browser = await startBrowser();
const hushreel = await startHushreel();
const folder = await mkdtemp(join(tmpdir(), "hushreel-alone-"));
let snippet = "";
const server = createServer((question, answer) => {
  if (question.url === "/pixel.png") return answer.writeHead(200, { "Content-Type": "image/png", "Cache-Control": "max-age=600" }).end(PIXEL);
  answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(PAGE.replace("</head>", `${snippet}</head>`));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
after(async () => {
  server.closeAllConnections();
  server.close();
  await hushreel.stop();
  await rm(folder, { recursive: true, force: true });
});
const origin = `http://127.0.0.1:${server.address().port}`;
const site = await hushreel.addSite(origin);
snippet = site.snippet;

/** Open a file of the disk, and watch what it asks for and says. */
async function openFile(path) {
  const { page, context } = await openWindow(browser);
  const asked = [], wrong = [];
  context.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => wrong.push(dialog.message()));
  await page.goto(pathToFileURL(path).href);
  await page.waitForFunction(() => document.documentElement.dataset.painted !== undefined);
  return { page, context, asked, wrong, loads: () => asked.filter((url) => !/^(file|data|blob|about):/.test(url)) };
}

const exported = async (id, name) => {
  const path = join(folder, name);
  await promisify(execFile)(BINARY, ["recording", "export", id, "--html", "--output", path, "--data", hushreel.data]);
  return path;
};

test("a recording plays from its file as in the dashboard, without a request", async () => {
  const visit = await openWindow(browser);
  await visit.page.goto(origin);
  await visit.page.waitForFunction(() => window.hushreel?.("recording"));
  await visit.page.fill("#name", "Ada");
  await visit.page.evaluate(async () => {
    for (let row = 0; row < 20; row++) list.append(Object.assign(document.createElement("li"), { textContent: `row ${row}`, className: row % 3 ? "" : "hot" }));
    count.firstChild.data = "20";
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    scrollTo(0, 100);
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  await visit.page.evaluate(() => window.hushreel("stop"));
  await visit.page.goto("about:blank");
  await visit.context.close();
  let recording;
  while (!recording?.marked_at) [recording] = (await hushreel.api(`/api/v1/recordings?site=${site.key}`)).items;

  const events = await hushreel.api(`/api/v1/recordings/${recording.id}/events`);
  const dashboard = await openWindow(browser);
  const replay = await openReplay(dashboard.page, hushreel, events, await assetsOf(hushreel, recording.id));
  await replay.show(events.at(-1).timestamp);
  const wanted = await dashboard.page.evaluate(toldLines, await dashboard.page.evaluateHandle(() => window.replay.document()));

  const { page, context, loads, wrong } = await openFile(await exported(recording.id, "recording.html"));
  const inner = "#stage iframe";
  assert.equal(await page.getAttribute(inner, "sandbox"), "allow-same-origin");
  // By the keyboard alone: to the end, to the beginning, play and pause.
  await page.keyboard.press("End");
  await page.waitForFunction(() => Number(document.documentElement.dataset.painted) > 1_000);
  const lines = await page.evaluate(toldLines, await page.evaluateHandle(() => document.querySelector("#stage iframe").contentDocument));
  assert.ok(wanted.some((line) => line.includes("row 19")) && wanted.length > 40);
  assert.equal(firstDifference(wanted, lines), null);
  const picture = await page.evaluate(() => {
    const image = document.querySelector("#stage iframe").contentDocument.querySelector("#picture");
    return [image.src.slice(0, 5), image.complete, image.naturalWidth];
  });
  assert.deepEqual(picture, ["data:", true, 1]);
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.documentElement.dataset.painted === "0");
  await page.keyboard.press("k");
  await page.waitForFunction(() => document.getElementById("play").getAttribute("aria-label") === "Pause" && Number(document.getElementById("way").value) > 200);
  await page.keyboard.press("k");
  await page.waitForFunction(() => document.getElementById("play").getAttribute("aria-label") === "Play");
  await page.selectOption("#speed", "8");
  assert.deepEqual(loads(), []);
  assert.deepEqual(wrong, []);
  assert.equal(await page.evaluate(() => window.ran ?? document.querySelector("#stage iframe").contentWindow.ran), undefined);
  await context.close();

  const answer = await fetch(`${hushreel.address}/api/v1/recordings/${recording.id}/export.html`, { headers: { Authorization: `Bearer ${hushreel.token}` } });
  assert.match(answer.headers.get("content-disposition"), /^attachment; filename="recording-[0-9a-f]{32}\.html"$/);
  assert.equal(answer.headers.get("content-security-policy"), "sandbox; default-src 'none'");
  assert.equal(await answer.text(), await readFile(join(folder, "recording.html"), "utf8"));
  await dashboard.context.close();
});

test("whatever a recording holds, its file runs nothing of it and loads nothing", async () => {
  const hostile = "</script><script>parent.ran = window.ran = 1</script><!--<script>";
  const element = (id, tagName, attributes, childNodes = []) => ({ type: 2, id, tagName, attributes, childNodes });
  const body = element(3, "body", { onload: "parent.ran=1" }, [
    { type: 3, id: 4, textContent: hostile },
    element(5, "img", { src: `${origin}/pixel.png`, onerror: "parent.ran=1" }),
    element(6, "a", { href: "javascript:parent.ran=1", title: hostile }, [{ type: 3, id: 7, textContent: "x" }]),
    element(8, "style", { _cssText: `@import url(${origin}/x.css); body{background:url(${origin}/y.png)}` }),
    element(9, "iframe", { src: `${origin}/frame`, srcdoc: "<script>parent.parent.ran=1</script>" }),
    element(10, "svg", {}, [element(11, "script", {}, [{ type: 3, id: 12, textContent: "parent.ran=1" }])]),
    element(13, "link", { rel: "stylesheet", href: `${origin}/z.css` }),
    element(14, "meta", { "http-equiv": "refresh", content: `0;url=${origin}/away` }),
    element(15, "form", { action: `${origin}/form` }, [element(16, "button", { autofocus: true, onfocus: "parent.ran=1" })]),
  ]);
  const start = Date.now() - 60_000;
  const events = [
    { type: 4, timestamp: start, data: { href: `${origin}/`, width: 800, height: 600 } },
    { type: 2, timestamp: start + 1, data: { node: { type: 0, id: 1, childNodes: [element(2, "html", {}, [body])] }, initialOffset: { left: 0, top: 0 } } },
    { type: 3, timestamp: start + 2_000, data: { source: 0, adds: [], removes: [], attributes: [], texts: [{ id: 4, value: `${hostile} again` }] } },
    { type: 3, timestamp: start + 3_000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
  const { recordings } = await hushreel.api(`/api/v1/sites/${site.key}/recordings/import`, { method: "POST", body: JSON.stringify(events) });
  const path = await exported(recordings[0].id, "hostile.html");
  const file = await readFile(path, "utf8");
  assert.equal(file.match(/<script/g).length, 2, "the events and the player");
  const { page, context, loads, wrong } = await openFile(path);
  await page.keyboard.press("End");
  await page.waitForFunction(() => Number(document.documentElement.dataset.painted) > 1_000);
  const shown = await page.evaluate(() => document.querySelector("#stage iframe").contentDocument.body.textContent);
  assert.ok(shown.includes("again"), shown);
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual([loads(), wrong], [[], []]);
  await context.close();
});
