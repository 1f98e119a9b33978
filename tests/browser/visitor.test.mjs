// The visitor's side, in Chromium, with the real binary: the notice in every language, the own recordings without an account, and consent
// that is taken back together with what was recorded.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard, replayShows } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const LANGUAGES = ["cs", "sk", "en", "de", "pl", "fr", "es", "it"];
const PATIENCE_MS = 15_000;

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const html = `<!doctype html><html lang="en"><head><title>Garden</title></head><body><h1>Garden</h1><p id="said">Nothing yet</p>
  <a id="mine" data-hush-mine target="_blank" href="about:blank">My recordings</a></body></html>`;
const garden = await serveFolder("/nowhere", { "/page.html": html, "/next.html": html, "/favicon.ico": " " });
after(garden.stop);
const { key, snippet } = await hushreel.addSite(garden.origin, { preset: "full", consent: "required" });
garden.snippet = snippet;
const noticeAddress = `${hushreel.address}/privacy/${key}`;

/** Ask again until the answer fits; the server is told of things that no page hears of. */
async function until(ask, fits) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > end) assert.fail(`still ${JSON.stringify(answer)}`);
  }
}

const status = async (id) => (await fetch(`${hushreel.address}/api/v1/recordings/${id}`, { headers: { Authorization: `Bearer ${hushreel.token}` } })).status;
const kept = (page) => page.evaluate(() => Object.keys(sessionStorage).concat(Object.keys(localStorage), document.cookie).filter(Boolean));

/** A visitor who agreed and saw `said`; all of it is on the server. */
async function visit(said) {
  const window = await openDashboard(browser, hushreel.address, { viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  const { page, context } = window;
  const addresses = [];
  context.on("request", (request) => addresses.push(request.url()));
  await page.goto(`${garden.origin}/page.html`);
  await page.waitForFunction(() => window.hushreel?.ready);
  await page.evaluate(() => window.hushreel("consent", "granted"));
  const id = await page.evaluate(() => window.hushreel("recording"));
  await page.evaluate((text) => (document.querySelector("#said").textContent = text), said);
  await page.click("h1");
  await until(async () => ((await status(id)) === 200 ? JSON.stringify(await hushreel.api(`/api/v1/recordings/${id}/events`)) : ""), (events) => events.includes(said));
  return { ...window, id, addresses };
}

/** What a page of the visitor's opens by this act, at rest. */
async function opened(context, act) {
  const [own] = await Promise.all([context.waitForEvent("page"), act()]);
  await own.waitForSelector(".own .acts");
  return own;
}

const orchid = await visit("Orchid alley");
const tulip = await visit("Tulip field");
let own;
const buttonOf = (page, name) => page.getByRole("button", { name, exact: true });

test("hushreel('mine') opens the own page, which shows exactly this visitor's recordings", async () => {
  own = await opened(orchid.context, () => orchid.page.evaluate(() => void window.hushreel("mine")));
  assert.equal(own.url(), noticeAddress, "what opens the recordings does not stay in the address");
  assert.deepEqual(await own.locator(".recordings > li").evaluateAll((rows) => rows.map(({ id }) => id)), [orchid.id]);
  const facts = await own.locator(".recordings dd").allTextContents();
  assert.equal(facts[1], "1");
  assert.ok(await own.getByText("Nobody else's are here").isVisible());
});

test("so does a link with data-hush-mine, on every page of the tab and after a reload", async () => {
  await tulip.page.goto(`${garden.origin}/next.html`);
  await tulip.page.waitForFunction(() => window.hushreel?.ready);
  await tulip.page.evaluate(() => window.hushreel("consent", "granted"));
  assert.equal(await tulip.page.evaluate(() => window.hushreel("recording")), tulip.id);
  const page = await opened(tulip.context, () => tulip.page.click("#mine"));
  const rows = () => page.locator(".recordings > li").evaluateAll((rows) => rows.map(({ id }) => id));
  assert.deepEqual(await rows(), [tulip.id]);
  await page.reload();
  await page.waitForSelector(".recordings > li");
  assert.deepEqual(await rows(), [tulip.id]);
  await page.getByRole("link", { name: "Deutsch" }).click();
  await page.getByText("Ihre eigenen Aufzeichnungen").waitFor();
  await page.waitForSelector(".recordings > li");
  assert.deepEqual([await rows(), page.url()], [[tulip.id], `${noticeAddress}?lang=de`]);
  await page.close();
});

test("the recording plays in the walled replay document", async () => {
  await buttonOf(own, "Watch").click();
  await replayShows(own, "Garden");
  await own.getByRole("slider", { name: "Position" }).fill(await own.getByRole("slider", { name: "Position" }).getAttribute("max"));
  await own.getByRole("slider", { name: "Position" }).dispatchEvent("change");
  await replayShows(own, "Orchid alley");
  await buttonOf(own, "Play").click();
  await own.waitForFunction(() => document.querySelector(".clock").textContent.split(" / ").every((time) => /^\d+:\d\d$/.test(time)));
  assert.deepEqual(await findBarriers(own, "own page"), []);
  await buttonOf(own, "Close").click();
  assert.equal(await own.locator(".stage").count(), 0);
});

test("what is downloaded are rrweb events of that visit, without what opens it", async () => {
  const [download] = await Promise.all([own.waitForEvent("download"), buttonOf(own, "Download").click()]);
  assert.equal(download.suggestedFilename(), `hushreel-${orchid.id}.json`);
  const text = await readFile(await download.path(), "utf8");
  const events = JSON.parse(text);
  assert.ok(events.some(({ type }) => type === 4) && events.some(({ type }) => type === 2));
  assert.ok(text.includes("Orchid alley") && !text.includes("Tulip"));
});

let receipt = "";

test("a receipt opens the recordings once the tab is closed, in any browser; another site's opens none", async () => {
  const [download] = await Promise.all([own.waitForEvent("download"), buttonOf(own, "Save receipt").click()]);
  receipt = await readFile(await download.path(), "utf8");
  await orchid.page.close();
  const { page, context, trouble } = await openDashboard(browser, hushreel.address);
  await page.goto(noticeAddress);
  await page.getByText("This page knows no recording of yours").waitFor();
  assert.deepEqual(await findBarriers(page, "notice"), []);
  const load = async (text) => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), buttonOf(page, "Load receipt").click()]);
    await chooser.setFiles({ name: "receipt.json", mimeType: "application/json", buffer: Buffer.from(text) });
  };
  await load(receipt.replace(key, "a".repeat(20)));
  await page.getByText("This file is no receipt of this site.").waitFor();
  await load(receipt);
  await page.waitForSelector(`li[id="${orchid.id}"]`);
  assert.deepEqual(trouble, []);
  await context.close();
});

test("erasing asks first, then makes it gone for everybody, key and all", async () => {
  await buttonOf(own, "Erase").click();
  await buttonOf(own, "Keep").click();
  assert.equal(await status(orchid.id), 200);
  await buttonOf(own, "Erase").click();
  assert.deepEqual(await findBarriers(own, "asked"), []);
  await buttonOf(own, "Erase for good").click();
  await own.getByText("Nobody can open it any more.").waitFor();
  assert.deepEqual([await status(orchid.id), await status(tulip.id)], [404, 200]);
  const keys = await readFile(join(hushreel.data, "keys.db"));
  assert.ok(!keys.includes(Buffer.from(orchid.id, "hex")) && keys.includes(Buffer.from(tulip.id, "hex")));
  assert.equal(await own.locator(".recordings").count(), 0);
});

test("no address, no recording and no log ever held what opens a recording", async () => {
  const [{ secret }] = JSON.parse(receipt).recordings;
  assert.ok(orchid.addresses.length > 5);
  assert.deepEqual(orchid.addresses.filter((address) => address.split("#")[0].includes(secret)), []);
  const events = JSON.stringify(await hushreel.api(`/api/v1/recordings/${tulip.id}/events`));
  assert.ok(events.includes("Tulip field") && !/[0-9a-f]{32}\.[0-9a-f]{32}/.test(events));
  assert.ok(!hushreel.log().includes(secret));
});

test("consent taken back with erase leaves nothing on the server or in the browser", async () => {
  const rose = await visit("Rose garden");
  await rose.page.evaluate(() => window.hushreel("consent", "withdrawn", { erase: true }));
  await until(() => status(rose.id), (code) => code === 404);
  await until(() => kept(rose.page), (names) => names.length === 0);
  assert.equal(await rose.page.evaluate(() => window.hushreel("recording")), null);
  await rose.context.close();
});

test("another tab of the same visitor erases its own too", async () => {
  const lily = await visit("Lily pond");
  const second = await lily.context.newPage();
  await second.goto(`${garden.origin}/next.html`);
  await second.waitForFunction(() => window.hushreel?.ready);
  await second.evaluate(() => window.hushreel("consent", "granted"));
  const other = await second.evaluate(() => window.hushreel("recording"));
  await second.click("h1");
  await until(() => status(other), (code) => code === 200);
  await second.evaluate(() => window.hushreel("consent", "withdrawn", { erase: true }));
  await until(async () => [await status(lily.id), await status(other)].join(), (codes) => codes === "404,404");
  await lily.context.close();
});

for (const [where, comesBack] of [
  ["when the network is back", async (page) => page.context().setOffline(false)],
  ["on the tab's next page", async (page) => {
    await page.route("**/erase", (route) => route.abort());
    await Promise.all([page.waitForEvent("requestfailed", (request) => request.url().endsWith("/erase")), page.context().setOffline(false)]);
    await page.unroute("**/erase");
    await page.goto(`${garden.origin}/next.html`);
    await page.waitForFunction(() => window.hushreel?.ready);
    assert.equal((await kept(page)).length, 1, "nothing is read before the visitor has chosen");
    await page.evaluate(() => window.hushreel("consent", "denied"));
  }],
]) {
  test(`what was withdrawn without a network is erased ${where}`, async () => {
    const fern = await visit("Fern gully");
    await fern.page.goto(`${garden.origin}/next.html`, { waitUntil: "load" });
    await fern.page.waitForFunction(() => window.hushreel?.ready);
    const named = await kept(fern.page);
    await fern.context.setOffline(true);
    await fern.page.evaluate(() => window.hushreel("consent", "withdrawn", { erase: true }));
    named.push(...(await kept(fern.page)));
    const { storage } = await (await fetch(`${noticeAddress}.json`)).json();
    assert.deepEqual([...named, "hush-objection"], storage.map((row) => row.key), "the notice's table is what the recorder writes");
    assert.equal(await status(fern.id), 200);
    await comesBack(fern.page);
    await until(() => status(fern.id), (code) => code === 404);
    await until(() => kept(fern.page), (names) => names.length === 0);
    await fern.context.close();
  });
}

test("who objects is recorded no more, on no later page either, until he takes it back", async () => {
  const moss = await visit("Moss garden");
  await moss.page.evaluate(() => window.hushreel("object"));
  assert.equal(await moss.page.evaluate(() => window.hushreel("recording")), null);
  assert.equal(await moss.page.evaluate(() => localStorage.getItem("hush-objection")), "1");
  await moss.page.goto(`${garden.origin}/next.html`);
  await moss.page.waitForFunction(() => window.hushreel?.ready);
  const agreed = () => moss.page.evaluate(() => (window.hushreel("consent", "granted"), window.hushreel("recording")));
  assert.equal(await agreed(), null, "a later yes of a banner does not overrule it");
  assert.ok(await moss.page.evaluate(() => (window.hushreel("object", false), window.hushreel("consent", "granted"), window.hushreel("recording"))));
  assert.equal(await moss.page.evaluate(() => localStorage.length), 0);
  await moss.context.close();
});

test("the notice stands in every language without a script, and all can read it", async () => {
  const { page, context } = await openWindow(browser, { javaScriptEnabled: false });
  for (const language of LANGUAGES) {
    await page.goto(`${noticeAddress}?lang=${language}`);
    const said = await page.locator("main").innerText();
    assert.ok(said.includes(garden.origin) && !/[{}]/.test(said), language);
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    assert.equal(await page.locator("main > section").count(), 11, language);
  }
  await context.close();
  const scripted = await openDashboard(browser, hushreel.address, { locale: "pl-PL" });
  await scripted.page.goto(noticeAddress);
  assert.equal(await scripted.page.locator("html").getAttribute("lang"), "pl", "the browser's own language");
  for (const language of LANGUAGES) {
    await scripted.page.goto(`${noticeAddress}?lang=${language}`);
    await scripted.page.waitForSelector(".own .acts");
    assert.deepEqual(await findBarriers(scripted.page, language), []);
  }
  assert.deepEqual([scripted.trouble, scripted.strays], [[], []]);
  await scripted.context.close();
});

test("nothing of all this broke a page's policy", () => {
  assert.deepEqual([orchid.trouble, tulip.trouble], [[], []]);
});
