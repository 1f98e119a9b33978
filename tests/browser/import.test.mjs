// A page that rrweb recorded, imported: it replays as the page was, and holds nothing of what must not be there.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { firstDifference, toldLines } from "./lib/compare.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { assetsOf, openReplay } from "./lib/player.mjs";

const RRWEB = await readFile(join(dirname(createRequire(import.meta.url).resolve("rrweb")), "rrweb.umd.cjs"), "utf8");

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Workshop</title>
<style>body{margin:0;height:2000px;font:16px sans-serif}.box{height:80px;overflow:auto}.hot{color:red}</style></head><body>
<h1 id="head">Workshop</h1><p id="count">0</p><ul id="list"><li>first<li>second<li>third</ul>
<form><label>Name <input id="name"></label><input type="checkbox" id="agree"><input type="password" id="pass">
<select id="wood"><option>ash<option>oak<option>elm</select><textarea id="words"></textarea></form>
<p id="planted"></p><div id="host"></div><div id="inline" style="color: red; top: 1px">styled</div>
<svg viewBox="0 0 10 10" width="20" height="20"><path d="M0 0L5 5"/></svg><my-part class="x">custom</my-part>
<a id="link" href="https://link.example/a?token=planted-token" onclick="planted()">link</a>
<div class="rr-mask" id="masked">planted words of another mark</div>
<iframe id="frame" srcdoc="<!doctype html><p>inside</p>"></iframe>
<script>
const sheet = new CSSStyleSheet(); sheet.replaceSync("h1{color:navy}"); document.adoptedStyleSheets = [sheet];
const root = document.getElementById("host").attachShadow({ mode: "open" }); root.innerHTML = "<b>shadow</b><i>tree</i>";
</script></body></html>`;

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const server = createServer((question, answer) => answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(PAGE));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
after(() => {
  server.closeAllConnections();
  server.close();
});
const origin = `http://127.0.0.1:${server.address().port}`;
const site = await hushreel.addSite(origin);

const send = (key, text) => hushreel.api(`/api/v1/sites/${key}/recordings/import`, { method: "POST", body: text });
const PLANTED = ["4111 1111", "ada@mail.example", "hunter2-planted", "planted-token", "planted()", "planted words", "steal"];

let events, live;

test("rrweb records a page that changes in every way", async () => {
  const { page, context } = await openWindow(browser);
  await page.goto(origin);
  await page.evaluate(RRWEB);
  await page.evaluate(() => {
    window.told = [];
    rrweb.record({ emit: (event) => told.push(event), recordCanvas: false, maskInputOptions: {}, maskTextClass: "nobody" });
  });
  await page.fill("#name", "Ada");
  await page.check("#agree");
  await page.fill("#pass", "hunter2-planted");
  await page.selectOption("#wood", "oak");
  await page.fill("#words", "two\nlines");
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20)));
    const list = document.getElementById("list");
    for (let row = 0; row < 30; row++) {
      const item = document.createElement("li");
      item.className = row % 3 ? "" : "hot";
      item.append("row ", String(row));
      list.insertBefore(item, list.children[row % 5]);
    }
    await frame();
    list.append(list.firstChild);
    list.children[3].remove();
    document.getElementById("head").after(document.getElementById("host"));
    await frame();
    root.firstChild.textContent = "changed";
    root.append(document.createElement("u"));
    inline.style.top = "7px";
    inline.style.setProperty("left", "3px", "important");
    inline.title = "a title";
    planted.textContent = "pay by 4111 1111 1111 1111 or ask ada@mail.example";
    const script = document.createElement("script");
    script.textContent = "window.steal = 1";
    document.body.append(script);
    await frame();
    document.styleSheets[0].insertRule("li{padding:1px}", 1);
    sheet.insertRule("h1{margin:2px}", 1);
    document.querySelector("style").after(Object.assign(document.createElement("style"), { textContent: "p{color:green}" }));
    await frame();
    document.getElementById("count").firstChild.data = "30";
    frame_();
    function frame_() {
      document.getElementById("frame").contentDocument.body.firstChild.textContent = "inside, changed";
    }
    scrollTo(0, 300);
    await frame();
    scrollTo(0, 0);
    await frame();
  });
  await page.mouse.move(20, 20);
  await page.mouse.move(200, 120);
  await page.waitForFunction(() => told.some(({ type, data }) => type === 3 && data.source === 1));
  live = await page.evaluate(toldLines, await page.evaluateHandle(() => document));
  events = await page.evaluate(() => JSON.stringify(told));
  await context.close();
});

/** Where the page must differ: what was taken out of it. */
const TAKEN = [/planted|4111|ada@mail/, /^ *<input .*(id="pass"|autocomplete)/];
const same = (one) => TAKEN.some((taken) => taken.test(one));

test("imported, it replays as the page was, and what was planted is nowhere", async () => {
  const { recordings } = await send(site.key, events);
  assert.equal(recordings.length, 1);
  const { id } = recordings[0];
  const stored = await hushreel.api(`/api/v1/recordings/${id}/events`);
  const text = JSON.stringify(stored);
  for (const planted of PLANTED) assert.ok(!text.includes(planted), `${planted} is in the stored events`);
  assert.ok(events.includes("4111 1111") && events.includes("ada@mail.example") && events.includes("planted-token") && events.includes("planted words"), "they were in what rrweb told");
  const { page, context } = await openWindow(browser);
  const replay = await openReplay(page, hushreel, stored, await assetsOf(hushreel, id));
  await replay.show(stored.at(-1).timestamp + 1_000);
  const lines = await page.evaluate(toldLines, await page.evaluateHandle(() => window.replay.document()));
  assert.ok(live.length > 100);
  assert.equal(firstDifference(live, lines, same), null);
  const rules = await page.evaluate(() => {
    const { adoptedStyleSheets, styleSheets } = window.replay.document();
    return [...adoptedStyleSheets, ...styleSheets].flatMap(({ cssRules }) => [...cssRules].map(({ cssText }) => cssText)).join(" ");
  });
  for (const wanted of ["h1 { color: navy; }", "h1 { margin: 2px; }", "li { padding: 1px; }", "p { color: green; }"]) assert.ok(rules.includes(wanted), wanted);
  await context.close();
});

test("under a mask nothing of its words is stored, however they come", async () => {
  const masked = await hushreel.addSite(origin, { preset: "strict" });
  const lines = JSON.parse(events).map((event) => JSON.stringify({ window_id: "w", data: [event] })).join("\n");
  const { recordings } = await send(masked.key, lines);
  const text = JSON.stringify(await hushreel.api(`/api/v1/recordings/${recordings[0].id}/events`));
  for (const word of [...PLANTED, "Workshop", "second", "inside", "shadow", "Ada", "oak", "a title"]) assert.ok(!text.includes(word), word);
  assert.ok(text.includes("█"));
});
