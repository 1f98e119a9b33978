// What an honest recorder tells is left as it is: visits to web sites that nobody here wrote, and to the demo's shop, are looked through
// by the auditor, which finds nothing.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "../browser/lib/browser.mjs";
import { startHushreel } from "../browser/lib/hushreel.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { visits } from "../browser/lib/visits.mjs";

/** A batch waits no longer. */
const BATCH_MS = 2_500;
const presets = process.env.PRESETS?.split(",") ?? ["strict", "balanced", "full"];
/** Narrows the visits to those with this in their names. */
const chosen = process.env.VISITS ?? "";

const shop = {
  serve: () => serveFolder(new URL("../../assets/demo", import.meta.url).pathname),
  path: "/index.html",
  async visit(page, at) {
    for (const next of ["/login.html", "/checkout.html", "/cart.html"]) {
      for (const field of await page.locator("input:visible:not([type=checkbox]):not([type=radio]), textarea:visible").all()) await field.fill("17").catch(() => {});
      await at("filled");
      await page.goto(new URL(next, page.url()).href);
      await at(next);
    }
  },
};

/** What its sheets say beyond what is told of them: addresses, words of attributes, rules that are switched off, words of properties. */
const sheets = {
  serve: () =>
    serveFolder("/nowhere", {
      "/index.html": `<!doctype html><html class="png quince"><head><style>.kept { background: url(/fig.png); --own: Quince, my-medlar; } [data-x="plum"] { color: red; }</style>
<style id="off">.sloe { color: red; }</style></head><body class="kept plum sloe my-medlar"><script>document.getElementById("off").sheet.disabled = true;</script></body></html>`,
    }),
  path: "/index.html",
  async visit(page, at) {
    await page.evaluate(() => (document.querySelectorAll("style")[1].sheet.disabled = false));
    await at("switched on");
    await page.evaluate(() => new CSSStyleSheet().replace(".late { color: red; }").then((sheet) => (document.adoptedStyleSheets = [sheet])));
    await page.evaluate(() => (document.body.className += " late"));
    await at("adopted");
  },
};

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());

for (const [name, { serve, path, visit }] of Object.entries({ "sheets that say more than is told": sheets, "the demo's shop": shop, ...visits }).filter(([name]) => name.includes(chosen))) {
  test(name, async (t) => {
    const site = await serve();
    t.after(site.stop);
    for (const preset of presets) {
      await t.test(preset, async () => {
        const { key, snippet } = await hushreel.addSite(site.origin, { preset });
        site.snippet = snippet;
        const { page, context } = await openWindow(browser);
        await page.goto(site.origin + path);
        await page.waitForFunction(() => window.hushreel?.("recording"));
        await visit(page, () => page.waitForTimeout(200));
        await page.waitForTimeout(BATCH_MS);
        await context.close();
        const { recordings, found } = await hushreel.command("recording", "audit", "--site", key);
        assert.ok(recordings > 0);
        // Where text is shown, a number over several nodes or inputs is first known for one when the page is looked at as a whole.
        assert.deepEqual(found.filter(({ kind }) => preset !== "full" || kind !== "number"), []);
      });
    }
  });
}
