// Makes docs/dashboard.png: three visits to the demo's shop, and the dashboard in the middle of one of them. No test; `make picture` runs it.
import { mkdir, stat } from "node:fs/promises";
import { chromium } from "playwright-core";
import { openWindow } from "./lib/browser.mjs";
import { openDashboard, replayShows, untilRecorded } from "./lib/dashboard.mjs";
import { startDemo } from "./lib/demo.mjs";

const PICTURE = new URL("../../docs/dashboard.png", import.meta.url).pathname;
const BYTES_MAX = 200_000;
/** People look at a page before they go on. */
const LOOK_MS = 1200;

const look = (page, ms = LOOK_MS) => page.evaluate((rest) => new Promise((resolve) => setTimeout(resolve, rest)), ms);
const recorded = (page) => page.waitForFunction(() => window.hushreel("recording"));

/** Go to where `target` is as a hand does, and press. */
async function press(page, target) {
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 18 });
  await look(page, LOOK_MS / 3);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

async function enter(browser, shop, options) {
  const { page, context } = await openWindow(browser, options);
  await page.goto(shop);
  await page.getByRole("button", { name: "Yes, record my visit" }).click();
  await recorded(page);
  await look(page);
  return { page, leave: () => page.goto("about:blank").then(() => context.close()) };
}

/** Looks around, finds nothing, and goes. */
async function passBy(browser, shop) {
  const { page, leave } = await enter(browser, shop);
  await press(page, page.getByRole("button", { name: "Green", exact: true }));
  await look(page);
  await leave();
}

/** Reads about one thing on a phone. */
async function readOnPhone(browser, shop) {
  const { page, leave } = await enter(browser, shop, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, userAgent: PHONE });
  await page.getByRole("link", { name: /Low lamp/ }).first().tap();
  await recorded(page);
  await page.getByRole("button", { name: "Add to cart" }).tap();
  await look(page);
  await leave();
}

/** Fills the cart and begins to pay. */
async function buy(browser, shop) {
  const { page, leave } = await enter(browser, shop);
  await press(page, page.getByRole("link", { name: /Harbour mug/ }).first());
  await page.waitForURL(/product/);
  await recorded(page);
  await look(page);
  await press(page, page.getByRole("button", { name: "Add to cart" }));
  await look(page);
  await press(page, page.getByRole("link", { name: "Go to the cart" }));
  await page.waitForURL(/cart/);
  await recorded(page);
  await look(page);
  await page.goto(`${shop}/checkout`);
  await recorded(page);
  for (const [label, text] of [["First name", "Ada"], ["Last name", "Example"], ["Street", "Long Lane 5"], ["Card number", "4111 1111 1111 1111"]]) {
    await press(page, page.getByLabel(label));
    await page.keyboard.type(text, { delay: 60 });
  }
  await look(page, 2 * LOOK_MS);
  await leave();
}

const PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
const demo = await startDemo();
try {
  const address = new URL(demo.dashboard).origin;
  const { page, context } = await openDashboard(browser, address, { reducedMotion: "reduce", colorScheme: "light" });
  await page.goto(demo.dashboard);
  await passBy(browser, demo.shop);
  await readOnPhone(browser, demo.shop);
  await buy(browser, demo.shop);
  const { id, duration_ms } = await untilRecorded(context, address, ({ pages, inputs }) => pages >= 4 && inputs >= 3);
  await page.goto(`${address}/recordings/${id}?t=${Math.round(duration_ms * 0.9)}`);
  await replayShows(page, "Card number");
  await look(page);
  await mkdir(new URL(".", `file://${PICTURE}`).pathname, { recursive: true });
  await page.screenshot({ path: PICTURE, animations: "disabled" });
  const { size } = await stat(PICTURE);
  if (size > BYTES_MAX) throw new Error(`${PICTURE} has ${size} bytes; ${BYTES_MAX} are enough`);
  console.log(`${PICTURE}, ${Math.round(size / 1000)} kB`);
} finally {
  await browser.close();
  await demo.stop();
}
