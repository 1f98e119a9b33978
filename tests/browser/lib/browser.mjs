// One real Chromium for a test file, closed when the file is done.
import { after } from "node:test";
import { launchBrowser } from "./chromium.mjs";

export { openWindow } from "./chromium.mjs";

/** Start Chromium; it is closed when the test file is done. */
export async function startBrowser() {
  const browser = await launchBrowser();
  after(() => browser.close());
  return browser;
}
