// The policy, changed by a person: what a change does is said before it is saved, loosening asks why, and the history tells both.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const { key } = await hushreel.addSite("https://shop.example.com", { preset: "strict", min_interaction: 1 });
const { page, trouble, strays } = await openDashboard(browser, hushreel.address);
const button = (name) => page.getByRole("button", { name, exact: true });
const policy = async () => (await hushreel.command("site", "policy", "show", key)).policy;

test("the operator comes to the policy from the site", async () => {
  const { link } = await hushreel.command("setup");
  await page.goto(link);
  await page.getByLabel("E-mail").fill("keeper@example.org");
  await page.getByLabel("Password", { exact: true }).fill("lantern quarry meadow thimble");
  await button("Create account").click();
  await page.getByRole("heading", { level: 1, name: "Add a site" }).waitFor();
  await page.goto(`${hushreel.address}/sites/${key}`);
  await page.getByRole("link", { name: "Change what is kept" }).click();
  await page.getByRole("heading", { level: 1, name: "Privacy" }).waitFor();
  await page.getByText("Nothing is changed yet.").waitFor();
  assert.deepEqual(await findBarriers(page, "privacy"), []);
});

test("what records more says so, and is not saved without a reason", async () => {
  await page.getByRole("radio", { name: "That a field was filled in is kept" }).check();
  await page.getByText("Records more").first().waitFor();
  assert.ok(await button("Save").isDisabled());
  await page.getByLabel("Reason, kept in the history").fill("To see where the form is left");
  await button("Save").click();
  await page.getByText("Saved as version 2.").waitFor();
  assert.equal((await policy()).forms, "masked");
});

test("what hides more needs none, and both stand in the history", async () => {
  await page.getByLabel("Masked elements").fill(".basket\n#total");
  await page.getByText("This hides more.").waitFor();
  await button("Save").click();
  await page.getByText("Saved as version 3.").waitFor();
  assert.deepEqual((await policy()).mask, [".basket", "#total"]);
  const story = page.locator("ol.history > li");
  await story.filter({ hasText: "Version 2" }).getByText("“To see where the form is left”").waitFor();
  await story.filter({ hasText: "Version 2" }).getByText("keeper@example.org").waitFor();
  assert.equal(await story.count(), 3);
});

test("a selector that no browser reads is named before anything is saved", async () => {
  await page.getByLabel("Blocked elements").fill("div[");
  await page.getByRole("alert").filter({ hasText: "div[" }).waitFor();
  assert.ok(await button("Save").isDisabled());
  await button("Cancel").click();
  await page.getByText("Nothing is changed yet.").waitFor();
  assert.deepEqual(await findBarriers(page, "privacy with a history"), []);
});

test("a preset is where one begins", async () => {
  await button("Balanced").click();
  await page.getByRole("button", { name: "Balanced", pressed: true }).waitFor();
  await page.getByText("Records more").first().waitFor();
  await button("Cancel").click();
});

test("what the configuration file sets is shown with its source, and cannot be changed here", async () => {
  const config = join(hushreel.data, "..", "hushreel.toml");
  await writeFile(config, '[policy]\nforms = "off"\ngpc = true\nretention_days = 14\nblock = [".chat"]\n');
  process.env.HUSHREEL_CONFIG = config;
  await hushreel.end();
  await hushreel.start();
  await page.reload();
  const forms = page.locator("fieldset.card").filter({ has: page.getByRole("heading", { name: "Forms" }) });
  await forms.getByText(`Set in ${config}, and changed there alone.`).waitFor();
  assert.ok(await page.getByRole("radio", { name: "That a field was filled in is kept" }).isDisabled());
  assert.ok(await page.getByLabel("Blocked elements").isDisabled());
  await button("Full").click();
  await page.getByText("Records more").first().waitFor();
  assert.equal(await page.getByLabel("Blocked elements").inputValue(), ".chat", "a preset leaves it alone");
  assert.deepEqual(await findBarriers(page, "privacy with fixed keys"), []);
  await button("Cancel").click();
  // That the selector was refused, Chromium writes to the console.
  assert.deepEqual([trouble.filter((text) => !text.includes("/policy/compare")), strays], [[], []]);
});
