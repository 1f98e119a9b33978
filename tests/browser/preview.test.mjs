// The operator's own page beside the policy, in Chromium: what he changes shows at once, what he clicks in his page is hidden, and none of
// it is a recording.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP8z4APMOGVHbHSAEEsAROxCnMTAAAAAElFTkSuQmCC", "base64");
const NAME = "Zdislava Hortensia";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const html = `<!doctype html><html lang="en"><head><title>Garden</title><style>.customer { color: green } h1 { margin: 40px }</style></head><body>
  <h1>Seeds of spring</h1><p class="customer">Parcels for ${NAME}</p><img src="/rose.png" alt="" width="80" height="80">
  <form><label>Remark <input name="remark"></label></form><p><a href="/seeds/tall.html">Tall seeds</a></p>
  <script>function hushreel() { (hushreel.q = hushreel.q || []).push(arguments) } hushreel("consent", "denied")</script></body></html>`;
const garden = await serveFolder("/nowhere", { "/page.html": html, "/seeds/tall.html": html, "/rose.png": PIXEL, "/favicon.ico": " " });
after(garden.stop);
const { key, snippet } = await hushreel.addSite(garden.origin, { preset: "strict", min_interaction: 1 });
garden.snippet = snippet;
const { page, context, trouble } = await openDashboard(browser, hushreel.address);
const button = (name) => page.getByRole("button", { name, exact: true });
/** The replayed page that is shown. */
const replayed = page.frameLocator("section.live iframe.shown").frameLocator("iframe");
const policy = async () => (await hushreel.command("site", "policy", "show", key)).policy;

let own;

test("the operator opens his page beside the policy, and sees what would be kept of it", async () => {
  const { link } = await hushreel.command("setup");
  await page.goto(link);
  await page.getByLabel("E-mail").fill("keeper@example.org");
  await page.getByLabel("Password", { exact: true }).fill("lantern quarry meadow thimble");
  await button("Create account").click();
  await page.getByRole("heading", { level: 1, name: "Add a site" }).waitFor();
  await page.goto(`${hushreel.address}/sites/${key}/privacy`);
  await page.getByLabel("Address of a page").fill(`${garden.origin}/page.html`);
  assert.deepEqual(await findBarriers(page, "before a preview"), []);
  [own] = await Promise.all([context.waitForEvent("page"), button("Open the page").click()]);
  await replayed.locator("h1").waitFor();
  assert.match(await replayed.locator("h1").textContent(), /^[█ ]+$/, "strict shows no word, and nothing was saved");
  assert.equal(await own.evaluate(() => window.opener), null, "the page cannot reach the dashboard");
});

test("what is changed in the policy shows at once, before it is saved", async () => {
  await page.getByRole("radio", { name: /Page text is kept, except what/ }).check();
  await replayed.getByRole("heading", { name: "Seeds of spring" }).waitFor();
  await replayed.getByText(NAME).waitFor();
  await page.getByRole("radio", { name: /Images of the site itself are kept/ }).check();
  await replayed.locator("img[src^='blob:']").waitFor();
  assert.equal((await policy()).text, "mask");
});

test("what happens in the page is seen here", async () => {
  await own.evaluate(() => (document.querySelector("h1").textContent = "Seeds of autumn"));
  await replayed.getByRole("heading", { name: "Seeds of autumn" }).waitFor();
});

test("a click in the page hides an element, there and on the policy's list", async () => {
  await own.getByRole("button", { name: "Hide something" }).click();
  await own.locator(".customer").click();
  await own.getByText(".customer · 1 element").waitFor();
  await own.getByRole("button", { name: "Mask its text" }).click();
  await replayed.getByText("█").first().waitFor();
  assert.equal(await page.getByLabel("Masked elements").inputValue(), ".customer");
  await replayed.locator(".customer").filter({ hasText: /^[█ ]+$/ }).waitFor();
});

test("the keyboard chooses too, and a path is put on the list of addresses", async () => {
  await own.getByRole("button", { name: "Hide something" }).click();
  await own.getByLabel("Remark").focus();
  await own.keyboard.press("Enter");
  await own.getByText('input[name="remark"] · 1 element').waitFor();
  await own.getByRole("button", { name: "Cancel" }).click();
  await own.getByRole("link", { name: "Tall seeds" }).click();
  await own.waitForURL(/tall/);
  await own.getByRole("button", { name: "Show the address /seeds/tall.html" }).click();
  await own.getByRole("button", { name: "Show the address" }).waitFor({ state: "detached" });
  assert.match(await page.getByLabel("Readable paths").inputValue(), /\/seeds\/tall\.html$/);
  await replayed.locator(".customer").filter({ hasText: /^[█ ]+$/ }).waitFor();
});

test("another tab with the same link takes no part, and an unknown one records nothing", async () => {
  const link = await page.getByRole("link", { name: "Open it again" }).getAttribute("href");
  const other = await context.newPage();
  await other.goto(link);
  await other.getByText("another window was opened before this one").waitFor();
  const unknown = `preview.${"0".repeat(32)}`;
  const failed = other.waitForEvent("requestfailed", (question) => question.url().includes(unknown));
  await other.goto(`${garden.origin}/seeds/tall.html#hush-preview=${"0".repeat(32)}`);
  await failed;
  assert.equal((await fetch(`${hushreel.address}/r/${unknown}.js`)).status, 404);
  assert.equal(await other.evaluate(() => window.hushreel.ready), undefined);
  await other.close();
});

test("looked at, the preview has no barriers", async () => {
  assert.deepEqual(await findBarriers(page, "preview"), []);
});

test("the end of the preview reaches the page, and nothing of it is anywhere", async () => {
  await button("End preview").click();
  await own.getByText("This preview has ended.").waitFor();
  await own.getByRole("button", { name: "End preview" }).click();
  await own.waitForFunction(() => window.name === "" && window.hushreel?.ready);
  assert.deepEqual((await hushreel.api("/api/v1/recordings")).items, []);
  const files = await readdir(hushreel.data, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name));
    for (const word of [NAME, "Seeds of"]) assert.ok(!bytes.includes(word), `${word} in ${file.name}`);
  }
  assert.deepEqual(trouble.filter((text) => !/40[34]|hush-preview/.test(text)), []);
});
