// A recording that is kept and not used, from both sides: its visitor asks for it on the own page, staff see it, restrict and lift, and
// what was asked stands on the privacy page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard, replayShows } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const html = `<!doctype html><html lang="en"><head><title>Garden</title></head><body><h1>Garden of ferns</h1></body></html>`;
const garden = await serveFolder("/nowhere", { "/page.html": html, "/favicon.ico": " " });
after(garden.stop);
const { key, snippet } = await hushreel.addSite(garden.origin, { preset: "full", consent: "required" });
garden.snippet = snippet;

/** A visit that is over: its id, and the address of its visitor's own page. */
async function visit() {
  const { page, context } = await openWindow(browser);
  await page.goto(`${garden.origin}/page.html`);
  await page.waitForFunction(() => window.hushreel?.ready);
  const sent = page.waitForResponse((answer) => answer.url().includes("/i/v1/") && answer.status() === 204);
  await page.evaluate(() => window.hushreel("consent", "granted"));
  await page.click("h1");
  await sent;
  const id = await page.evaluate(() => window.hushreel("recording"));
  const [own] = await Promise.all([context.waitForEvent("page"), page.evaluate(() => void window.hushreel("mine"))]);
  await own.waitForSelector(".recordings > li");
  const proof = await own.evaluate(() => history.state);
  await context.close();
  return { id, address: `${hushreel.address}/privacy/${key}?lang=en#${proof}` };
}

const recorded = [await visit(), await visit()];
const [fern, moss] = recorded;
const visitor = await openDashboard(browser, hushreel.address, { acceptDownloads: true });
const own = visitor.page;
const staff = await openDashboard(browser, hushreel.address);
const { page } = staff;
const button = (page, name) => page.getByRole("button", { name, exact: true });
const events = async ({ id }) => (await fetch(`${hushreel.address}/api/v1/recordings/${id}/events`, { headers: { Authorization: `Bearer ${hushreel.token}` } })).status;

test("nobody has asked yet, and the list says so", async () => {
  const { link } = await hushreel.command("setup");
  await page.goto(link);
  await page.getByLabel("E-mail").fill("keeper@example.org");
  await page.getByLabel("Password", { exact: true }).fill("lantern quarry meadow thimble");
  await button(page, "Create account").click();
  await page.getByRole("heading", { level: 1, name: "Add a site" }).waitFor();
  const { key } = await hushreel.addSite("https://quiet.example.com", { preset: "strict" });
  await page.goto(`${hushreel.address}/sites/${key}/privacy`);
  await page.getByRole("region", { name: "Data requests" }).getByText("Nobody has asked anything yet.").waitFor();
  assert.deepEqual(await findBarriers(page, "no requests"), []);
});

test("a visitor has the own recording kept and not used, and still sees it", async () => {
  await own.goto(fern.address);
  await own.waitForSelector(".recordings > li");
  await button(own, "Restrict").click();
  await own.getByText("Restricted.", { exact: true }).waitFor();
  await own.getByText("As you asked, it is kept and not used.").waitFor();
  assert.deepEqual([await events(fern), await events(moss)], [423, 200]);
  assert.deepEqual(await findBarriers(own, "restricted own page"), []);
  await button(own, "Watch").click();
  await replayShows(own, "Garden of ferns");
  const [download] = await Promise.all([own.waitForEvent("download"), button(own, "Download").click()]);
  assert.ok((await readFile(await download.path(), "utf8")).includes("Garden of ferns"));
});

test("staff read in the list and on its page that it is restricted, and nothing of what it holds", async () => {
  await page.goto(hushreel.address);
  const row = page.locator(`a.row[href="/recordings/${fern.id}"]`);
  await row.getByText("Restricted since").waitFor();
  await row.getByText("As its visitor asked.").waitFor();
  assert.ok(!(await row.innerText()).includes("/page.html"));
  assert.deepEqual(await findBarriers(page, "list with a restricted recording"), []);
  await row.click();
  await page.getByRole("heading", { name: "This recording is restricted" }).waitFor();
  await page.getByText("Its visitor asked for it on").waitFor();
  await page.getByText("An owner or an admin can lift the restriction.").waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "Recording", "its address is part of what it holds");
  assert.equal(await page.locator("iframe").count(), 0);
  assert.deepEqual(await findBarriers(page, "restricted recording"), []);
});

test("its visitor lifts it, and it plays again", async () => {
  await button(own, "Lift restriction").click();
  await own.getByText("It is kept until its storage period ends.").waitFor();
  await button(own, "Restrict").waitFor();
  assert.equal(await events(fern), 200);
});

test("who asks too often is told so", async () => {
  await own.route("**/restrict", (route) => route.fulfill({ status: 429, headers: { "Retry-After": "86400" } }));
  await button(own, "Restrict").click();
  await own.getByText("That was asked too often.").waitFor();
  await own.unroute("**/restrict");
  assert.equal(visitor.trouble.splice(0).length, 1, "Chromium writes the 429 to the console, and nothing else");
});

test("an owner restricts a recording for a reason, and it leaves the page at once", async () => {
  await page.goto(`${hushreel.address}/recordings/${moss.id}`);
  await replayShows(page, "Garden of ferns");
  await page.getByRole("tab", { name: "Details" }).click();
  await button(page, "Restrict").click();
  const dialog = page.getByRole("dialog");
  assert.ok(await button(dialog, "Restrict").isDisabled(), "not without a reason");
  await dialog.getByLabel("Reason").fill("The court asked for it");
  assert.deepEqual(await findBarriers(page, "asked to restrict"), []);
  await button(dialog, "Restrict").click();
  await page.getByText("keeper@example.org restricted it on").waitFor();
  await page.getByText("“The court asked for it”").waitFor();
  assert.equal(await page.locator("iframe").count(), 0);
  assert.equal(await events(moss), 423);
  await own.goto("about:blank");
  await own.goto(moss.address);
  await own.getByText("Those who run the site keep it and do not use it.").waitFor();
  assert.equal(await button(own, "Lift restriction").count() + (await button(own, "Restrict").count()), 0);
});

test("an owner lifts it for a reason, and it plays again", async () => {
  await button(page, "Lift restriction").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("The case is closed");
  assert.deepEqual(await findBarriers(page, "asked to lift"), []);
  await button(dialog, "Lift restriction").click();
  await replayShows(page, "Garden of ferns");
});

test("what was asked stands on the privacy page, who asked and when it was done", async () => {
  await page.goto(`${hushreel.address}/sites/${key}/privacy`);
  const card = page.getByRole("region", { name: "Data requests" });
  const line = (words) => card.getByRole("listitem").filter({ hasText: words });
  await line("A recording was restricted.").filter({ hasText: "Asked by keeper@example.org" }).getByText("“The court asked for it”").waitFor();
  await line("A restriction was lifted.").filter({ hasText: "Asked by the visitor" }).getByText(fern.id).waitFor();
  await line("downloaded by its visitor").waitFor();
  assert.ok((await line("own page").count()) === 2, "a line a day for each recording");
  assert.deepEqual(await findBarriers(page, "data requests"), []);
  await hushreel.command("recording", "restrict", fern.id, "--reason", "Told by telephone");
  await page.reload();
  await line("A recording was restricted.").filter({ hasText: "a command on the server" }).getByText("“Told by telephone”").waitFor();
});

test("nothing of all this broke a page's policy", () => {
  assert.deepEqual([visitor.trouble, visitor.strays, staff.trouble, staff.strays], [[], [], [], []]);
});
