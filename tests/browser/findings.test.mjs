// What the shop's developers forgot to mark is found within one visit, with forms off, and told without its value.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());

const SHOP = new URL("../../assets/demo", import.meta.url).pathname;
const CARD = "4242 4242 4242 4242";
const IBAN = "CZ65 0800 0000 1920 0014 5399";

/** The shop's checkout with more fields that say nothing of themselves, and one that its developers marked. */
async function checkout(preset) {
  const page = (await readFile(join(SHOP, "checkout.html"), "utf8")).replace("{{SNIPPET}}", "");
  const planted = `<form class="form" id="planted"><input name="f17"><div><label>Where from<input name="f18"></label></div>
    <input name="f19" placeholder="Card number" data-hush="sensitive"></form>`;
  const site = await serveFolder(SHOP, { "/checkout.html": page.replace("</main>", planted + "</main>") });
  after(site.stop);
  const { key, snippet } = await hushreel.addSite(site.origin, { preset });
  site.snippet = snippet;
  return { site, key };
}

/** One visit: write into the planted fields and leave. */
async function visit(site) {
  const { page, context } = await openWindow(browser);
  await page.goto(site.origin + "/checkout.html");
  await page.waitForFunction(() => window.hushreel?.ready);
  await page.fill("[name=f17]", CARD);
  await page.fill("[name=f18]", IBAN);
  await page.fill("[name=f19]", CARD);
  await page.click("h1");
  const sent = page.waitForResponse((answer) => answer.url().includes("/i/v1/"));
  await page.evaluate(() => window.hushreel("pause"));
  assert.equal((await sent).status(), 204);
  await context.close();
}

const findings = async (key) => (await hushreel.api(`/api/v1/sites/${key}/findings`)).items;

for (const preset of ["strict", "balanced", "full"]) {
  test(`under ${preset} one visit finds what nobody marked`, async () => {
    const { site, key } = await checkout(preset);
    await visit(site);
    const found = await findings(key);
    const by = (kind) => found.filter((finding) => finding.kind === kind).map(({ selector }) => selector);
    // The shop's own forgotten field, by its name; the two that say nothing, by what was written.
    assert.ok(by("payment").some((selector) => /input(#voucher)?/.test(selector)), JSON.stringify(found));
    assert.equal(by("card").length, 1, JSON.stringify(found));
    assert.equal(by("iban").length, 1);
    for (const { state, by: finder, page, fix } of found) {
      assert.deepEqual([state, finder, fix.attribute], ["open", "recorder", 'data-hush="sensitive"']);
      assert.ok(page.startsWith(site.origin));
    }
    // Each place is where it says, and the field that was marked is none of them.
    const { page, context } = await openWindow(browser);
    await page.goto(site.origin + "/checkout.html");
    const named = (selector) => page.evaluate((selector) => [...document.querySelectorAll(selector)].map(({ name }) => name), selector);
    assert.deepEqual(await named(by("card")[0]), ["f17"]);
    assert.deepEqual(await named(by("iban")[0]), ["f18"]);
    const all = await Promise.all(found.map(({ selector }) => named(selector)));
    assert.ok(!all.flat().includes("f19"));
    await context.close();
  });
}

test("a field into which a card number was written is hidden from then on", async () => {
  const { site, key } = await checkout("full");
  const { page, context } = await openWindow(browser);
  await page.goto(site.origin + "/checkout.html");
  await page.waitForFunction(() => window.hushreel?.ready);
  await page.fill("[name=f17]", CARD);
  await page.click("h1");
  await page.fill("[name=f17]", "Laterword");
  await page.fill("#note", "Notemark");
  await page.click("h1");
  const sent = page.waitForResponse((answer) => answer.url().includes("/i/v1/"));
  await page.evaluate(() => window.hushreel("pause"));
  assert.equal((await sent).status(), 204);
  await context.close();
  const { items } = await hushreel.api(`/api/v1/recordings?site=${key}`);
  const events = JSON.stringify(await hushreel.api(`/api/v1/recordings/${items[0].id}/events`));
  assert.ok(events.includes("Notemark"));
  assert.ok(!events.includes("Laterword"));
});

test("no value stands in any file, list or log", async () => {
  const { site, key } = await checkout("strict");
  await visit(site);
  const values = [CARD, IBAN].flatMap((value) => [value, value.replaceAll(" ", "")]);
  const texts = [JSON.stringify(await findings(key)), hushreel.log()];
  for (const name of await readdir(hushreel.data, { recursive: true, withFileTypes: true })) {
    if (name.isFile()) texts.push((await readFile(join(name.parentPath ?? name.path, name.name))).toString("latin1"));
  }
  for (const value of values) for (const text of texts) assert.ok(!text.includes(value), value);
});

test("a field that was marked meanwhile is not met again, and opens again where the mark is lost", async () => {
  const { site, key } = await checkout("strict");
  await visit(site);
  const [one] = (await findings(key)).filter(({ kind }) => kind === "card");
  const body = JSON.stringify({ state: "fixed" });
  const headers = { "Content-Type": "application/json" };
  await hushreel.api(`/api/v1/sites/${key}/findings/${one.id}`, { method: "PUT", body, headers });
  const state = async () => (await findings(key)).find(({ id }) => id === one.id);
  assert.equal((await state()).state, "fixed");
  await visit(site);
  assert.deepEqual([(await state()).state, (await state()).times], ["open", 2]);
});

test("the operator sees kind and place, hides the place by policy, and accepts with a reason alone", async () => {
  const { site, key } = await checkout("strict");
  await visit(site);
  const { page, context, trouble, strays } = await openDashboard(browser, hushreel.address);
  const { link } = await hushreel.command("setup");
  await page.goto(link);
  await page.getByLabel("E-mail").fill("keeper@example.org");
  await page.getByLabel("Password", { exact: true }).fill("lantern quarry meadow thimble");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { level: 1, name: "Add a site" }).waitFor();

  await page.goto(`${hushreel.address}/sites/${key}`);
  await page.getByRole("link", { name: "See findings" }).click();
  await page.getByRole("heading", { level: 1, name: "Findings" }).waitFor();
  const card = (title) => page.locator("li.card", { has: page.getByRole("heading", { name: title }) });
  const typed = card("A card number was typed here");
  const [{ selector }] = (await findings(key)).filter(({ kind }) => kind === "card");
  await typed.getByText(selector).waitFor();
  assert.deepEqual(await findBarriers(page, "findings"), []);

  await typed.getByRole("button", { name: "Hide by policy" }).click();
  await page.getByText("The policy hides this place from now on.").waitFor();
  assert.deepEqual((await hushreel.command("site", "policy", "show", key)).policy.mask, [selector]);

  await card("An account number was typed here").getByRole("button", { name: "Accept" }).click();
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByRole("button", { name: "Accept" }).isDisabled(), "not without a reason");
  await dialog.getByLabel("Reason").fill("A field for test data");
  await dialog.getByRole("button", { name: "Accept" }).click();
  await page.getByText("2 settled").click();
  await card("An account number was typed here").getByText("A field for test data").waitFor();
  // A place that the policy hides is met no more.
  await visit(site);
  const states = (await findings(key)).map(({ kind, state }) => [kind, state]);
  assert.deepEqual(states.filter(([kind]) => kind === "card" || kind === "iban").sort(), [["card", "fixed"], ["iban", "accepted"]]);
  await context.close();
  assert.deepEqual([trouble, strays], [[], []]);
});

test("a rule counts as matched wherever its element stands: in the page, a shadow tree or a frame", async () => {
  const page = `<!doctype html><title>Rules</title><p class="plain">Said</p><div id="host"></div><div id="shut"></div>
    <iframe srcdoc="<p class=framed>Said</p>"></iframe>
    <script>for (const mode of ["open", "closed"]) document.getElementById(mode === "open" ? "host" : "shut").attachShadow({ mode }).innerHTML = "<p class=" + mode + ">Said</p>";</script>`;
  const site = await serveFolder("/nowhere", { "/index.html": page });
  after(site.stop);
  const { key, snippet } = await hushreel.addSite(site.origin, { preset: "full" });
  const matching = [".plain", ".framed", ".open", ".closed"];
  await hushreel.setPolicy(key, { mask: [...matching, ".nowhere"] });
  // Not async: a root that was made closed before the recorder came, no script can see.
  site.snippet = snippet.replace(" async", "");
  const { page: window, context } = await openWindow(browser);
  await window.goto(site.origin + "/index.html");
  await window.waitForFunction(() => window.hushreel?.ready);
  const sent = window.waitForResponse((answer) => answer.url().includes("/i/v1/"));
  await window.evaluate(() => window.hushreel("pause"));
  assert.equal((await sent).status(), 204);
  await context.close();
  const { items } = await hushreel.api(`/api/v1/sites/${key}/rules`);
  assert.deepEqual(items.filter(({ matched }) => matched).map(({ selector }) => selector), matching);
  assert.deepEqual(items.filter(({ matched }) => !matched).map(({ selector }) => selector), [".nowhere"]);
});
