// A moment of a visit at which a page and its replay can be compared.
import { firstDifference, toldLines } from "./compare.mjs";

/** A moment is one at which nothing changes for so long, on both sides of it. */
const QUIET_MS = 200;
/** A page that changes all the time is taken as it is after so many looks. */
const LOOKS_MAX = 25;

/** Wait until the page is at rest, and keep what it is then. */
export async function moment(page, label) {
  const read = () => page.evaluate(`(${toldLines})(document)`);
  let before = await read();
  for (let look = 1; ; look++) {
    const time = Date.now();
    await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), 2 * QUIET_MS);
    const now = await read();
    if (look === LOOKS_MAX || !firstDifference(before, now)) {
      return { label, time: time + QUIET_MS, lines: now, picture: await page.screenshot({ animations: "disabled", caret: "hide" }) };
    }
    before = now;
  }
}
