// The recorder alone, in Chromium, against a bare listener: what it tells of a page that changes at random is that page.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { FULL, inOrder, leave as leaveTo, loadDecoder, openDoor } from "./lib/door.mjs";
import { liveTree, Page } from "./lib/rebuild.mjs";
import { shuffle } from "./lib/shuffle.mjs";

const [browser, decoder] = [await startBrowser(), await loadDecoder()];

/** Everything that arrived, rebuilt; one page load. */
function rebuilt(door) {
  const page = new Page();
  const batches = inOrder(door, decoder);
  batches.forEach(({ seq }, place) => assert.equal(seq, place, "batches are numbered from 0 without a hole"));
  for (const { body } of batches) page.apply(decoder.decode(body));
  return page;
}

/** Leave the page, and wait until the last batch is here. */
const leave = (page, door) => leaveTo(page, door, decoder);

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`a page that changes at random is told as it is (seed ${seed})`, async () => {
    const door = await openDoor();
    after(door.stop);
    door.html = `<!doctype html><html><head><title>Random</title>${door.snippet}</head><body><div id="home"><p>One</p><p>Two</p></div></body></html>`;
    const { page, errors, context } = await openWindow(browser);
    await page.goto(door.origin);
    await page.waitForFunction(() => window.hushreel?.("recording"));
    await page.evaluate(shuffle, { seed, rounds: 150 });
    const live = await page.evaluate(liveTree);
    await leave(page, door);
    assert.deepEqual(rebuilt(door).tree(), live);
    assert.deepEqual(errors, []);
    await context.close();
  });
}

test("frames, late shadow roots and typed values are told", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Frames</title>${door.snippet}<body><div id="host"></div><input id="name"><input id="pin" name="pin">
    <iframe id="frame" srcdoc="<p>inside</p>"></iframe></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(() => {
    document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML = "<b>late</b>";
    document.querySelector("#frame").contentDocument.body.append("more");
  });
  await page.fill("#name", "Orchid");
  await page.fill("#pin", "4711");
  await page.evaluate(() => new Promise(requestAnimationFrame));
  const live = await page.evaluate(liveTree);
  await leave(page, door);
  const told = rebuilt(door);
  assert.deepEqual(told.tree(), live);
  const values = [...told.nodes.values()].map((node) => node.value).filter(Boolean);
  assert.deepEqual(values, ["Orchid"]);
  assert.ok(!Buffer.concat(door.batches.map(({ raw }) => raw)).includes("4711"));
  await context.close();
});

test("markup that was never escaped names no element and no attribute by an address", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Mail</title>${door.snippet}<body><p id="from">From Orchid <orchid@example.com> today</p>
    <p orchid@example.com data-kept>late</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(() => {
    document.querySelector("[data-kept]").removeAttribute("orchid@example.com");
    document.body.append(document.querySelector("#from").lastChild.cloneNode(true));
  });
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await leave(page, door);
  const sent = Buffer.concat(door.batches.map(({ raw }) => raw));
  assert.ok(!sent.includes("orchid@") && sent.includes("data-kept"));
  assert.ok([...rebuilt(door).nodes.values()].some((node) => node.tag === "span"));
  await context.close();
});

test("nothing is asked of the server before consent, and nothing after it is withdrawn", async () => {
  const door = await openDoor({ ...FULL, consent: "required" });
  after(door.stop);
  door.html = `<!doctype html><title>Consent</title>${door.snippet}<body><p>Text</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.ready);
  await page.click("p");
  await page.evaluate(() => document.body.append("more"));
  const sent = () => door.requests.filter((request) => request.includes("/i/"));
  assert.deepEqual(sent(), []);
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [0, 0, ""]);
  const arrived = new Promise((resolve) => (door.arrived = resolve));
  await page.evaluate(() => window.hushreel("consent", "granted"));
  await arrived;
  assert.equal(sent().length, 1);
  await page.evaluate(() => {
    document.body.append("not sent any more");
    window.hushreel("consent", "withdrawn");
    document.body.append("nor this");
  });
  await page.goto(`${door.origin}/next`);
  await page.waitForFunction(() => window.hushreel?.ready);
  assert.equal(sent().length, 1);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await context.close();
});

test("Global Privacy Control keeps the recorder from starting", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Signal</title>${door.snippet}<body><p>Text</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true }));
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.ready);
  await page.goto(`${door.origin}/next`);
  await page.waitForFunction(() => window.hushreel?.ready);
  assert.deepEqual(door.requests.filter((request) => request.includes("/i/")), []);
  await context.close();
});

test("style rules are told in every way in which they change", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Style</title><style id="style">p { color: red; }</style>${door.snippet}<body><p>Text</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    const style = document.querySelector("#style");
    style.sheet.insertRule("b { color: blue; }", 1);
    style.sheet.deleteRule(0);
    await frame();
    style.textContent = "i { color: green; }";
    style.sheet.insertRule("u { color: gold; }", 0);
    await frame();
    style.sheet.disabled = true;
    await new Promise((resolve) => setTimeout(resolve, 700));
    style.sheet.insertRule("q { color: navy; }", 2);
    style.sheet.disabled = false;
    const adopted = new CSSStyleSheet();
    adopted.replaceSync("em { color: teal; }");
    document.adoptedStyleSheets.push(adopted);
    await new Promise((resolve) => setTimeout(resolve, 700));
    adopted.insertRule("s { color: pink; }", 1);
    const late = document.head.appendChild(document.createElement("style"));
    late.sheet.insertRule("a { color: plum; }");
    await frame();
    late.sheet.insertRule("b { color: tan; }");
    await frame();
  });
  await leave(page, door);
  const batches = door.batches.map(({ raw }) => decoder.split(raw)).sort((one, other) => one.seq - other.seq);
  const told = batches
    .flatMap(({ body }) => decoder.decode(body))
    .filter((op) => /css|sheet|rule|adopt/.test(op.op))
    .map(({ op, css, path }) => [op, css, path && [...path].join()].filter((part) => part !== undefined).join(" | "));
  assert.deepEqual(told, [
    "css | p { color: red; }",
    "rule insert | b { color: blue; } | 1",
    "rule delete | 0",
    "sheet | u { color: gold; }\ni { color: green; }",
    "sheet | ",
    "sheet | u { color: gold; }\ni { color: green; }\nq { color: navy; }",
    "adopted sheet | em { color: teal; }",
    "adopt",
    "adopted insert | s { color: pink; } | 1",
    "css | a { color: plum; }",
    "rule insert | b { color: tan; } | 0",
  ]);
  await context.close();
});

test("what the visitor chooses is told as his, and an address not letter by letter", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Form</title>${door.snippet}<body><form><label><input type="radio" name="way" value="post">Post</label>
    <label><input type="radio" name="way" value="bicycle">Bicycle</label><input type="email" id="mail"></form></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.click("text=Bicycle");
  await page.locator("#mail").pressSequentially("iris@example.org", { delay: 20 });
  await leave(page, door);
  const ops = door.batches.flatMap(({ raw }) => decoder.decode(decoder.split(raw).body));
  const inputs = ops.filter((op) => op.op === "input");
  assert.deepEqual(inputs.map(({ flags, value }) => [flags, value]), [[2 | 4 | 8, null], [1 | 8, 3]]);
  await context.close();
});

test("where text is masked, a name is told only once a style sheet mentions it", async () => {
  const door = await openDoor({ ...FULL, preset: "strict", text: "mask", forms: "off", media: "block", urls: "listed" });
  after(door.stop);
  door.html = `<!doctype html><title>Names</title><style>.card { color: red; }</style>${door.snippet}
    <body><h1 id="letter-of-anna-karenina" class="card vip-anna">Letter</h1><p class="note late" id="late-id">Text</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(async () => {
    const style = document.createElement("style");
    style.textContent = ".late { color: blue; } #late-id { margin: 0; }";
    document.head.append(style);
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    for (let count = 0; count < 4; count++) await frame();
  });
  await leave(page, door);
  const nodes = [...rebuilt(door).nodes.values()];
  const heading = nodes.find((node) => node.tag === "h1");
  const paragraph = nodes.find((node) => node.tag === "p");
  assert.deepEqual([...heading.attributes], [["class", "card"]]);
  assert.deepEqual([...paragraph.attributes].sort(), [["class", "late"], ["id", "late-id"]]);
  const sent = Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1");
  for (const secret of ["anna", "Letter", "Text", "Names"]) assert.ok(!sent.includes(secret), secret);
  await context.close();
});

test("a query that follows the typing is no new page, and a new path is one", async () => {
  const door = await openDoor({ ...FULL, urls: "generalised" });
  after(door.stop);
  door.html = `<!doctype html><title>Search</title>${door.snippet}<body><p>Text</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(`${door.origin}/search`);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    for (const query of ["b", "bo", "bor"]) {
      history.replaceState(null, "", `?q=${query}`);
      await frame();
    }
    for (const path of ["/book/17", "/book/18"]) {
      history.pushState(null, "", path);
      await frame();
    }
  });
  await leave(page, door);
  const ops = door.batches.flatMap(({ raw }) => decoder.decode(decoder.split(raw).body));
  const pages = ops.filter((op) => op.op === "page").map((op) => new URL(op.url).pathname);
  assert.deepEqual(pages, ["/book/:id", "/book/:id"]);
  await context.close();
});

test("a field that was once a secret stays one, whatever it is called later", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Secret</title>${door.snippet}<body><input id="shown"><input id="field" type="PassWord" value="first-canary">
    <div data-hush="sensitive"><input id="inner"></div></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(() => {
    const field = document.querySelector("#field");
    field.type = "text";
    field.setAttribute("value", "second-canary");
  });
  await page.fill("#field", "third-canary");
  await page.evaluate(() => {
    const field = document.querySelector("#field");
    field.remove();
    field.id = "other";
    document.body.append(field);
  });
  await page.fill("#other", "fourth-canary");
  await page.fill("#inner", "fifth-canary");
  await page.fill("#shown", "marker");
  await leave(page, door);
  const sent = Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1");
  assert.ok(sent.includes("marker"));
  assert.ok(!sent.includes("canary"));
  await context.close();
});

test("the page can hide more at any time, and a selector that does not parse stops everything", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>More</title>${door.snippet}
    <script>window.hushreel=function(){(hushreel.q=hushreel.q||[]).push(arguments)};hushreel("mask","#early")</script>
    <body><p id="early">early-canary</p><p id="late">marker</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  const batch = () => new Promise((resolve) => (door.arrived = resolve));
  await batch();
  await page.evaluate(() => {
    window.hushreel("mask", "#late");
    document.querySelector("#late").firstChild.data = "late-canary";
  });
  await batch();
  const stopped = page.evaluate(() => new Promise((resolve) => window.hushreel("on", "stopped", resolve)));
  await page.evaluate(() => {
    document.querySelector("#late").after("after-canary");
    window.hushreel("block", "###");
  });
  assert.equal(await stopped, "error");
  assert.equal(await page.evaluate(() => window.hushreel("recording")), undefined);
  await page.goto("about:blank");
  const sent = Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1");
  assert.equal(door.batches.length, 2);
  assert.ok(sent.includes("marker"));
  assert.ok(!sent.includes("canary"));
  await context.close();
});

test("of what is blocked, nothing is told but a box, whatever changes on it", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!doctype html><title>Box</title>${door.snippet}<body><p id="open">text</p><p id="box" data-hush="block" title="first-canary"></p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await page.evaluate(() => {
    for (const id of ["open", "box"]) {
      const element = document.querySelector(`#${id}`);
      element.title = id === "open" ? "marker" : "second-canary";
      element.className = `${element.title}-class`;
      element.append(`${element.title}-text`);
    }
  });
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await leave(page, door);
  const sent = Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1");
  assert.ok(sent.includes("marker-class") && sent.includes("marker-text"));
  assert.ok(!sent.includes("canary"));
  await context.close();
});

test("a document type says nothing that a page wrote there", async () => {
  const door = await openDoor();
  after(door.stop);
  door.html = `<!DOCTYPE html PUBLIC "public-canary" "http://shop.example/system-canary"><title>Type</title>${door.snippet}<body><p>marker</p></body>`;
  const { page, context } = await openWindow(browser);
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  await leave(page, door);
  const sent = Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1");
  assert.ok(sent.includes("marker"));
  assert.ok(!sent.includes("canary"));
  await context.close();
});
