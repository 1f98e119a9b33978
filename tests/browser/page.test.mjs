// Everything that a page can do, one small page for each: the replay is the page, at each moment.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { compare, record, replays } from "./lib/visit.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());

/** A page with this in its head and body. */
const html = (body, head = "") => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>${head}</head><body>${body}</body></html>`;

test("dialogs, popovers and what fills the screen stand in the top layer as they did", async () => {
  const { events } = await replays(browser, hushreel, {
    pages: html(
      `<div style="transform:scale(1)"><dialog id="one"><p>One</p><input autofocus></dialog><dialog id="two"><p>Two</p></dialog></div>
       <dialog id="plain"><p>Plain</p></dialog>
       <button popovertarget="menu">Menu</button><div id="menu" popover><p>Menu</p><button popovertarget="sub">More</button></div>
       <div id="sub" popover><p>Sub</p></div><div id="hand" popover="manual">By hand</div>
       <details id="fold"><summary>Fold</summary><p>Folded</p></details>
       <section id="stage" style="width:200px;height:100px;background:teal">Stage</section><div id="host"></div>`,
      `<style>dialog::backdrop{background:rgb(200 0 0/.5)} #two{margin:40px}</style>`,
    ),
    probe: (document) => [
      ...[...document.querySelectorAll("dialog,[popover]")].map((element) => [element.id, element.matches(":modal"), element.matches(":popover-open")].join()),
      document.querySelector("#host").shadowRoot?.querySelector("dialog").matches(":modal") ?? null,
      document.querySelector("#stage").getBoundingClientRect().height > 300,
    ],
    async steps(page, at) {
      await at("nothing");
      await page.evaluate(() => document.querySelector("#one").showModal());
      await at("modal");
      await page.evaluate(() => document.querySelector("#two").showModal());
      await at("modal over modal");
      await page.evaluate(() => document.querySelector("#one").close());
      await at("the lower one closed");
      await page.evaluate(() => {
        document.querySelector("#one").showModal();
      });
      await at("and came on top");
      await page.keyboard.press("Escape");
      await at("the upper one left");
      await page.evaluate(() => {
        document.querySelector("#two").close();
        document.querySelector("#plain").show();
      });
      await at("not modal");
      await page.evaluate(() => {
        const plain = document.querySelector("#plain");
        plain.close();
        plain.showModal();
      });
      await at("modal in one task");
      await page.evaluate(() => document.querySelector("#plain").close());
      await page.click("[popovertarget=menu]");
      await at("popover");
      await page.click("[popovertarget=sub]");
      await at("popover on a popover");
      await page.evaluate(() => document.querySelector("#hand").showPopover());
      await at("a third by hand");
      await page.mouse.click(900, 600);
      await at("dismissed");
      await page.evaluate(() => {
        document.querySelector("#hand").hidePopover();
        document.querySelector("#fold").open = true;
      });
      await at("details");
      await page.evaluate(() => {
        const root = document.querySelector("#host").attachShadow({ mode: "open" });
        root.innerHTML = "<dialog><p>In the shadow</p></dialog>";
        root.firstChild.showModal();
      });
      await at("in a shadow root");
      await page.evaluate(() => document.querySelector("#host").shadowRoot.firstChild.close());
      await page.click("#stage");
      await page.evaluate(() => document.querySelector("#stage").requestFullscreen());
      await at("full screen");
      await page.evaluate(() => document.exitFullscreen());
      await at("back");
      await page.evaluate(() => document.querySelector("#two").showModal());
      await page.evaluate(() => document.querySelector("#two").remove());
      await at("removed while open");
    },
  });
  assert.ok(events.some((event) => event.data.tag === "hushreel.layer"));
});
