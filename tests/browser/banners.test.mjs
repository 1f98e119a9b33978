// The recipes of docs/consent-banners.md, as they stand there, in pages that do what each vendor documents.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { FULL, loadDecoder, openDoor } from "./lib/door.mjs";

const [browser, decoder] = [await startBrowser(), await loadDecoder()];
const text = await readFile(new URL("../../docs/consent-banners.md", import.meta.url), "utf8");

/** The block of the document that begins with this name. */
function recipe(name) {
  const found = new RegExp("```html\\n<!-- " + name + " -->\\n([^]*?)```").exec(text)?.[1];
  assert.ok(found, `the document has a recipe for ${name}`);
  return found;
}

/** A page with the queue's line, what stands in front of the recipe, and the recipe; the recorder comes last, as slowly as it likes. */
async function open(name, vendor = "") {
  const door = await openDoor({ ...FULL, consent: "required" });
  after(door.stop);
  door.html = `<!doctype html><html><head>${recipe("queue")}${vendor}${recipe(name)}</head><body><p>marker</p>${door.snippet}</body></html>`;
  const { page, context, errors } = await openWindow(browser);
  after(() => context.close());
  await page.goto(door.origin);
  await page.waitForFunction(() => window.hushreel.ready);
  return {
    page,
    door,
    async refuses() {
      assert.equal(await page.evaluate(() => window.hushreel("recording")), null);
      assert.deepEqual(errors, []);
    },
    async records() {
      await page.waitForFunction(() => window.hushreel("recording"));
      while (!door.batches.length) await new Promise((resolve) => (door.arrived = resolve));
      // Bit 0 of the flags: the visitor granted it.
      assert.equal(decoder.split(door.batches[0].raw).flags & 1, 1);
      assert.deepEqual(errors, []);
    },
  };
}

test("Cookiebot: its events, and the category that its object says", async () => {
  const { page, refuses, records } = await open("cookiebot", `<script>window.Cookiebot = { consent: { statistics: false } };</script>`);
  const answer = (name, statistics) =>
    page.evaluate(([name, statistics]) => {
      window.Cookiebot.consent.statistics = statistics;
      window.dispatchEvent(new Event(name));
    }, [name, statistics]);
  await refuses();
  await answer("CookiebotOnConsentReady", false);
  await refuses();
  await answer("CookiebotOnAccept", true);
  await records();
  await answer("CookiebotOnDecline", false);
  await refuses();
  // A page of a visitor who agreed before: told as soon as it is known, before the recorder is there.
  const early = `<script>window.Cookiebot = { consent: { statistics: true } }; setTimeout(() => dispatchEvent(new Event("CookiebotOnConsentReady")));</script>`;
  await (await open("cookiebot", early)).records();
});

test("IAB TCF: an answer is one only once there is one, and both purposes are in it", async () => {
  const stub = `<script>
    window.heard = [];
    window.state = { eventStatus: "cmpuishown", purpose: { consents: {} } };
    window.__tcfapi = (command, version, tell) => {
      if (command !== "addEventListener" || version !== 2) throw new Error(command);
      heard.push(tell);
      tell(state, true);
    };
    window.answer = (eventStatus, consents, success = true) => heard.forEach((tell) => tell({ eventStatus, purpose: { consents } }, success));
  </script>`;
  const { page, refuses, records } = await open("tcf", stub);
  const answer = (...words) => page.evaluate((words) => window.answer(...words), words);
  await refuses();
  await answer("cmpuishown", { 1: true, 8: true });
  await refuses();
  await answer("useractioncomplete", { 1: true });
  await refuses();
  await answer("useractioncomplete", { 8: true });
  await refuses();
  await answer("useractioncomplete", { 1: true, 8: true }, false);
  await refuses();
  await answer("useractioncomplete", { 1: true, 8: true });
  await records();
  await answer("useractioncomplete", {});
  await refuses();
  const loaded = stub.replace('"cmpuishown", purpose: { consents: {} }', '"tcloaded", purpose: { consents: { 1: true, 8: true } }');
  await (await open("tcf", loaded)).records();
});

test("OneTrust: the groups that its event lists", async () => {
  const { page, refuses, records } = await open("onetrust");
  const answer = (detail) => page.evaluate((detail) => void window.dispatchEvent(new CustomEvent("OneTrustGroupsUpdated", { detail })), detail);
  await answer(["C0001"]);
  await refuses();
  await answer(["C0001", "C0002"]);
  await records();
  await answer(["C0001"]);
  await refuses();
});

test("Usercentrics: the service in its event", async () => {
  const { page, refuses, records } = await open("usercentrics");
  const answer = (given) =>
    page.evaluate((given) => {
      const services = { a1: { name: "Other", consent: { given: true } }, b2: { name: "Hushreel", consent: { given } } };
      window.dispatchEvent(new CustomEvent("ucConsentEvent", { detail: { services } }));
    }, given);
  await answer(false);
  await refuses();
  await answer(true);
  await records();
  await answer(false);
  await refuses();
});

test("Google consent mode: updates count, a default does not, and its own list stays whole", async () => {
  const gtag = `<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments); } gtag("consent", "default", { analytics_storage: "granted" });</script>`;
  const { page, refuses, records } = await open("consent-mode", gtag);
  await refuses();
  const update = (state) => page.evaluate((state) => window.gtag("consent", "update", state), state);
  await update({ ad_storage: "granted" });
  await refuses();
  await update({ analytics_storage: "granted" });
  await records();
  await update({ analytics_storage: "denied" });
  await refuses();
  assert.equal(await page.evaluate(() => window.dataLayer.length), 4);
  await (await open("consent-mode", gtag.replace('"default"', '"update"'))).records();
});
