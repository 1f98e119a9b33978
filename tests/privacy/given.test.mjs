// The page's own calls: nothing that a page hands over is asked for more than it is. There are no callbacks that could give back content;
// what looks like one, in whatever place, gives nothing. V18.
import assert from "node:assert/strict";
import { after } from "node:test";
import { openWindow } from "../browser/lib/chromium.mjs";
import { loadDecoder } from "../browser/lib/door.mjs";
import { startHushreel } from "../browser/lib/hushreel.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { find, word } from "./lib/canary.mjs";
import { hold } from "./lib/held.mjs";
import { keptBy } from "./lib/kept.mjs";
import { leaveHushreel, sentTo, startBrowserOnWire } from "./lib/visit.mjs";

const decoder = await loadDecoder();
const { wire, browser, stop } = await startBrowserOnWire();
after(stop);
const hushreel = await startHushreel();
after(() => hushreel.stop());
const leave = leaveHushreel(wire, decoder);
const html = `<!doctype html><html lang="en"><head></head><body><p id="said" class="said">x</p></body></html>`;

/** Visit a page under the most open policy; `call(canary)` runs in it. What left the browser, and what the server keeps. */
async function visit(call, { before = null, stops = false } = {}) {
  const site = await serveFolder("/nowhere", { "/page.html": html });
  const { key, snippet } = await hushreel.addSite(site.origin, { preset: "full" });
  await hushreel.setPolicy(key, { identity: "visitor" });
  site.snippet = snippet;
  const { page, context } = await openWindow(browser);
  const canary = word();
  wire.sent.length = 0;
  if (before) await page.addInitScript(`(${before})(${JSON.stringify(canary)})`);
  await page.goto(`${site.origin}/page.html`);
  await page.waitForFunction(() => window.hushreel?.ready);
  await page.click("p");
  const marker = word();
  const value = await page.evaluate(`(${call})(${JSON.stringify(canary)}, ${JSON.stringify(marker)})`);
  const recording = await page.evaluate(() => window.hushreel("recording"));
  if (stops) {
    assert.equal(recording ?? null, null, "what cannot be understood ends the recording");
    await page.goto("about:blank");
  } else await leave(page);
  await context.close();
  await site.stop();
  return { canary, marker, value, sent: sentTo(wire, hushreel.address, decoder), kept: (await keptBy(hushreel, key)).all };
}

/** The canary that `call` would give back is nowhere; what it says plainly beside it has arrived, where the recording goes on. */
const givesNothing = (call, options) => async () => {
  const { canary, marker, sent, kept } = await visit(call, options);
  assert.equal(find(canary, [...sent, ...kept]), null);
  if (!options?.stops) assert.ok(find(marker, sent), "what was said plainly beside it was sent");
};

hold("given", {
  V18: {
    what: "an operator's callback that returns more than it was given",
    beside: {
      "words that are plainly given": async () => {
        const { canary, sent } = await visit((canary, marker) => window.hushreel("event", "cart", { item: canary, marker }));
        assert.ok(find(canary, sent));
      },
      "a listener is told what happened, and nothing else": async () => {
        const { value } = await visit((canary, marker) => {
          const heard = [];
          for (const name of ["started", "stopped", "event", "batch", "text", "input"]) window.hushreel("on", name, (...words) => heard.push([name, ...words]));
          window.hushreel("event", "cart", { marker });
          window.hushreel("pause");
          window.hushreel("resume");
          window.hushreel("event", "cart", { marker });
          return heard;
        });
        assert.deepEqual(value.map(([name, ...words]) => [name, ...words.filter((word) => word !== undefined && word !== null)]), [["stopped", "pause"], ["started"]]);
      },
    },
    variants: {
      "a listener's answer": givesNothing((canary, marker) => {
        for (const name of ["started", "stopped", "event", "mask", "text"]) window.hushreel("on", name, () => canary);
        window.hushreel("pause");
        window.hushreel("resume");
        window.hushreel("event", "cart", { marker });
      }),
      "a property that is a function": givesNothing((canary, marker) => window.hushreel("event", "cart", { item: () => canary, marker })),
      "a property that is an object with words of its own": givesNothing((canary, marker) =>
        window.hushreel("event", "cart", { item: { toString: () => canary, valueOf: () => canary, toJSON: () => canary, [Symbol.toPrimitive]: () => canary }, marker }),
      ),
      "a property that is a list, an error, a node or a promise": givesNothing((canary, marker) => {
        const node = document.createTextNode(canary);
        window.hushreel("event", "cart", { list: [canary], error: new Error(canary), node, wrapped: new String(canary), url: new URL(`https://x.example/${canary}`), later: Promise.resolve(canary), marker });
      }),
      "properties that are told as JSON by a function": givesNothing((canary, marker) => {
        window.hushreel("event", "cart", { marker, toJSON: () => ({ item: canary }) });
      }),
      "properties that are hidden or inherited": givesNothing((canary, marker) => {
        const told = Object.defineProperty({ marker }, "hidden", { get: () => canary, enumerable: false });
        Object.setPrototypeOf(told, { inherited: canary });
        window.hushreel("event", "cart", told);
      }),
      "an event's name with words of its own": givesNothing((canary, marker) => {
        window.hushreel("event", { toString: () => canary }, { item: "x" });
        window.hushreel("event", () => canary, { item: "x" });
        window.hushreel("event", "cart", { marker });
      }),
      "a tag that is a function or an object": givesNothing((canary, marker) => {
        window.hushreel("tag", "plan", () => canary);
        window.hushreel("tag", "plan", { toString: () => canary });
        window.hushreel("tag", [canary], canary);
        window.hushreel("event", "cart", { marker });
      }),
      "a pseudonym that is a function or an object": givesNothing((canary, marker) => {
        window.hushreel("identify", () => canary);
        window.hushreel("identify", { toString: () => canary });
        window.hushreel("event", "cart", { marker });
      }),
      "a selector that is a function": givesNothing((canary) => {
        window.hushreel("mask", () => canary);
        document.querySelector("#said").textContent = canary;
      }, { stops: true }),
      "a selector that says something else each time": givesNothing((canary, marker) => {
        let asked = 0;
        window.hushreel("mask", { toString: () => (asked++ ? ".never" : ".said") });
        window.hushreel("mask", ".said");
        document.querySelector("#said").textContent = canary;
        window.hushreel("event", "cart", { marker });
      }),
      "masking functions as other recorders take them": givesNothing((canary, marker) => {
        const give = () => canary;
        for (const name of ["set", "config", "init", "options", "maskText", "maskTextFn", "maskInputFn", "beforeSend", "before_send", "sanitize", "hook"]) {
          window.hushreel(name, give);
          window.hushreel(name, { maskTextFn: give, maskInputFn: give, beforeSend: give, maskAllText: false });
        }
        Object.assign(window.hushreel, { maskTextFn: give, beforeSend: give, sanitize: give });
        document.querySelector("#said").textContent = "other";
        window.hushreel("event", "cart", { marker });
      }),
      "options whose properties are asked for": givesNothing((canary, marker) => {
        window.hushreel("consent", "granted", new Proxy({}, { get: () => canary }));
        window.hushreel("event", "cart", { marker });
      }),
      "calls before it loads": givesNothing((canary, marker) => window.hushreel("event", "cart", { marker }), {
        before: (canary) => {
          window.hushreel = Object.assign(() => {}, {
            q: [["event", "cart", { item: () => canary }], ["tag", "plan", { toString: () => canary }], ["identify", { toString: () => canary }], ["maskTextFn", () => canary], ["on", "started", () => canary]],
            maskTextFn: () => canary,
          });
        },
      }),
    },
  },
});
