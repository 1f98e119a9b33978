// Our own consent banner, brought along by the recorder: it asks once, both answers cost the same, and either can be taken back.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { serveFolder } from "./lib/sites.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());

const QUESTIONS = {
  cs: "Smíme nahrávat, jak používáte tento web?", sk: "Smieme nahrávať, ako používate tento web?", en: "May we record how you use this website?",
  de: "Dürfen wir aufzeichnen, wie Sie diese Website nutzen?", pl: "Czy możemy nagrywać, jak korzystają Państwo z tej strony?",
  fr: "Pouvons-nous enregistrer votre utilisation de ce site ?", es: "¿Podemos grabar cómo usa este sitio web?", it: "Possiamo registrare come usa questo sito?",
};

/** A site with the banner and a page a language; a window before it. */
async function open({ consent = "required", banner = true, policy = {} } = {}) {
  const page = (lang) => `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="style-src 'none'"><title>Shop</title></head><body><p>marker</p><a href="#" data-hush-consent>Recording</a></body></html>`;
  const served = await serveFolder("/nowhere", Object.fromEntries([...Object.keys(QUESTIONS), "xx"].map((lang) => [`/${lang}.html`, page(lang)])));
  after(() => served.stop());
  const { key, snippet } = await hushreel.addSite(served.origin, { consent });
  await hushreel.setPolicy(key, { banner, ...policy });
  served.snippet = snippet;
  const { page: window, context, errors } = await openWindow(browser);
  window.setDefaultTimeout(10_000);
  after(() => context.close());
  const posts = [];
  window.on("request", (request) => request.url().includes("/i/v1/") && posts.push(request.url()));
  const go = async (lang) => {
    await window.goto(`${served.origin}/${lang}.html`);
    await window.waitForFunction(() => window.hushreel?.ready);
  };
  return { page: window, go, posts, errors, key, banner: window.locator("hushreel-consent"), stored: () => window.evaluate(() => ({ ...localStorage })), recording: () => window.evaluate(() => window.hushreel("recording")) };
}

test("it asks in the page's language, with two buttons that are alike and a link to what is recorded", async () => {
  const { page, go, banner, key, errors, stored, posts } = await open();
  for (const [lang, question] of [...Object.entries(QUESTIONS), ["xx", QUESTIONS.en]]) {
    await go(lang);
    await banner.getByText(question).waitFor();
    const [yes, no] = await banner.getByRole("button").all();
    const look = (button) =>
      button.evaluate((element) => {
        const { width, height } = element.getBoundingClientRect();
        const { color, backgroundColor, borderColor, borderWidth, fontSize, fontWeight } = getComputedStyle(element);
        return { width, height, color, backgroundColor, borderColor, borderWidth, fontSize, fontWeight };
      });
    assert.deepEqual(await look(yes), await look(no), lang);
    assert.ok((await look(yes)).height >= 44);
    assert.equal(await banner.getByRole("link").getAttribute("href"), `${hushreel.address}/privacy/${key}`);
    assert.equal(await banner.getAttribute("lang"), lang === "xx" ? "en" : lang);
  }
  // Nobody has answered: nothing is kept, and nothing sent.
  assert.deepEqual([await stored(), posts], [{}, []]);
  assert.deepEqual(errors, []);
});

test("yes is kept for six months under one key, and recorded from then on without asking again", async () => {
  const { page, go, banner, stored, recording } = await open();
  await go("en");
  await banner.getByRole("button", { name: "Yes" }).click();
  await page.waitForFunction(() => window.hushreel("recording"));
  assert.equal(await banner.count(), 0);
  const kept = await stored();
  assert.deepEqual(Object.keys(kept), ["hush-consent"]);
  const { answer, until } = JSON.parse(kept["hush-consent"]);
  assert.equal(answer, "granted");
  const days = (until - Date.now()) / 86_400_000;
  assert.ok(days > 182 && days <= 183, `${days} days`);
  await go("cs");
  await page.waitForFunction(() => window.hushreel("recording"));
  assert.equal(await banner.count(), 0);
  // Taken back as easily: the same question, one click.
  await page.click("[data-hush-consent]");
  await banner.getByRole("button", { name: "Ne", exact: true }).click();
  assert.equal(await recording(), null);
  await go("en");
  assert.deepEqual([await recording(), await banner.count()], [null, 0]);
  // What has run out is asked anew.
  await page.evaluate(() => (localStorage["hush-consent"] = JSON.stringify({ answer: "granted", until: Date.now() - 1 })));
  await go("en");
  await banner.getByText(QUESTIONS.en).waitFor();
  assert.equal(await recording(), null);
});

test("no is kept as well, and nothing is sent; it can be thought over", async () => {
  const { page, go, banner, posts, stored } = await open();
  await go("en");
  await banner.getByRole("button", { name: "No" }).click();
  assert.equal(JSON.parse((await stored())["hush-consent"]).answer, "denied");
  await go("de");
  assert.deepEqual([await banner.count(), posts], [0, []]);
  await page.click("[data-hush-consent]");
  await banner.getByRole("button", { name: "Ja" }).click();
  await page.waitForFunction(() => window.hushreel("recording"));
});

test("who is not asked sees none, and a policy without it brings none", async () => {
  for (const options of [{ consent: "not-required" }, { banner: false }]) {
    const { page, go, banner } = await open(options);
    await go("en");
    await page.waitForLoadState("load");
    assert.equal(await banner.count(), 0);
  }
});
