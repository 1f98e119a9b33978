// The whole job of a newcomer, in Chromium, with the real binary: from the one-time link to the first replay and out again.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard, replayDocument, replayShows, replayText, untilRecorded } from "./lib/dashboard.mjs";
import { startDemo } from "./lib/demo.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { rustDocumentation, serveFolder } from "./lib/sites.mjs";

const EMAIL = "keeper@example.org";
const PASSWORD = "lantern quarry meadow thimble";
/** The visitor rests for so long in mid-visit, which makes the recording one with idle time to skip. */
const REST_MS = 7000;

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const book = await serveFolder(await rustDocumentation());
after(book.stop);
const { page, context, trouble, strays } = await openDashboard(browser, hushreel.address);

const heading = (name) => page.getByRole("heading", { level: 1, name });
const button = (name) => page.getByRole("button", { name, exact: true });
const slider = page.getByRole("slider", { name: "Timeline" });
const second = (wanted) => page.waitForFunction((now) => document.querySelector("[role=slider]")?.ariaValueNow === String(now), wanted);
const past = (wanted) => page.waitForFunction((then) => Number(document.querySelector("[role=slider]")?.ariaValueNow) >= then, wanted);
const path = () => page.url().slice(hushreel.address.length);

test("before there is an account, every address leads to setting up, which asks for the one-time link", async () => {
  await page.goto(`${hushreel.address}/sites`);
  await heading("The one-time link is needed").waitFor();
  assert.equal(path(), "/setup");
});

let setupLink = "";

test("the one-time link opens the door, and does not stay in the address", async () => {
  ({ link: setupLink } = await hushreel.command("setup"));
  assert.ok(setupLink.startsWith(`${hushreel.address}/setup#token=`), "the link leads to the running server");
  await page.goto(setupLink);
  await heading("Make the first account").waitFor();
  assert.equal(path(), "/setup");
  assert.deepEqual(await findBarriers(page, "setup"), []);
});

test("a weak password is refused, by the page that shows its strength and by the server", async () => {
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill("password1");
  await page.getByText("Password strength: very weak.").waitFor();
  assert.ok(await button("Create account").isDisabled());
  const token = new URL(setupLink).hash.slice("#token=".length);
  const refused = await fetch(`${hushreel.address}/api/v1/setup`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, email: EMAIL, password: "password1", language: "en" }),
  });
  assert.equal(refused.status, 422);
});

test("a strong password makes the first account, which is led to add a site", async () => {
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByText("Password strength: strong.").waitFor();
  await button("Create account").click();
  await heading("Add a site").waitFor();
  assert.equal(path(), "/sites/new");
});

test("the one-time link works once, and the server gives no other", async () => {
  const stranger = await openDashboard(browser, hushreel.address);
  await stranger.page.goto(setupLink);
  await stranger.page.getByText("This server already has its first account.").waitFor();
  await stranger.context.close();
  const token = new URL(setupLink).hash.slice("#token=".length);
  const refused = await fetch(`${hushreel.address}/api/v1/setup`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, email: "second@example.org", password: PASSWORD, language: "en" }),
  });
  assert.equal(refused.status, 403);
  await assert.rejects(hushreel.command("setup"), /There is an account already/);
  assert.deepEqual([stranger.trouble, stranger.strays], [[], []]);
});

test("an account without any site finds lists that say what to do, and can all use them", async () => {
  await page.goto(`${hushreel.address}/`);
  await page.getByText("No recordings yet").waitFor();
  const found = await findBarriers(page, "no recordings");
  await page.goto(`${hushreel.address}/sites`);
  await page.getByText("No site yet").waitFor();
  assert.deepEqual([...found, ...(await findBarriers(page, "no sites"))], []);
});

let key = "";

test("a site is added, and its snippet shown", async () => {
  await page.getByRole("link", { name: "Add a site" }).first().click();
  await page.getByLabel("Name").fill("Handbook");
  await page.getByLabel("Web address").fill("handbook");
  await button("Add site").click();
  await page.getByText("“handbook” is not a web address.").waitFor();
  await page.getByLabel("Web address").fill(book.origin);
  await page.getByRole("radio", { name: "Balanced" }).check();
  await page.getByLabel("Purpose").fill("To see where readers get lost.");
  assert.deepEqual(await findBarriers(page, "new site"), []);
  await button("Add site").click();
  await heading("Handbook").waitFor();
  key = path().split("/").pop();
  book.snippet = await page.locator("pre code").first().textContent();
  assert.equal(book.snippet, `<script async src="${hushreel.address}/r/${key}.js" referrerpolicy="no-referrer"></script>`);
  await page.getByText("Waiting for a page to load the snippet").waitFor();
  await page.getByText("Waiting for the first event").waitFor();
  assert.deepEqual(await findBarriers(page, "waiting site"), []);
});

const { page: visitor, context: visiting } = await openWindow(browser);
visitor.setDefaultTimeout(15_000);

test("the dashboard follows a first visit without a reload: snippet, first events, a recording to watch", async () => {
  await page.evaluate(() => (window.stayed = true));
  await visitor.goto(`${book.origin}/book/ch01-00-getting-started.html`);
  await page.getByText("A page loaded the snippet").waitFor();
  assert.ok(await page.getByText("Waiting for the first event").isVisible(), "nothing is sent before the visitor agrees");
  await visitor.evaluate(() => window.hushreel("consent", "granted"));
  await visitor.waitForFunction(() => window.hushreel("recording"));
  await visitor.click("#mdbook-theme-toggle, #theme-toggle");
  await visitor.keyboard.press("Escape");
  await visitor.click("#mdbook-search-toggle, #search-toggle");
  await visitor.keyboard.type("borrow");
  await page.getByText("The first events were accepted").waitFor();
  await page.getByText("The first recording can be watched").waitFor();
  assert.ok(await page.evaluate(() => window.stayed), "the page was not loaded again");
});

// The visitor reads on while the dashboard is looked at.
let rested = Promise.resolve();

test("the recording stands in the list; a filter stands in the address and survives a reload", async () => {
  rested = visitor.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), REST_MS);
  const other = await hushreel.addSite("http://127.0.0.1:1");
  await page.goto(`${hushreel.address}/`);
  await page.getByText("1 recording", { exact: true }).waitFor();
  await page.getByLabel("Site").selectOption({ label: "Handbook" });
  await page.waitForURL(`${hushreel.address}/?site=${key}`);
  await page.reload();
  await page.getByText("1 recording", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Site").inputValue(), key);
  assert.deepEqual(await findBarriers(page, "recordings"), []);
  await page.getByLabel("Site").selectOption(other.key);
  await page.getByText("No recording fits these filters").waitFor();
  await page.goBack();
  await page.getByText("1 recording", { exact: true }).waitFor();
});

test("sites, one site and settings can be used by everybody", async () => {
  const found = [];
  for (const [address, name] of [["/sites", "Sites"], [`/sites/${key}`, "Handbook"], ["/settings", "Settings"]]) {
    await page.goto(hushreel.address + address);
    await heading(name).waitFor();
    found.push(...(await findBarriers(page, name)));
  }
  assert.deepEqual(found, []);
});

let recording = "";

test("a visit that goes on to another page stays one recording", async () => {
  await rested;
  await visitor.goto(`${book.origin}/book/ch04-01-what-is-ownership.html`);
  await visitor.evaluate(() => window.hushreel("consent", "granted"));
  await visitor.waitForFunction(() => window.hushreel("recording"));
  // What a page leaves behind that is closed before it was told has tests of its own.
  await untilRecorded(context, hushreel.address, ({ pages }) => pages === 2);
  await visitor.mouse.click(640, 300);
  await visitor.goto("about:blank");
  await untilRecorded(context, hushreel.address, ({ clicks }) => clicks === 3);
  await visiting.close();
  await page.goto(`${hushreel.address}/?site=${key}`);
  await page.getByText("1 recording", { exact: true }).waitFor();
  await page.getByText("3 clicks").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/recordings\/\w+/);
  recording = new URL(page.url()).pathname;
  await replayShows(page, "Getting Started");
});

test("a link to a moment opens there, afresh and at rest, and shows the page's text", async () => {
  await page.goto(`${hushreel.address}${recording}?t=0`);
  await replayShows(page, "Getting Started");
  assert.ok(await button("Play").isVisible());
  const end = Number(await slider.getAttribute("aria-valuemax"));
  assert.ok(end >= REST_MS / 1000, `the recording is ${end} s long`);
  await page.goto(`${hushreel.address}${recording}?t=${end * 1000 + 999}`);
  await second(end);
  await replayShows(page, "What Is Ownership");
  assert.deepEqual(await findBarriers(page, "recording"), []);
});

test("four walls stand around a replay", async () => {
  const host = hushreel.address;
  assert.equal(await page.locator('iframe[src="/replay-frame/"]').getAttribute("sandbox"), "allow-scripts allow-same-origin");
  const frame = await replayDocument(page);
  assert.deepEqual(await frame.evaluate(() => [...document.querySelectorAll("iframe")].map((inner) => inner.getAttribute("sandbox"))), ["allow-same-origin"]);
  assert.equal(await frame.evaluate(() => document.querySelector("iframe").contentDocument.querySelectorAll("script").length), 0);
  const policy = async (path) => (await fetch(host + path)).headers.get("content-security-policy");
  assert.equal(
    await policy("/replay-frame/"),
    `default-src 'none'; script-src ${host}/replay-frame/; style-src 'unsafe-inline' ${host}/replay-frame/; img-src blob: data:; ` +
      "font-src blob: data:; media-src blob:; connect-src 'none'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  );
  const own = await policy("/");
  for (const wall of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) {
    assert.ok(own.split("; ").includes(wall), `${wall} is missing in ${own}`);
  }
  assert.equal(await policy(recording), own, "every page of the dashboard has the same policy");
});

test("play moves the time, pause stops it, by button and by key", async () => {
  await page.goto(`${hushreel.address}${recording}?t=0`);
  await replayShows(page, "Getting Started");
  const still = () =>
    page.evaluate(async () => {
      const place = () => document.querySelector(".timeline .head").style.transform;
      const before = place();
      for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame);
      return place() === before;
    });
  assert.ok(await still());
  await page.keyboard.press("Space");
  await button("Pause").waitFor();
  await past(1);
  await page.keyboard.press("Space");
  await button("Play").waitFor();
  assert.ok(await still());
  await button("Play").click();
  await past(2);
  await button("Pause").click();
  await button("Play").waitFor();
  assert.ok(await still());
});

test("arrows, Home, End and the slider's own keys seek; < and > change the speed; ? lists the keys", async () => {
  const end = Number(await slider.getAttribute("aria-valuemax"));
  await slider.focus();
  await page.keyboard.press("Home");
  await second(0);
  await page.keyboard.press("ArrowRight");
  await second(5);
  await page.keyboard.press("ArrowLeft");
  await second(0);
  await page.keyboard.press("End");
  await second(end);
  await replayShows(page, "What Is Ownership");
  await page.keyboard.press("Home");
  await replayShows(page, "Getting Started");
  const box = await slider.boundingBox();
  await slider.click({ position: { x: box.width - 2, y: box.height / 2 } });
  await replayShows(page, "What Is Ownership");
  const speed = page.getByLabel("Speed");
  await page.keyboard.press(">");
  assert.equal(await speed.inputValue(), "2");
  await page.keyboard.press("<");
  assert.equal(await speed.inputValue(), "1");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});

test("idle time is skipped, unless one wants to see it; the choice is kept", async () => {
  const skip = page.getByLabel("Skip idle");
  assert.ok(await skip.isChecked());
  await slider.focus();
  await page.keyboard.press("i");
  assert.ok(!(await skip.isChecked()));
  await page.reload();
  await replayShows(page, "Getting Started");
  assert.ok(!(await skip.isChecked()));
  await skip.check();
  await slider.focus();
  await page.keyboard.press("Home");
  await second(0);
  await page.keyboard.press(">");
  await page.keyboard.press("Space");
  await page.getByText(/Skipped .* without activity/).waitFor();
  await button("Play again").waitFor();
});

test("what happened is listed, and leads to its moment", async () => {
  const click = page.getByRole("button", { name: /Clicked/ }).first();
  await click.click();
  await replayShows(page, "Getting Started");
  assert.ok(Number(await slider.getAttribute("aria-valuenow")) < 7);
});

test("Czech is chosen in the settings, changes the words at once and stays", async () => {
  await page.goto(`${hushreel.address}/settings`);
  await page.getByLabel("Language").selectOption("cs");
  await heading("Nastavení").waitFor();
  await page.getByText("Uloženo").waitFor();
  await page.goto(hushreel.address + recording);
  await page.getByRole("link", { name: "Nahrávky" }).first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "cs");
});

test("until signing out, nothing was said in the console, no policy was broken, and nothing was asked of another host", () => {
  assert.deepEqual([trouble, strays], [[], []]);
});

test("signing out locks everything, and signing in leads back to the page that was asked for", async () => {
  await page.getByRole("button", { name: "Odhlásit se" }).click();
  await heading("Přihlášení").waitFor();
  for (const locked of ["recordings", `recordings/${recording.split("/").pop()}/events`, "sites", "account", "tokens"]) {
    assert.equal((await context.request.get(`${hushreel.address}/api/v1/${locked}`)).status(), 401, locked);
  }
  await page.goto(hushreel.address + recording);
  await button("English").click();
  await heading("Sign in").waitFor();
  assert.deepEqual(await findBarriers(page, "sign in"), []);
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await button("Sign in").click();
  await page.getByText("E-mail or password is not right.").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await button("Sign in").click();
  await page.waitForURL(hushreel.address + recording);
  await replayShows(page, "Getting Started");
  assert.deepEqual(strays, []);
});

test("the demo prints two links that work: a visit to the shop is watched, and what was typed is not in it", async () => {
  const demo = await startDemo();
  after(() => demo.stop());
  const address = new URL(demo.dashboard).origin;
  const watch = async () => {
    const watcher = await openDashboard(browser, address);
    await watcher.page.goto(demo.dashboard);
    await watcher.page.getByRole("heading", { level: 1, name: "Recordings" }).waitFor();
    return watcher;
  };
  const [first, shop] = [await watch(), await openWindow(browser)];
  shop.page.setDefaultTimeout(15_000);
  await shop.page.goto(demo.shop);
  await shop.page.getByRole("button", { name: "Yes, record my visit" }).click();
  await shop.page.waitForFunction(() => window.hushreel("recording"));
  await shop.page.getByRole("link", { name: /Harbour mug/ }).first().click();
  await shop.page.getByRole("button", { name: "Add to cart" }).click();
  await shop.page.goto(`${demo.shop}/checkout`);
  await shop.page.waitForFunction(() => window.hushreel("recording"));
  await shop.page.getByLabel("Last name").pressSequentially("Winterbottom");
  await shop.page.getByLabel("Card number").pressSequentially("4111 1111 1111 1111");
  await shop.page.goto("about:blank");
  await untilRecorded(first.context, address, ({ pages, inputs }) => pages === 3 && inputs > 0);
  await shop.context.close();

  for (const watcher of [first, await watch()]) {
    await watcher.page.goto(address);
    await watcher.page.getByText("1 recording", { exact: true }).waitFor();
    await watcher.page.locator("a.row").click();
    await replayShows(watcher.page, "Harbour mug");
    await watcher.page.keyboard.press("End");
    await replayShows(watcher.page, "Card number");
    const said = await replayText(watcher.page);
    for (const typed of ["Winterbottom", "4111"]) assert.ok(!said.includes(typed), `${typed} was recorded`);
    await watcher.context.close();
    assert.deepEqual([watcher.trouble, watcher.strays], [[], []]);
  }
});
