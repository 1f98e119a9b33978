// A finished recording is played from its keyframes: the page of a moment is the same as if it had been played from the start. And what
// the visitor's script did on purpose is what the marks count.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { firstDifference, toldLines } from "./lib/compare.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { assetsOf, openParts, openReplay } from "./lib/player.mjs";

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Workshop</title>
<style>body{margin:0;height:3000px;font:16px sans-serif}.box{height:80px;overflow:auto;border:1px solid}.hot{color:red}</style></head><body>
<h1>Workshop</h1>
<p id="count">0</p><ul id="list"></ul>
<form><label for="name">Your name</label><input id="name"><input type="checkbox" id="agree"><select id="wood"><option>ash<option>oak<option>elm</select>
<textarea id="words"></textarea></form>
<div class="box" id="box"><div style="height:900px">long</div></div>
<button id="works" type="button">Add</button><button id="dead" type="button">Save</button><button id="fails" type="button">Fail</button>
<button id="many" type="button">Next</button><a id="away" href="/other">Elsewhere</a>
<dialog id="dialog"><p>Really?</p><button id="yes">Yes</button></dialog><div id="pop" popover>Note</div>
<div id="host"></div><iframe id="frame" srcdoc="<p>inside</p>"></iframe>
<script>
const sheet = new CSSStyleSheet(); sheet.replaceSync("h1{color:navy}"); document.adoptedStyleSheets = [sheet];
const root = document.getElementById("host").attachShadow({ mode: "open" });
root.innerHTML = "<span>shadow</span>"; const inner = new CSSStyleSheet(); inner.replaceSync("span{color:green}"); root.adoptedStyleSheets = [inner];
const list = document.getElementById("list");
let made = 0;
window.work = (rows) => { for (let row = 0; row < rows; row++) { const item = document.createElement("li"); item.className = row % 3 ? "" : "hot"; item.append("row " + made++); list.prepend(item); }
  while (list.childElementCount > 800) list.lastChild.remove(); document.getElementById("count").textContent = made;
  sheet.insertRule("p.n" + made + "{color:teal}", 1); root.firstChild.textContent = "shadow " + made; frame.contentDocument.body.firstChild.textContent = "inside " + made; };
works.onclick = () => work(1);
fails.onclick = () => { setTimeout(() => { throw new TypeError("on purpose"); }); };
</script></body></html>`;
const OTHER = `<!doctype html><html lang="en"><head><title>Other</title></head><body><h1>Other</h1></body></html>`;

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());

let snippet = "";
const server = createServer((question, answer) => {
  const html = question.url.startsWith("/other") ? OTHER : PAGE;
  answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(html.replace("</head>", `${snippet}</head>`));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
after(() => {
  server.closeAllConnections();
  server.close();
});
const origin = `http://127.0.0.1:${server.address().port}`;
const site = await hushreel.addSite(origin);
snippet = site.snippet;

/** Let so much time pass on the page, by its own clock. */
const pass = (page, ms) => page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), ms);

/** Until the recorder runs on this page. */
const recorded = (page) => page.waitForFunction(() => window.hushreel?.("recording"));

/** The recording's id once its keyframes and marks are made. */
async function finished() {
  for (;;) {
    const { items } = await hushreel.api(`/api/v1/recordings?site=${site.key}`);
    if (items[0]?.marked_at) return items[0];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

let recording;

test("a visit with clicks that tell of trouble is recorded and finished", async () => {
  const { page, context } = await openWindow(browser);
  page.setDefaultTimeout(15_000);
  await page.goto(origin);
  await recorded(page);
  // Enough that several keyframes are due, in batches of their own.
  for (let round = 0; round < 8; round++) {
    await page.evaluate(() => work(800));
    if (round === 1) {
      await page.fill("#name", "Ada");
      await page.check("#agree");
      await page.selectOption("#wood", "oak");
      await page.fill("#words", "two\nlines");
    }
    if (round === 2) await page.evaluate(() => (scrollTo(0, 700), (box.scrollTop = 300)));
    if (round === 3) await page.evaluate(() => dialog.showModal());
    if (round === 4) await page.evaluate(() => (dialog.close(), pop.showPopover()));
    if (round === 5) await page.evaluate(() => (pop.hidePopover(), agree.indeterminate = true, words.focus()));
    await pass(page, 3_000);
  }
  await page.evaluate(() => scrollTo(0, 0));
  await pass(page, 500);
  // One that works, one dead, one with an error, and a rage; the page is at rest otherwise.
  await page.click("#works");
  await pass(page, 2_000);
  await page.click("#dead");
  await pass(page, 2_000);
  await page.click("#fails");
  await page.evaluate(() => work(1));
  await pass(page, 2_000);
  const { x, y } = await page.locator("#many").boundingBox();
  for (let click = 0; click < 4; click++) await page.mouse.click(x + 5, y + 5);
  await page.evaluate(() => work(1));
  await pass(page, 2_000);
  await page.evaluate(() => window.hushreel("event", "bought", { what: "oak" }));
  await page.click("#away");
  await page.waitForURL(/other/);
  await recorded(page);
  await page.goto(origin);
  await recorded(page);
  await pass(page, 500);
  await page.evaluate(() => window.hushreel("stop"));
  await page.goto("about:blank");
  await context.close();
  recording = await finished();
});

test("the counts are those of the script", async () => {
  const { signals } = recording;
  assert.deepEqual(signals, { rage: 1, dead: 1, error_clicks: 1, quick_backs: 1, errors: 1, custom: 1 });
  const { marks, keyframes } = await hushreel.api(`/api/v1/recordings/${recording.id}/marks`);
  const named = (kind) => marks.filter((mark) => mark.kind === kind).map(({ target }) => target.name);
  assert.deepEqual([named("dead"), named("rage"), named("error-click")], [["Save"], ["Next"], ["Fail"]]);
  assert.ok(named("input").includes("Your name"), `${named("input")}`);
  assert.ok(keyframes.length >= 3, `${keyframes.length} keyframes`);
});

test("the page of a moment is the same from the nearest keyframe as from the start", async () => {
  const events = await hushreel.api(`/api/v1/recordings/${recording.id}/events`);
  const marks = await hushreel.api(`/api/v1/recordings/${recording.id}/marks`);
  const dress = await assetsOf(hushreel, recording.id);
  const open = async (opener) => {
    const { page, context } = await openWindow(browser);
    const replay = await opener(page);
    return { page, replay, context, lines: () => page.evaluate(`(${stateLines})(window.replay.document(), ${toldLines})`) };
  };
  const whole = await open((page) => openReplay(page, hushreel, events, dress));
  const parts = await open((page) => openParts(page, hushreel, recording.id, marks, dress));
  const around = marks.keyframes.flatMap((at) => [at - 40, at, at + 1, at + 700, at + 2_500]);
  const along = Array.from({ length: 12 }, (_, place) => Math.round(((place + 0.5) / 12) * marks.end));
  // To and fro, so that each way of a seek is gone: on, back, and far away.
  const moments = [...around, ...along].sort((one, other) => ((one * 7919) % 1009) - ((other * 7919) % 1009));
  const seen = new Set();
  for (const at of moments) {
    await whole.replay.show(marks.start + at);
    await parts.replay.show(marks.start + at);
    for (const line of await whole.lines()) seen.add(line);
    assert.equal(firstDifference(await whole.lines(), await parts.lines()), null, `at ${at} of ${marks.end}, keyframes at ${marks.keyframes}`);
  }
  // Playing goes on over the place where the next part begins.
  for (const at of marks.keyframes.slice(0, 2)) {
    await parts.replay.show(marks.start + at - 1_500);
    await parts.page.evaluate(async (at) => {
      const past = window.replay.until((report) => report.type === "time" && report.at > at + 1_000);
      window.replay.send({ type: "play" });
      await past;
      window.replay.send({ type: "pause" });
    }, at);
    await parts.replay.show(marks.start + at + 2_600);
    await whole.replay.show(marks.start + at + 2_600);
    assert.equal(firstDifference(await whole.lines(), await parts.lines()), null, `played over ${at}`);
  }
  // What is compared was there.
  for (const wanted of ["adopted h1 { color: navy; }", "scroll 0 700", "div#box: scroll 0 300", "dialog#dialog: on top", "div#pop: on top", "mixed", "chosen 1", "focus ring", "span { color: green; }"]) {
    assert.ok([...seen].some((line) => line.includes(wanted)), `${wanted} was at no moment`);
  }
  await Promise.all([whole.context.close(), parts.context.close()]);
});

/** Runs in the page of the player: its lines, and what no line tells. */
function stateLines(root, told) {
  const lines = told(root);
  const rules = (sheets) => sheets.map((sheet) => [...sheet.cssRules].map(({ cssText }) => cssText).join("")).join(" | ");
  lines.push(`adopted ${rules(root.adoptedStyleSheets)}`, `scroll ${root.defaultView.scrollX} ${root.defaultView.scrollY}`);
  for (const node of root.querySelectorAll("*")) {
    const state = [];
    if (node.scrollTop || node.scrollLeft) state.push(`scroll ${node.scrollLeft} ${node.scrollTop}`);
    if (node.matches(":modal, :popover-open")) state.push("on top");
    if (node.indeterminate) state.push("mixed");
    if (node.selectedOptions?.length) state.push(`chosen ${[...node.selectedOptions].map(({ index }) => index)}`);
    if (node.hasAttribute("data-hushreel-focused")) state.push(`focus ${node.getAttribute("data-hushreel-focused")}`);
    if (node.shadowRoot) state.push(`adopted ${rules(node.shadowRoot.adoptedStyleSheets)}`);
    if (state.length) lines.push(`${node.localName}#${node.id}: ${state.join(", ")}`);
  }
  return lines;
}
