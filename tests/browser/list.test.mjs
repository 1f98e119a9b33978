// The list of recordings in the dashboard: chips, menus, search and orders over visits that the real recorder made, what stands in the
// address, and whether everybody can use it. PICTURES names a folder that pictures of it are put into.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
const CRAWLER = "Mozilla/5.0 (compatible; SomeBot/2.1)";
const PATIENCE_MS = 40_000;

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const html = (name) =>
  `<!doctype html><html lang="en"><head><title>${name}</title></head><body><h1>${name}</h1><button id="dead" type="button">Nothing</button></body></html>`;
const shop = await serveFolder("/nowhere", { "/index.html": html("Shop"), "/cart.html": html("Cart"), "/guide.html": html("Guide"), "/favicon.ico": " " });
after(shop.stop);
const { key, snippet } = await hushreel.addSite(shop.origin);
shop.snippet = snippet;

/** Ask for a recording until it fits. */
async function until(id, fits) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await hushreel.api(`/api/v1/recordings/${id}`).catch(() => null);
    if (found && fits(found)) return;
    if (Date.now() > end) throw new Error(`the recording ${id} is still ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** One visit, up to the moment in which the server has made all of it that lists show. */
async function visit(options, steps) {
  const { page, context } = await openWindow(browser, options);
  await page.goto(`${shop.origin}/index.html`);
  await page.waitForFunction(() => window.hushreel?.("recording"));
  const id = await page.evaluate(() => window.hushreel("recording"));
  // What a page sends while it is left goes under the browser's own name, not under that of the window.
  await page.click("h1");
  await until(id, () => true);
  await steps(page);
  await page.evaluate(() => window.hushreel("stop"));
  await page.goto("about:blank");
  await context.close();
  await until(id, ({ marked_at }) => marked_at);
  return id;
}

const { page, context, trouble, strays } = await openDashboard(browser, hushreel.address);
const status = (text) => page.getByRole("status").filter({ hasText: new RegExp(`^\\s*${text}\\s*$`) }).waitFor();
const button = (name) => page.getByRole("button", { name });
const query = () => new URL(page.url()).search;
const picture = async (name) => process.env.PICTURES && page.screenshot({ path: `${process.env.PICTURES}/${name}.png` });
const ids = {};

before(async () => {
  ids.despair = await visit({}, async (page) => {
    for (let click = 0; click < 5; click++) await page.click("#dead", { delay: 5 });
    // A click is dead once nothing came of it for a while.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2_200)));
  });
  ids.phone = await visit({ userAgent: PHONE, viewport: { width: 390, height: 844 } }, async (page) => {
    await page.goto(`${shop.origin}/cart.html`);
    await page.waitForFunction(() => window.hushreel?.("recording"));
    await page.evaluate(() => window.hushreel("event", "purchase"));
    await page.evaluate(() => window.hushreel("tag", "plan", "pro"));
    await page.click("h1");
  });
  ids.reader = await visit({}, (page) => page.goto(`${shop.origin}/guide.html`).then(() => page.waitForFunction(() => window.hushreel?.("recording"))));
  ids.crawler = await visit({ userAgent: CRAWLER }, (page) => page.click("h1"));
  const { link } = await hushreel.command("setup");
  const data = { token: new URL(link).hash.slice("#token=".length), email: "watcher@example.org", password: "gentle otters polish nine lanterns", language: "en" };
  const answer = await context.request.post(`${hushreel.address}/api/v1/setup`, { data, headers: { Origin: hushreel.address } });
  assert.ok(answer.ok(), await answer.text());
  await page.goto(hushreel.address);
  await status("3 recordings");
});

const listed = () => page.locator("a.row").evaluateAll((rows) => rows.map((row) => row.getAttribute("href").split("/").pop()));

test("programs are left out until somebody wants them", async () => {
  assert.deepEqual(await listed(), [ids.reader, ids.phone, ids.despair]);
  await button("More").click();
  await page.getByLabel("Show bots too").check();
  await status("4 recordings");
  assert.equal(query(), "?bots=show");
  await page.keyboard.press("Escape");
  assert.equal(await button("More").evaluate((open) => open === document.activeElement && open.getAttribute("aria-expanded")), "false");
  await button("Remove filter: Show bots too").click();
  await status("3 recordings");
  assert.equal(query(), "");
});

test("signals are chips with counts, and stand in the rows", async () => {
  const rage = button(/^Rage clicks/);
  assert.match(await rage.textContent(), /Rage clicks\s*1/);
  assert.match(await page.locator(`a.row[href="/recordings/${ids.despair}"]`).textContent(), /1 rage click\b/);
  await rage.click();
  await status("1 recording");
  assert.equal(await rage.getAttribute("aria-pressed"), "true");
  assert.deepEqual(await listed(), [ids.despair]);
  await page.reload();
  await status("1 recording");
  assert.equal(await rage.getAttribute("aria-pressed"), "true");
  await picture("rage");
  await rage.click();
  await status("3 recordings");
});

test("menus narrow the list by keyboard alone, and the way back undoes each step", async () => {
  await button("Device").focus();
  await page.keyboard.press("Enter");
  const phone = page.getByRole("checkbox", { name: /^Phone/ });
  await phone.focus();
  await page.keyboard.press("Space");
  await status("1 recording");
  assert.equal(query(), "?device=phone");
  assert.match(await page.getByRole("group", { name: "Device" }).textContent(), /Desktop\s*2/, "what is not chosen is counted too");
  await picture("device");
  assert.deepEqual(await findBarriers(page, "an open menu"), []);
  await page.keyboard.press("Escape");
  await button("Page").click();
  await page.getByLabel("A path; end it with * for all that begin so").fill("CART");
  await button(/^\/cart\.html/).click();
  await page.waitForURL((url) => url.searchParams.get("page") === "/cart.html");
  await status("1 recording");
  await page.goBack();
  await page.goBack();
  await status("3 recordings");
});

test("events, tags and search find what they name", async () => {
  for (const [menu, name] of [["Event", /^purchase/], ["Tag", /^plan=pro/]]) {
    await button(menu).click();
    await button(name).click();
    await status("1 recording");
  }
  assert.equal(query(), "?event=purchase&tag=plan%3Dpro");
  await button("Clear filters").click();
  await status("3 recordings");
  await page.getByRole("searchbox").fill("guide");
  await page.keyboard.press("Enter");
  await status("1 recording");
  assert.deepEqual(await listed(), [ids.reader]);
  await page.getByRole("searchbox").fill("nowhere at all");
  await page.keyboard.press("Enter");
  await page.getByText("No recording fits these filters").waitFor();
  assert.deepEqual(await findBarriers(page, "nothing fits"), []);
  await button("Clear filters").first().click();
  await status("3 recordings");
});

test("the order stands in the address, and holds", async () => {
  await page.getByLabel("Order").selectOption("frustration.desc");
  await page.waitForURL((url) => url.searchParams.get("order") === "frustration.desc");
  await page.waitForFunction((id) => document.querySelector("a.row")?.getAttribute("href") === `/recordings/${id}`, ids.despair);
  await page.getByLabel("Order").selectOption("start.asc");
  await page.waitForFunction((id) => document.querySelectorAll("a.row")[2]?.getAttribute("href") === `/recordings/${id}`, ids.reader);
  assert.deepEqual(await listed(), [ids.despair, ids.phone, ids.reader]);
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), `/recordings/${ids.despair}`);
});

test("everybody can use it, in light and dark, wide and narrow, in both languages", async () => {
  const found = [];
  for (const [colorScheme, width, language] of [["light", 1440, "en"], ["dark", 1440, "cs"], ["light", 390, "cs"], ["dark", 390, "en"]]) {
    await page.evaluate((theme) => localStorage.setItem("hushreel-theme", theme), colorScheme);
    await page.setViewportSize({ width, height: 900 });
    await context.request.put(`${hushreel.address}/api/v1/account`, { data: { language }, headers: { Origin: hushreel.address } });
    await page.goto(`${hushreel.address}/?site=${key}&signal=dead&bots=show`);
    await page.locator("a.row").first().waitFor();
    found.push(...(await findBarriers(page, `${colorScheme} ${width}`)));
    await picture(`${colorScheme}-${width}-one`);
    await page.goto(`${hushreel.address}/?bots=show`);
    await page.locator("a.row").nth(3).waitFor();
    found.push(...(await findBarriers(page, `${colorScheme} ${width}, all`)));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing runs out of sight at ${width}`);
    await picture(`${colorScheme}-${width}-all`);
    if (width === 390) {
      await page.locator(".unfold").click();
      await picture(`${colorScheme}-${width}-bar`);
    }
    await page.locator(".bar button[aria-expanded]").nth(3).click();
    await page.locator(".panel label").first().waitFor();
    await picture(`${colorScheme}-${width}-menu`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `no menu runs out of sight at ${width}`);
  }
  assert.deepEqual(found, []);
});

test("nothing went wrong on the way, and nobody else was asked", () => {
  assert.deepEqual([trouble, strays], [[], []]);
});
