// The recorder as a guest: it hides what any marker asks for, works in slices, gives way to the page, and is not in its way.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { FULL, inOrder, leave, loadDecoder, loadMarkers, openDoor, opsOf } from "./lib/door.mjs";
import { liveTree, Page } from "./lib/rebuild.mjs";
import { shuffle } from "./lib/shuffle.mjs";

const [browser, decoder, markers] = [await startBrowser(), await loadDecoder(), await loadMarkers()];

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
    // Everything is told once nothing has been asked for over a poll.
    await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 700)));
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
