// Who is known again, in Chromium, with the real binary: the tab's recordings, the browser's, or nobody's; what is kept for that in the
// browser, until when, and that it goes with the visitor's no.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const PATIENCE_MS = 15_000;
const MONTHS_13_MS = 395 * 86_400_000;

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const html = `<!doctype html><html lang="en"><head><title>Garden</title></head><body><h1>Garden</h1><a id="mine" data-hush-mine target="_blank" href="about:blank">My recordings</a></body></html>`;

/** A site that knows again whom `identity` says. */
async function plant(identity, { consent = "required", ...changes } = {}) {
  const garden = await serveFolder("/nowhere", { "/page.html": html, "/next.html": html, "/favicon.ico": " " });
  after(garden.stop);
  const { key, snippet } = await hushreel.addSite(garden.origin, { preset: "full", consent });
  await hushreel.setPolicy(key, { identity, ...changes });
  garden.snippet = snippet;
  return { key, name: `hushreel.${key}`, origin: garden.origin };
}

/** Ask again until the answer fits; the server is told of things that no page hears of. */
async function until(ask, fits) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > end) assert.fail(`still ${JSON.stringify(answer)}`);
  }
}

async function go(page, garden, path = "/page.html") {
  await page.goto(garden.origin + path);
  await page.waitForFunction(() => window.hushreel?.ready);
}
const say = (page, ...words) => page.evaluate((words) => window.hushreel(...words), words);
const keys = (page) => page.evaluate(() => Object.keys(sessionStorage).concat(Object.keys(localStorage), document.cookie).filter(Boolean));
const entry = (page, garden) => page.evaluate((name) => localStorage.getItem(`${name}.visitor`), garden.name);
const show = async (id) => {
  const answer = await fetch(`${hushreel.address}/api/v1/recordings/${id}`, { headers: { Authorization: `Bearer ${hushreel.token}` } });
  return { status: answer.status, ...(answer.ok ? await answer.json() : {}) };
};

/** The recording that runs in this page, once the server has something of it. */
async function recorded(page, fits = ({ status }) => status === 200) {
  const id = await say(page, "recording");
  await page.click("h1");
  return until(() => show(id), fits);
}

/** A tab in which the visitor agreed. */
async function agree(context, garden, path) {
  const page = await context.newPage();
  await go(page, garden, path);
  await say(page, "consent", "granted");
  return page;
}

test("visitor: two tabs and a later visit are one visitor's, another browser is another's", async () => {
  const garden = await plant("visitor");
  const { context } = await openWindow(browser);
  const [first, second] = [await agree(context, garden), await agree(context, garden, "/next.html")];
  const [one, two] = [await recorded(first), await recorded(second)];
  await first.close();
  await second.close();
  const later = await agree(context, garden);
  const three = await recorded(later);
  assert.equal(new Set([one.id, two.id, three.id]).size, 3);
  assert.match(one.visitor, /^[0-9a-f]{32}$/);
  assert.deepEqual([two.visitor, three.visitor], [one.visitor, one.visitor]);

  const kept = await entry(later, garden);
  assert.match(kept, /^\w{32}\.\d+,(\w{32}\.\w{32},){3}$/);
  assert.ok(!kept.includes(one.visitor), "what the server calls the visitor is not what the browser keeps");
  assert.ok(Math.abs(Number(kept.split(/[.,]/)[1]) - Date.now() - MONTHS_13_MS) < 60_000);
  const { storage } = await (await fetch(`${hushreel.address}/privacy/${garden.key}.json`)).json();
  const row = storage.find(({ key }) => key === `${garden.name}.visitor`);
  assert.match(row.time, /^13 months/, "the notice says so");
  const named = storage.map(({ key }) => key);
  assert.deepEqual((await keys(later)).filter((name) => !named.includes(name)), [], "the notice's table is what the recorder writes");

  const stranger = await openWindow(browser);
  assert.notEqual((await recorded(await agree(stranger.context, garden))).visitor, one.visitor);
  await stranger.context.close();

  const [own] = await Promise.all([context.waitForEvent("page"), later.click("#mine")]);
  await own.waitForSelector(".recordings > li");
  const listed = await own.locator(".recordings > li").evaluateAll((rows) => rows.map(({ id }) => id).sort());
  assert.deepEqual(listed, [one.id, two.id, three.id].sort(), "the own page shows all of this browser's");

  await say(later, "consent", "withdrawn", { erase: true });
  for (const { id } of [one, two, three]) await until(() => show(id), ({ status }) => status === 404);
  await until(() => keys(later), (names) => names.length === 0);
  assert.deepEqual((await hushreel.api(`/api/v1/recordings?visitor=${one.visitor}`)).items, []);
  await context.close();
});

test("visitor: what an earlier visit left is neither read nor told before consent, and an objection takes it away", async () => {
  const garden = await plant("visitor");
  const { context } = await openWindow(browser);
  await context.addInitScript(() => {
    window.touched = [];
    for (const method of ["getItem", "setItem", "removeItem"]) {
      const native = Storage.prototype[method];
      Storage.prototype[method] = function (name, ...rest) {
        window.touched.push(name);
        return native.call(this, name, ...rest);
      };
    }
  });
  const first = await agree(context, garden);
  await recorded(first);
  await first.close();
  const page = await context.newPage();
  await go(page, garden);
  await say(page, "mine");
  await page.click("h1");
  assert.deepEqual(await page.evaluate(() => window.touched.filter((name) => name.endsWith(".visitor"))), []);
  await say(page, "consent", "granted");
  await recorded(page);
  assert.notEqual(await entry(page, garden), null);
  await say(page, "object");
  assert.equal(await entry(page, garden), null);
  await go(page, garden, "/next.html");
  await say(page, "consent", "granted");
  await page.click("h1");
  assert.deepEqual(await keys(page), ["hush-objection"]);
  await context.close();
});

test("visitor: a no, asked anew, takes it away too; so does one in another tab", async () => {
  const garden = await plant("visitor");
  const { context } = await openWindow(browser);
  const [page, other] = [await agree(context, garden), await agree(context, garden)];
  await recorded(page);
  await recorded(other);
  await say(other, "consent", "withdrawn");
  await until(() => say(page, "recording"), (id) => id === null);
  assert.equal(await entry(page, garden), null);
  await say(page, "consent", "granted");
  await recorded(page);
  assert.notEqual(await entry(page, garden), null);
  await page.goto("about:blank");
  await go(page, garden);
  await say(page, "consent", "denied");
  assert.equal(await entry(page, garden), null);
  await context.close();
});

test("visitor: after thirteen months it is somebody else", async () => {
  const garden = await plant("visitor");
  const { context } = await openWindow(browser);
  const first = await agree(context, garden);
  const { visitor } = await recorded(first);
  const old = await entry(first, garden);
  await first.close();
  const page = await context.newPage();
  await go(page, garden);
  await page.evaluate(([name, text]) => localStorage.setItem(`${name}.visitor`, text.replace(/\.\d+,/, `.${Date.now() - 1},`)), [garden.name, old]);
  await say(page, "consent", "granted");
  assert.notEqual((await recorded(page)).visitor, visitor);
  const kept = await entry(page, garden);
  assert.notEqual(kept.slice(0, 32), old.slice(0, 32));
  assert.equal(kept.split(",").length, 3, "what opened the old recordings went with it");
  await context.close();
});

test("visitor: where the site knows nobody again any more, what it kept goes with the next recording, or with a no", async () => {
  const garden = await plant("visitor");
  const { context } = await openWindow(browser);
  const page = await agree(context, garden);
  await recorded(page);
  const old = await entry(page, garden);
  await page.goto("about:blank");
  await hushreel.setPolicy(garden.key, { identity: "none" });
  const fresh = await context.newPage();
  await fresh.route("**/r/*.js", (route) => route.continue({ headers: { ...route.request().headers(), "cache-control": "no-cache" } }));
  await go(fresh, garden);
  assert.equal(await entry(fresh, garden), old, "before the visitor's answer nothing is touched");
  await say(fresh, "consent", "granted");
  assert.equal((await recorded(fresh)).visitor, null);
  assert.equal(await entry(fresh, garden), null);
  await fresh.evaluate(([name, text]) => localStorage.setItem(`${name}.visitor`, text), [garden.name, old]);
  await say(fresh, "consent", "denied");
  assert.equal(await entry(fresh, garden), null);
  await context.close();
});

test("visitor: where everything waits for somebody who does something, nothing is kept of whoever does not", async () => {
  const garden = await plant("visitor", { consent: "not-required", min_interaction: 1 });
  const { context, page } = await openWindow(browser);
  await go(page, garden);
  assert.notEqual(await say(page, "recording"), null);
  assert.deepEqual(await keys(page), []);
  const { visitor } = await recorded(page);
  assert.notEqual(await entry(page, garden), null);
  assert.match(visitor, /^\w{32}$/);
  await context.close();
});

test("visitor: under Global Privacy Control nothing is kept, whatever the visitor answers", async () => {
  const garden = await plant("visitor");
  const { context, page } = await openWindow(browser);
  await page.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
  await go(page, garden);
  await say(page, "consent", "granted");
  await say(page, "identify", "customer-1");
  await page.click("h1");
  assert.deepEqual(await keys(page), []);
  await context.close();
});

test("visit: recordings of one tab are linked, other tabs and the browser are not, and nothing outlives the tab", async () => {
  const garden = await plant("visit");
  const { context } = await openWindow(browser);
  const page = await agree(context, garden);
  const one = await recorded(page);
  await say(page, "stop");
  await say(page, "start");
  const two = await recorded(page);
  await go(page, garden, "/next.html");
  const left = await page.evaluate((name) => JSON.parse(sessionStorage.getItem(name)), garden.name);
  assert.match(left.who, /^\w{32}$/);
  await say(page, "consent", "granted");
  const three = await recorded(page);
  const other = await recorded(await agree(context, garden));
  assert.notEqual(one.id, two.id);
  assert.equal(two.id, three.id);
  assert.match(one.visitor, /^\w{32}$/);
  assert.equal(two.visitor, one.visitor);
  assert.notEqual(other.visitor, one.visitor);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  await say(page, "consent", "withdrawn");
  assert.deepEqual(await keys(page), []);
  await say(page, "consent", "granted");
  assert.notEqual((await recorded(page)).visitor, one.visitor, "who agrees anew is somebody new");
  await context.close();
});

test("none: nobody is known again, and no pseudonym is told", async () => {
  for (const preset of [{}, { text: "mask", forms: "off", media: "block", urls: "listed", paths: [], attributes: [], query: [] }]) {
    const garden = await plant("none", preset);
    const { context } = await openWindow(browser);
    const page = await agree(context, garden);
    await say(page, "identify", "customer-4711");
    const one = await recorded(page);
    await say(page, "stop");
    await say(page, "start");
    const two = await recorded(page);
    assert.deepEqual([one.visitor, two.visitor, one.identified, two.identified], [null, null, [], []]);
    await page.goto("about:blank");
    await go(page, garden);
    const left = await page.evaluate((name) => JSON.parse(sessionStorage.getItem(name)), garden.name);
    assert.equal(left.who, undefined);
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
    await context.close();
  }
});

test("identify: a pseudonym is told with whatever is recorded, also where it was said first; what looks personal is not", async () => {
  const garden = await plant("visit");
  const { context } = await openWindow(browser);
  const page = await context.newPage();
  await go(page, garden);
  await say(page, "identify", "customer-4711");
  await say(page, "consent", "granted");
  const told = ({ identified }) => identified?.length > 0;
  const one = await recorded(page, told);
  assert.deepEqual(one.identified, ["customer-4711"]);
  await say(page, "identify", "jana.novakova@example.com");
  await say(page, "identify", "777 123 456");
  await say(page, "identify", { toString: "no" });
  await say(page, "stop");
  await say(page, "start");
  const two = await recorded(page);
  assert.deepEqual(two.identified, [], "who said something else last is not the customer any more");
  await say(page, "identify", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  const three = await recorded(page, told);
  assert.equal(three.id, two.id);
  const found = (await hushreel.api(`/api/v1/recordings?site=${garden.key}&identified=customer-4711`)).items;
  assert.deepEqual(found.map(({ id }) => id), [one.id]);
  await context.close();
});

test("the own page says with what a recording is linked, and what the site called whoever was signed in, in every language", async () => {
  const said = { visit: new Set(), visitor: new Set() };
  for (const identity of ["none", "visit", "visitor"]) {
    const garden = await plant(identity);
    const { context } = await openWindow(browser);
    const page = await context.newPage();
    await go(page, garden);
    await say(page, "identify", "customer-4711");
    await say(page, "consent", "granted");
    const { id } = await recorded(page, ({ status, identified }) => status === 200 && (identity === "none" || identified.length > 0));
    const [own] = await Promise.all([context.waitForEvent("page"), page.click("#mine")]);
    for (const language of ["cs", "sk", "en", "de", "pl", "fr", "es", "it"]) {
      await own.waitForSelector(".recordings > li");
      if ((await own.getAttribute("html", "lang")) !== language) await Promise.all([own.waitForURL(new RegExp(`lang=${language}`)), own.click(`a[hreflang="${language}"]`)]);
      const row = own.locator(`[id="${id}"]`);
      await row.waitFor();
      const linked = await row.locator(".linked").allTextContents();
      assert.equal(linked.length, identity === "none" ? 0 : 1, `${identity}, ${language}`);
      assert.equal((await row.textContent()).includes("customer-4711"), identity !== "none", `${identity}, ${language}`);
      if (linked.length) said[identity].add(linked[0]);
    }
    assert.deepEqual(await findBarriers(own, `own page, ${identity}`), []);
    await context.close();
  }
  assert.deepEqual([said.visit.size, said.visitor.size, new Set([...said.visit, ...said.visitor]).size], [8, 8, 16]);
});

test("staff come from a recording to the others of its visitor, and from there back to all", async () => {
  const garden = await plant("visitor");
  const { context } = await openWindow(browser);
  const first = await agree(context, garden);
  await say(first, "identify", "customer-4711");
  const one = await recorded(first, ({ identified }) => identified?.length > 0);
  await first.close();
  const two = await recorded(await agree(context, garden));
  await context.close();
  const stranger = await openWindow(browser);
  const other = await recorded(await agree(stranger.context, garden));
  await stranger.context.close();

  const staff = await openDashboard(browser, hushreel.address);
  const { page } = staff;
  const { link } = await hushreel.command("setup");
  await page.goto(link);
  await page.getByLabel("E-mail").fill("keeper@example.org");
  await page.getByLabel("Password", { exact: true }).fill("lantern quarry meadow thimble");
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Add a site" }).waitFor();
  await page.goto(`${hushreel.address}/recordings/${one.id}`);
  await page.getByRole("tab", { name: "Details" }).click();
  await page.getByText("customer-4711").waitFor();
  assert.deepEqual(await findBarriers(page, "details"), []);
  await page.getByRole("link", { name: "Other recordings of this visitor" }).click();
  const rows = () => page.locator("a.row").evaluateAll((rows) => rows.map((row) => row.getAttribute("href").split("/")[2]).sort());
  await until(rows, (ids) => ids.join() === [one.id, two.id].sort().join());
  assert.deepEqual(await findBarriers(page, "list"), []);
  await page.getByRole("button", { name: `Remove filter: Visitor ${one.visitor.slice(0, 8)}` }).click();
  await until(rows, (ids) => ids.includes(other.id));

  await hushreel.command("recording", "restrict", two.id, "--reason", "A claim is open");
  await page.goto(`${hushreel.address}/recordings/${one.id}`);
  await page.getByRole("tab", { name: "Details" }).click();
  const erase = { name: "Delete all of this visitor", exact: true };
  await page.locator("aside").getByRole("button", erase).click();
  const dialog = page.getByRole("dialog", { name: "Delete 1 recording of this visitor?" });
  await dialog.getByText("1 more is restricted, and stays.").waitFor();
  assert.deepEqual(await findBarriers(page, "asked"), []);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await show(one.id)).status, 200, "nothing is deleted before somebody says so");
  await hushreel.command("recording", "lift", two.id, "--reason", "It is settled");
  await page.locator("aside").getByRole("button", erase).click();
  await page.getByRole("dialog", { name: "Delete all 2 recordings of this visitor?" }).getByRole("button", erase).click();
  await page.getByRole("heading", { level: 1, name: "Recordings" }).waitFor();
  for (const { id } of [one, two]) assert.equal((await show(id)).status, 404);
  assert.equal((await show(other.id)).status, 200, "nobody else's");
  assert.deepEqual(staff.trouble, []);

  const { password } = await hushreel.command("account", "add", "--email", "watcher@example.org", "--role", "viewer");
  await page.context().clearCookies();
  await page.goto(`${hushreel.address}/recordings/${other.id}`);
  await page.getByLabel("E-mail").fill("watcher@example.org");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("tab", { name: "Details" }).click();
  await page.getByRole("link", { name: "Other recordings of this visitor" }).waitFor();
  assert.equal(await page.getByRole("button", erase).count(), 0, "who only watches is not offered it");
  await staff.context.close();
});
