// The keys that record less: what they leave out leaves the browser never, and what they leave in is whole.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { FULL, loadDecoder, openDoor, opsOf } from "./lib/door.mjs";

const [browser, decoder] = [await startBrowser(), await loadDecoder()];

const PAGE = `<!doctype html><html lang="en"><head><title>Shop</title></head><body><h1>marker</h1><main></main><button>Buy</button></body></html>`;
/** Longer than a batch waits. */
const BATCH_MS = 3_500;

/** A door with this policy, a window before it, and what may be asked of both. */
async function open(changes, before) {
  const door = await openDoor({ ...FULL, ...changes });
  after(door.stop);
  door.html = PAGE.replace("</body>", `${door.snippet}</body>`);
  const { page, context, errors } = await openWindow(browser);
  after(() => context.close());
  if (before) await page.addInitScript(before);
  const visit = {
    door,
    page,
    errors,
    go: async (path = "/") => {
      await page.goto(door.origin + path);
      await page.waitForFunction(() => window.hushreel?.ready);
    },
    /** Everything that was sent, as it is read: words stand in it as they are. */
    sent: () => Buffer.concat(door.batches.map(({ raw }) => raw)).toString("latin1"),
    posts: () => door.requests.filter((line) => line.includes("/i/")).length,
    pages: () => new Set(door.batches.map(({ url }) => url.split("/").slice(0, -1).join("/"))),
    recordings: () => new Set(door.batches.map(({ url }) => url.split("/")[4])),
    ops: () => opsOf(door, decoder),
    /** Resolved once something that fits was sent. */
    arrives: async (fits) => {
      while (!fits()) await new Promise((resolve) => (door.arrived = resolve));
    },
    write: (text) => page.evaluate((text) => void (document.querySelector("main").textContent = text), text),
  };
  return visit;
}

test("until the visitor does something everything waits in memory, and dies with the page", async () => {
  const { go, page, posts, sent, pages, arrives, write, recordings } = await open({ min_interaction: 1 });
  await go();
  await write("unseen");
  await page.waitForTimeout(BATCH_MS);
  assert.equal(await page.evaluate(() => window.hushreel("recording") !== null), true, "it records, for itself");
  await go("/second");
  await write("early");
  await page.waitForTimeout(BATCH_MS);
  assert.equal(posts(), 0, "nobody has touched anything");
  await page.mouse.move(100, 100);
  await write("late");
  await arrives(() => sent().includes("late"));
  assert.ok(sent().includes("marker") && sent().includes("early"), "what waited is sent");
  assert.ok(!sent().includes("unseen"), "what died with its page is not");
  // The visit goes on: its next page waits for nothing.
  await go("/third");
  await write("third");
  await arrives(() => sent().includes("third"));
  assert.equal(pages().size, 2);
  assert.equal(recordings().size, 1);
});

test("what a script does is nothing that the visitor did", async () => {
  const { go, page, posts } = await open({ min_interaction: 1 });
  await go();
  await page.evaluate(() => {
    for (const name of ["pointermove", "keydown", "pointerdown"]) document.body.dispatchEvent(new Event(name, { bubbles: true }));
    document.querySelector("button").click();
  });
  await page.waitForTimeout(BATCH_MS);
  await page.goto("about:blank");
  assert.equal(posts(), 0);
});

test("what waits for a visitor has a bound; beyond it the page is told anew once there is one", async () => {
  const { go, page, posts, sent, ops, arrives, errors } = await open({ min_interaction: 1 });
  await go();
  await page.evaluate(async () => {
    for (let round = 0; round < 60; round++) {
      document.querySelector("main").textContent = `round ${round} ` + Array.from({ length: 9_000 }, (_, at) => (at * 7919 * (round + 1)).toString(36)).join(" ");
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    document.querySelector("main").textContent = "the end";
  });
  assert.equal(posts(), 0);
  await page.mouse.move(100, 100);
  await page.click("button");
  await arrives(() => sent().includes("the end"));
  assert.ok(!sent().includes("round 1"), "what waited was thrown away");
  assert.equal(ops().filter(({ op }) => op === "snapshot").length, 1);
  assert.deepEqual(errors, []);
});

test("a visit is recorded or not as a whole, whatever later pages would draw", async () => {
  const draw = (lot) => `{ const native = Crypto.prototype.getRandomValues;
    Crypto.prototype.getRandomValues = function (list) { return list instanceof Uint16Array ? list.fill(location.pathname === "/" ? ${lot} : ${65535 - lot}) : native.call(this, list); }; }`;
  const out = await open({ sample: 50 }, draw(65535));
  await out.go();
  await out.go("/second");
  await out.page.waitForTimeout(BATCH_MS);
  await out.page.goto("about:blank");
  assert.equal(out.posts(), 0);
  const drawn = await open({ sample: 50 }, draw(0));
  await drawn.go();
  await drawn.write("first");
  await drawn.go("/second");
  await drawn.write("second");
  await drawn.arrives(() => drawn.sent().includes("second"));
  assert.equal(drawn.recordings().size, 1);
  const none = await open({ sample: 0 });
  await none.go();
  await none.page.waitForTimeout(BATCH_MS);
  assert.equal(none.posts(), 0);
});

for (const [how, before] of [
  ["as browsers tell of it", null],
  ["where the browser tells nothing of it", () => delete window.navigation],
]) {
  test(`a page that is skipped is a gap, and the page after it is told whole, ${how}`, async () => {
    const { go, page, sent, ops, arrives, errors } = await open({ skip_urls: ["/account/*"] }, before);
    await go("/shop");
    const to = (path, text, first) =>
      page.evaluate(
        ([path, text, first]) => {
          // Some applications draw first and change the address behind it.
          if (first) document.querySelector("main").textContent = text;
          history.pushState(null, "", path);
          document.querySelector("main").textContent = text;
        },
        [path, text, first],
      );
    await to("/shop/boots", "boots", false);
    await arrives(() => sent().includes("boots"));
    await to("/account/orders", "canary-orders", false);
    await page.mouse.click(50, 50);
    await page.waitForTimeout(BATCH_MS);
    await to("/account/bills", "canary-bills", false);
    await page.evaluate(() => window.hushreel("event", "canary-event"));
    await page.waitForTimeout(500);
    await to("/shop/hats", "hats", false);
    await arrives(() => sent().includes("hats"));
    await to("/account/again", "canary-again", true);
    await page.waitForTimeout(500);
    const told = ops();
    assert.ok(!sent().includes("canary"), "nothing of a skipped page was sent");
    assert.ok(!sent().includes("/account"), "nor its address");
    const [first, second] = told.flatMap(({ op }, at) => (op === "snapshot" ? [at] : []));
    assert.ok(second > first, "a snapshot follows");
    assert.ok(told.some(({ op, ms }) => op === "gap" && ms > BATCH_MS), "and says for how long nothing was told");
    assert.deepEqual(errors, []);
  });
}

test("a page that is opened at a skipped address sends nothing, and the next page tells of the gap", async () => {
  const { go, page, posts, sent, ops, arrives, pages } = await open({ only_urls: ["/shop/*"] });
  await go("/account");
  await page.mouse.click(50, 50);
  await page.waitForTimeout(BATCH_MS);
  await go("/shop/boots?utm=1");
  assert.equal(posts(), 0);
  await arrives(() => sent().includes("marker"));
  assert.equal(pages().size, 1);
  assert.ok(ops().some(({ op, ms }) => op === "gap" && ms >= BATCH_MS));
});

test("where the page decides, recording begins when it says so", async () => {
  const { go, page, posts, sent, write, arrives } = await open({ trigger: "call" });
  await go();
  await write("unseen");
  await page.waitForTimeout(BATCH_MS);
  assert.equal(posts(), 0);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await write("seen");
  await page.evaluate(() => window.hushreel("start"));
  await arrives(() => sent().includes("seen"));
  assert.ok(!sent().includes("unseen"));
});

test("a recording ends after its minutes, says so, and its tab begins no other", async () => {
  const { go, page, sent, ops, write, arrives, posts } = await open({ max_minutes: 1 }, () => {
    // The second page of a visit that has had all but a second of its minute.
    const key = Object.keys(sessionStorage)[0];
    const entry = location.pathname === "/second" && JSON.parse(sessionStorage[key] ?? "null");
    if (entry) sessionStorage[key] = JSON.stringify({ ...entry, began: entry.began - 59_000 });
  });
  await go();
  await go("/second");
  await write("within");
  const why = await page.evaluate(() => new Promise((resolve) => window.hushreel("on", "stopped", resolve)));
  assert.equal(why, "time");
  await arrives(() => ops().some(({ op }) => op === "finish"));
  assert.ok(sent().includes("within"));
  const before = posts();
  await write("beyond");
  await page.evaluate(() => window.hushreel("start"));
  await go("/third");
  await page.waitForTimeout(BATCH_MS);
  assert.equal(posts(), before);
  assert.ok(!sent().includes("beyond"));
});

test("Do Not Track stops recording where the policy honours it", async () => {
  const says = () => Object.defineProperty(Navigator.prototype, "doNotTrack", { get: () => "1" });
  const honoured = await open({}, says);
  await honoured.go();
  await honoured.page.waitForTimeout(BATCH_MS);
  assert.equal(honoured.posts(), 0);
  assert.equal(await honoured.page.evaluate(() => sessionStorage.length), 0);
  const ignored = await open({ dnt: false }, says);
  await ignored.go();
  await ignored.arrives(() => ignored.sent().includes("marker"));
});

test("a visitor who said no is not recorded, also where nobody is asked", async () => {
  const { go, page, posts } = await open({}, () => (window.hushreel = Object.assign(() => {}, { q: [["consent", "denied"]] })));
  await go();
  await page.waitForTimeout(BATCH_MS);
  assert.equal(posts(), 0);
});
