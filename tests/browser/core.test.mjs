// The recorder as a guest: it hides what any marker asks for, works in slices, gives way to the page, and is not in its way.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { FULL, inOrder, leave, loadDecoder, loadMarkers, openDoor, opsOf } from "./lib/door.mjs";
import { liveTree, Page } from "./lib/rebuild.mjs";
import { shuffle } from "./lib/shuffle.mjs";
import { npmFolder } from "./lib/sites.mjs";

const [browser, decoder, markers] = [await startBrowser(), await loadDecoder(), await loadMarkers()];

/** A press of this kind is a click. */
const CLICK = 2;

const rebuilt = (door) => {
  const page = new Page();
  for (const { body } of inOrder(door, decoder)) page.apply(decoder.decode(body));
  return page;
};

async function open(html, policy = FULL) {
  const door = await openDoor(policy);
  after(door.stop);
  door.html = html.replace("<body", `${door.snippet}<body`);
  const { page, errors, context } = await openWindow(browser);
  after(() => context.close());
  return { door, page, errors };
}

const recording = (page) => page.waitForFunction(() => window.hushreel?.("recording"));

test("every marker of ours and of other recorders hides what it stands on", async () => {
  const words = Object.values(markers).flatMap((list) => list.split(" "));
  const marked = words.map((word) => (word[0] === "." ? `class="lead ${word.slice(1)}"` : word.replace(/=(.*)/, '="$1"')));
  const ignored = new Set(markers.IGNORE.split(" "));
  const { door, page, errors } = await open(`<!doctype html><title>Markers</title><body><p>marker</p>
    ${marked.map((mark, at) => `<div ${mark} id="m${at}"><p>${ignored.has(words[at]) ? "" : `canary-${at}-`}</p><input class="field"></div>`).join("")}</body>`);
  await page.goto(door.origin);
  await recording(page);
  await page.evaluate(async () => {
    for (const field of document.querySelectorAll(".field")) field.value = "typed-canary";
    document.querySelector("p").append(" seen");
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  });
  await leave(page, door, decoder);
  const sent = Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1");
  assert.ok(words.length > 30 && sent.includes("marker") && sent.includes(" seen"));
  assert.ok(!sent.includes("canary"), words[Number(/canary-(\d+)/.exec(sent)?.[1])]);
  assert.deepEqual(errors, []);
});

for (const seed of [21, 22, 23, 24]) {
  test(`a large page that changes while it is told in slices is told as it is (seed ${seed})`, async () => {
    const rows = Array.from({ length: 6_000 }, (_, row) => `<p class="r${row % 5}"><b>row ${row}</b> of <i>many</i></p>`).join("");
    const { door, page, errors } = await open(`<!doctype html><html><head><title>Large</title></head><body><main>${rows}</main><div id="home"><p>One</p></div></body></html>`);
    await page.goto(door.origin);
    await page.evaluate(() => new Promise((resolve) => (document.readyState === "complete" ? resolve() : addEventListener("load", resolve))));
    // What the slices have not reached yet is moved, removed, brought back and turned round, and what they have as well.
    await page.evaluate(async (seed) => {
      let state = seed;
      const random = (below) => (state = (state * 48271) % 2147483647) % below;
      const main = document.querySelector("main");
      const home = document.querySelector("#home");
      window.hushreel("pause");
      window.hushreel("resume");
      for (let round = 0; round < 60; round++) {
        for (let act = 0; act < 40; act++) {
          const rows = main.children;
          const row = rows[random(rows.length)];
          if (!row) continue;
          const other = rows[random(rows.length)];
          [
            () => main.append(row),
            () => main.prepend(row),
            () => row.remove(),
            () => home.append(row),
            () => other !== row && other.append(row),
            () => row.append(...other.children),
            () => home.lastElementChild && main.insertBefore(home.lastElementChild, row),
            () => row.setAttribute("title", `t${round}`),
            () => row.firstElementChild?.firstChild && (row.firstElementChild.firstChild.data = `changed ${act}`),
            () => row.before(Object.assign(document.createElement("p"), { textContent: `new ${round}` })),
          ][random(10)]();
        }
        await new Promise((resolve) => setTimeout(resolve));
      }
    }, seed);
    await page.evaluate(shuffle, { seed, rounds: 10 });
    // Nothing changes any more: everything is told once the last wait of the recorder, the longest there is, is over.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2_500)));
    assert.ok(await page.evaluate(() => window.hushreel("recording")), "it still records");
    // Something to be told when the page is left.
    await page.evaluate(() => document.body.append("end"));
    const live = await page.evaluate(liveTree);
    await leave(page, door, decoder);
    // Pausing began another page: the last one is told from its own snapshot.
    const last = door.batches.at(-1).url.replace(/\d+$/, "");
    door.batches = door.batches.filter(({ url }) => url.startsWith(last));
    assert.ok(opsOf(door, decoder).filter(({ op }) => op === "add").length > 1, "it was told in slices");
    assert.deepEqual(rebuilt(door).tree(), live);
    assert.deepEqual(errors, []);
  });
}

test("a page that needs its time for itself is recorded with less, then no more, and the recording says so", async () => {
  const { door, page, errors } = await open(`<!doctype html><title>Busy</title><body><main></main></body>`);
  await page.goto(door.origin);
  await recording(page);
  const why = await page.evaluate(() => new Promise((resolve) => {
    window.hushreel("on", "stopped", (reason) => ((window.over = true), resolve(reason)));
    const main = document.querySelector("main");
    let round = 0;
    const work = () => {
      if (window.over) return;
      round++;
      // More than any recorder could tell within its budget, however quick the machine is.
      main.innerHTML = Array.from({ length: 8_000 }, (_, row) => `<p class="c${row % 50}" title="t${round}">row ${row} of ${round}</p>`).join("");
      setTimeout(work, 20);
    };
    work();
  }));
  assert.equal(why, "busy");
  assert.equal(await page.evaluate(() => window.hushreel("recording")), undefined);
  const levels = () => opsOf(door, decoder).filter(({ op }) => op === "shed").map(({ level }) => level);
  if (levels().at(-1) !== 3) await new Promise((resolve) => (door.arrived = () => levels().at(-1) === 3 && resolve()));
  assert.deepEqual(levels(), [1, 2, 3]);
  const costs = opsOf(door, decoder).filter(({ op }) => op === "cost");
  assert.ok(costs.length > 0 && costs.every(({ tenths, tasks, longest }) => tasks > 0 && longest <= tenths));
  assert.deepEqual(errors, []);
});

test("a pointer that rests on a keypad in a shadow tree is not told, whatever is told of the host", async () => {
  const { door, page, errors } = await open(`<!doctype html><title>Keypad</title><body><p>marker</p><div id="host"></div></body>`);
  await page.goto(door.origin);
  await recording(page);
  await page.evaluate(() => (document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML = '<div data-hush="ignore" style="width:300px;height:200px">1 2 3</div>'));
  const box = await page.locator("#host div").boundingBox();
  await page.mouse.move(box.x + 20, box.y + 20, { steps: 3 });
  await page.mouse.move(box.x + 120, box.y + 120, { steps: 30 });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  await leave(page, door, decoder);
  const inside = opsOf(door, decoder).filter(({ op, x, y }) => op === "move" && x > box.x && y > box.y);
  assert.deepEqual(inside, []);
  assert.deepEqual(errors, []);
});

test("what a page hides in the moment of an event is hidden from that event on, and what it adds is told before its click", async () => {
  const { door, page, errors } = await open(`<!doctype html><title>Order</title><body><p>marker</p><form><input id="note"><input type="checkbox" id="gift"><button type="button">1</button></form><div id="list"></div></body>`);
  await page.goto(door.origin);
  await recording(page);
  await page.evaluate(() => {
    // Nothing is awaited in between: no observer has been called, and no frame has come.
    const list = document.querySelector("#list");
    list.innerHTML = "<p><button>new</button></p>";
    list.querySelector("button").click();
    document.querySelector("form").dataset.hush = "ignore";
    const note = document.querySelector("#note");
    note.value = "canary-of-the-note";
    note.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector("#gift").click();
    document.querySelector("form button").click();
  });
  await leave(page, door, decoder);
  const ops = opsOf(door, decoder);
  const isClick = ({ op, kind }) => op === "press" && kind === CLICK;
  const clicked = ops.findIndex(isClick);
  const told = ops.findIndex(({ op, text }) => op === "text" && text === "new");
  assert.ok(told > 0 && told < clicked, `told ${told}, clicked ${clicked}`);
  assert.deepEqual(ops.filter(({ op }) => op === "input"), []);
  assert.equal(ops.filter(isClick).length, 1);
  assert.doesNotMatch(Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1"), /canary/);
  assert.deepEqual(errors, []);
});

test("a strict content security policy with Trusted Types is kept", async () => {
  const { door, page, errors } = await open(`<!doctype html><title>Strict</title><body><p>marker</p></body>`);
  door.headers = {
    "Content-Security-Policy": `default-src 'none'; script-src ${door.origin}/r/; connect-src ${door.origin}/i/; require-trusted-types-for 'script'; trusted-types 'none'`,
  };
  await page.addInitScript(() => {
    window.broken = [];
    document.addEventListener("securitypolicyviolation", (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(door.origin);
  await recording(page);
  await page.click("p");
  const broken = await page.evaluate(() => window.broken);
  await leave(page, door, decoder);
  assert.deepEqual(broken, []);
  assert.ok(Buffer.concat(door.batches.map(({ raw }) => raw)).includes("marker"));
  assert.deepEqual(errors, []);
});

test("a page whose libraries have changed everything's prototype is recorded right", async () => {
  const { door, page, errors } = await open(`<!doctype html><title>Old</title><style>p { color: teal; }</style>
    <body><form id="form"><input name="id"><input name="style"><input name="title"><input name="action"><input name="type"><p class="lead">marker</p></form></body>`);
  await page.addInitScript(() => {
    // As libraries of another age did: everything is extended where all can see it, and what was missing then is filled in.
    for (const { prototype } of [Object, Array, String, Function, Number, RegExp]) prototype.extended = function () { return this; };
    Array.from = (list) => { const copy = []; for (let at = 0; at < list.length; at++) copy.push(list[at]); return copy; };
    Array.prototype.toJSON = String.prototype.toJSON = Object.prototype.toJSON = function () { return "changed"; };
    Function.prototype.bind = function (self) { const work = this; return (...values) => work.apply(self, values); };
    Element.prototype.remove = function () { this.parentNode.removeChild(this); };
  });
  await page.goto(door.origin);
  await recording(page);
  await page.evaluate(() => {
    window.used = [];
    for (const name of ["fetch", "setTimeout", "requestAnimationFrame", "MutationObserver"]) {
      const noted = (act) => (target, ...rest) => {
        if (new Error().stack.includes("/r/")) window.used.push(name);
        return act(target, ...rest);
      };
      window[name] = new Proxy(window[name], { apply: noted((target, _, values) => target.apply(window, values)), construct: noted(Reflect.construct) });
    }
    window.hushreel("pause");
    window.hushreel("resume");
    document.querySelector("p").append(" changed");
    document.querySelector("input").remove();
  });
  const live = await page.evaluate(liveTree);
  const used = await page.evaluate(() => window.used);
  await leave(page, door, decoder);
  assert.deepEqual(used, []);
  door.batches = door.batches.filter(({ url }) => url.startsWith(door.batches.at(-1).url.replace(/\d+$/, "")));
  assert.deepEqual(rebuilt(door).tree(), live);
  assert.ok(opsOf(door, decoder).some(({ css }) => css?.includes("teal")));
  assert.deepEqual(errors, []);
});

test("where zone.js has patched the page, nothing of the recorder's makes the page look for changes", async () => {
  const zone = await readFile(`${npmFolder("zone.js")}/bundles/zone.umd.js`, "utf8");
  const { door, page, errors } = await open(`<!doctype html><title>Zone</title><body><p>marker</p></body>`);
  await page.addInitScript({ content: `${zone}
    window.tasks = [];
    window.inner = Zone.current.fork({ name: "page", onInvokeTask: (parent, zone, target, task, ...rest) => (tasks.push(task.source), parent.invokeTask(target, task, ...rest)),
      onScheduleTask: (parent, zone, target, task) => (tasks.push(task.source), parent.scheduleTask(target, task)) });
  ` });
  await page.goto("about:blank");
  await page.goto(`${door.origin}/`);
  // Loaded from inside the page's zone, as a bundle would.
  await page.evaluate(() => window.hushreel("stop"));
  door.batches = [];
  await page.evaluate(() => window.inner.run(() => window.hushreel("start")));
  await recording(page);
  await page.evaluate(() => new Promise((resolve) => {
    window.tasks.length = 0;
    const native = window[Zone.__symbol__("setTimeout")];
    document.querySelector("p")[Zone.__symbol__("addEventListener")]("click", () => native(resolve, 1_000));
    document.querySelector("p").click();
    document.querySelector("p").append(" changed");
  }));
  assert.deepEqual(await page.evaluate(() => window.tasks), []);
  await leave(page, door, decoder);
  assert.ok(Buffer.concat(door.batches.map(({ raw }) => raw)).includes(" changed"));
  assert.deepEqual(errors, []);
});

test("a large page that is left at once is told to its end", async () => {
  const rows = Array.from({ length: 3_000 }, (_, row) => `<p><b>row ${row}</b> of <i>many</i></p>`).join("");
  const { door, page, errors } = await open(`<!doctype html><html><head><title>Left</title></head><body><main>${rows}</main><p>last-of-all</p></body></html>`);
  await page.goto(door.origin);
  await recording(page);
  await page.evaluate(() => {
    window.hushreel("pause");
    window.hushreel("resume");
    // In the same task: no slice but the first has run.
    window.hushreel("stop");
  });
  const told = () => Buffer.concat(door.batches.map(({ raw }) => raw)).toString().split("last-of-all").length - 1;
  if (told() < 2) await new Promise((resolve) => (door.arrived = () => told() >= 2 && resolve()));
  assert.deepEqual(errors, []);
});
