// Proves a measured run of ours: the events that the real server gives out, shown by the real replay frame, are the page.
import { openWindow } from "../../tests/browser/lib/chromium.mjs";
import { firstDifference } from "../../tests/browser/lib/compare.mjs";
import { openReplay } from "../../tests/browser/lib/player.mjs";
import { linesOf, rest } from "./measure.mjs";

/** A moment lies this long after the last change before it, and before the next one. */
const QUIET_MS = 200;
const END = "end-of-this-visit";
const ARRIVED_MS_MAX = 30_000;

/** The last word of a visit. */
export async function end(page) {
  await page.evaluate((word) => document.body.append(word), END);
  await page.goto("about:blank");
}

/** Keep what the page is now, then end the visit with a last word, by which the server's last batch is known. */
export async function keep({ page }) {
  const lines = await linesOf(page);
  const time = Date.now() + QUIET_MS;
  await rest(2 * QUIET_MS);
  await end(page);
  return { live: { lines, time } };
}

/** The events of the site's only recording, once its last word is there. */
export async function eventsOf(hushreel, site) {
  const patience = Date.now() + ARRIVED_MS_MAX;
  for (;;) {
    const { items } = await hushreel.api(`/api/v1/recordings?site=${site}`);
    const events = items.length ? await hushreel.api(`/api/v1/recordings/${items[0].id}/events`) : [];
    if (JSON.stringify(events.slice(-20)).includes(END)) return events;
    if (Date.now() > patience) throw new Error("the end of the visit never reached the server");
    await rest(50);
  }
}

/** "equal", or the first line that differs; and what the recording tells of its own cost, where it does. */
export async function prove({ browser, hushreel, site, live }) {
  const events = await eventsOf(hushreel, site);
  const { page, context } = await openWindow(browser);
  try {
    const replay = await openReplay(page, hushreel, events);
    await replay.show(live.time);
    const difference = firstDifference(live.lines, await linesOf(page, "window.replay.document()"));
    return { replay: difference ?? "equal", cost: costOf(events) };
  } finally {
    await context.close();
  }
}

/** Level 0 is everything; null where the recording does not tell. */
function costOf(events) {
  const told = events.filter(({ type, data }) => type === 5 && data.tag === "hushreel.cost").map(({ data }) => data.payload);
  if (!told.length) return null;
  const sum = (name) => told.reduce((total, cost) => total + (cost[name] ?? 0), 0);
  const most = (name) => Math.max(...told.map((cost) => cost[name] ?? 0));
  const sheds = events.filter(({ type, data }) => type === 5 && data.tag === "hushreel.shed").map(({ data }) => data.payload.level);
  return { ms: sum("ms"), longest_ms: most("longest_ms"), level: Math.max(0, ...sheds) };
}
