// The real Chromium, started without anything that reaches the network by itself. Whoever starts it closes it; test files use
// `browser.mjs`, which does that for them.
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // As visitors' browsers say it: without the word that one without a screen adds, and by which lists leave programs out.
  "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
];

/** `flags` are more of the browser's own, `options` those of the automation library. */
export function launchBrowser(flags = [], options = {}) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...FLAGS, ...flags], ...options });
}

/** A window of its own, as a new visitor has it; errors of the page are kept in `errors`. */
export async function openWindow(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  return { context, page, errors };
}
