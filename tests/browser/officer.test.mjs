// What the data-protection officer finds on the privacy page: clauses in words, which follow the policy, and documents to keep.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { findBarriers, openDashboard } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
const { key } = await hushreel.addSite("https://shop.example.com", { preset: "strict", consent: "required" });
const { page, trouble, strays } = await openDashboard(browser, hushreel.address);
const button = (name) => page.getByRole("button", { name, exact: true });
const card = page.getByRole("region", { name: "For the data-protection officer" });
const clause = (words) => card.getByRole("listitem").filter({ hasText: words });
const CONSENT = "before the visitor agreed";

test("the clauses of a profile stand on the privacy page, each with its source", async () => {
  const { link } = await hushreel.command("setup");
  await page.goto(link);
  await page.getByLabel("E-mail").fill("officer@example.org");
  await page.getByLabel("Password", { exact: true }).fill("lantern quarry meadow thimble");
  await button("Create account").click();
  await page.getByRole("heading", { level: 1, name: "Add a site" }).waitFor();
  await page.goto(`${hushreel.address}/sites/${key}/privacy`);
  await clause(CONSENT).getByText("Kept", { exact: true }).waitFor();
  await clause(CONSENT).getByText("Directive 2002/58/EC, Art. 5(3)").waitFor();
  await card.getByText("no legal advice").waitFor();
  assert.deepEqual(await findBarriers(page, "privacy with a profile"), []);
});

test("another profile has its own sources", async () => {
  await card.getByLabel("Hold the policy in force against").selectOption({ label: "Czech Republic" });
  await clause(CONSENT).getByText("§ 89 odst. 3").waitFor();
  await card.getByLabel("Hold the policy in force against").selectOption({ label: "California" });
  await clause("agree before what they do is recorded").getByText("§ 631(a)").waitFor();
});

test("a clause that the policy breaks says what to change, once the policy is saved", async () => {
  await card.getByLabel("Hold the policy in force against").selectOption({ label: "European Union" });
  await page.getByLabel("Days until recordings are deleted").fill("400");
  await page.getByLabel("Reason, kept in the history").fill("A long complaint");
  await button("Save").click();
  const broken = clause("kept for 90 days at most");
  await broken.getByText("Not kept", { exact: true }).waitFor();
  await broken.getByText("retention_days").waitFor();
  assert.deepEqual(await findBarriers(page, "privacy with a broken clause"), []);
});

test("both documents come as files that tell of this policy", async () => {
  for (const [name, title] of [["Records of processing", "# Record of processing"], ["Impact assessment", "# Data-protection impact assessment"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), card.getByRole("link", { name }).click()]);
    const text = await readFile(await download.path(), "utf8");
    assert.ok(text.startsWith(title), text.slice(0, 80));
    assert.ok(text.includes("400 days") && text.includes(key));
  }
  assert.deepEqual([trouble, strays], [[], []]);
});
