// One real Chromium for a test file, closed when the file is done.
import { after } from "node:test";
import { launchBrowser } from "./chromium.mjs";

export { openWindow } from "./chromium.mjs";

/** Start Chromium, with these flags beside its usual ones; it is closed when the test file is done. */
export async function startBrowser(flags = []) {
  const browser = await launchBrowser(flags);
  after(() => browser.close());
  return browser;
}
