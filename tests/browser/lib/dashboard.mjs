// A window onto the dashboard that keeps all that should not happen in it, and the ways into a replay.
import axe from "axe-core";
import { openWindow } from "./browser.mjs";

/** That nobody is signed in is a 401, which Chromium writes to the console whatever the page makes of it. */
const ASKED_WHO = /\/api\/v1\/account$/;

/** What has not happened after so long will not happen. */
const PATIENCE_MS = 15_000;

/** A browser of somebody who watches. `trouble` are errors and broken policies; `strays` what was asked of other hosts. */
export async function openDashboard(browser, address, options = {}) {
  const { context, page, errors } = await openWindow(browser, { viewport: { width: 1440, height: 900 }, ...options });
  const trouble = errors;
  context.setDefaultTimeout(PATIENCE_MS);
  const strays = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== address) strays.push(request.url());
  });
  context.on("console", (message) => {
    if (message.type() === "error" && !ASKED_WHO.test(message.location().url)) trouble.push(`${message.text()} (${message.location().url})`);
  });
  // Also in the replay document: what its policy stopped would otherwise be told to nobody.
  await context.exposeFunction("hushreelViolation", (text) => trouble.push(text));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.hushreelViolation?.(`${event.violatedDirective} stopped ${event.blockedURI} in ${event.documentURI}`);
    });
  });
  return { context, page, trouble, strays };
}

/** Ask the API, as the window that is signed in, until the newest recording fits: what a leaving page sends, nobody else is told of. */
export async function untilRecorded(context, address, fits) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await context.request.get(`${address}/api/v1/recordings`);
    const [newest] = (await answer.json()).items;
    if (newest && fits(newest)) return newest;
    if (Date.now() > until) throw new Error(`the newest recording is still ${JSON.stringify(newest)}`);
  }
}

/** The replay document of the player in `page`. */
export async function replayDocument(page) {
  const stage = await page.waitForSelector('iframe[src="/replay-frame/"]');
  const frame = await stage.contentFrame();
  await frame.waitForSelector("iframe", { state: "attached" });
  return frame;
}

/** Wait until the replayed page shows `text`. */
export async function replayShows(page, text) {
  const frame = await replayDocument(page);
  await frame.waitForFunction((wanted) => document.querySelector("iframe")?.contentDocument?.body?.textContent.includes(wanted), text);
}

/** All that the replayed page says at this moment, what stands in its fields included. */
export async function replayText(page) {
  const frame = await replayDocument(page);
  return frame.evaluate(() => {
    const { documentElement } = document.querySelector("iframe").contentDocument;
    return [documentElement.textContent, ...[...documentElement.querySelectorAll("input, textarea")].map(({ value }) => value)].join("\n");
  });
}

/** What axe finds wrong with `page` as it stands, light and dark, wide and narrow; the recorded page is not ours to judge. */
export async function findBarriers(page, name) {
  const found = [];
  const size = page.viewportSize();
  await page.evaluate(axe.source);
  for (const [width, height] of [[1440, 900], [390, 844]]) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // Colours that fade into each other are judged once they have; what inherits one of them may fade after it.
      await page.evaluate(async () => {
        const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const fading = () => document.getAnimations().filter((animation) => animation instanceof CSSTransition);
        await frame();
        for (let running = fading(); running.length; running = fading()) {
          await Promise.all(running.map(({ finished }) => finished.catch(() => undefined)));
          await frame();
        }
      });
      const violations = await page.evaluate(async () => (await window.axe.run(document, { iframes: false, resultTypes: ["violations"] })).violations);
      for (const { id, nodes } of violations) {
        for (const { html, failureSummary } of nodes) found.push(`${name}, ${width}, ${colorScheme}: ${id}\n    ${html.slice(0, 200)}\n    ${failureSummary.replaceAll("\n", " ")}`);
      }
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (sideways > 0) found.push(`${name}, ${width}, ${colorScheme}: the page is ${sideways} px wider than the window`);
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize(size);
  return found;
}
