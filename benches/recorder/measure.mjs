// One run: one recorder on one page. CPU is that of the renderer's main thread, from the browser's own thread clock; the longest
// task comes from a trace, which costs something itself, so a run is either timed or traced.
import { openWindow } from "../../tests/browser/lib/chromium.mjs";
import { toldLines } from "../../tests/browser/lib/compare.mjs";
import { bytesOf, unpack } from "./sink.mjs";

/** A class that stands in every page measured: where it is in what was sent, the page was recorded. */
const MARKER = "product-name";
/** The first snapshot of a large page by a slow recorder takes seconds; more is a failure. */
const SNAPSHOT_MS_MAX = 60_000;
/** A page is at rest when it has done nothing for so long. */
const REST_MS = 300;
/** What a recorder still does once its first snapshot has left it, such as to let go of it. */
const AFTERMATH_MS = 500;
/** So long everybody is watched after the page's last act, or after the recorder was put in: the slowest has sent everything by then. */
const WATCHED_MS = 3_200;

export const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Run `workload` under `peer`, whose script is at `script`. `keeps`: what ours sends is stored by the real server. `look` is given the window
 * before it closes, and its answer is returned too.
 */
export async function measure({ browser, sink, peer, script, files, workload, keeps = false, traced = false, look }) {
  sink.begin({ peer, html: workload.html(), files, folder: workload.folder, keeps });
  const { context, page, errors } = await openWindow(browser);
  try {
    const cdp = await context.newCDPSession(page);
    await cdp.send("Performance.enable");
    await page.goto(sink.origin);
    await workload.ready?.({ page });
    await rest(REST_MS);
    const nodes = await page.evaluate(countNodes);
    await cdp.send("HeapProfiler.collectGarbage");
    const boot = () => startRecorder({ page, sink, peer, script });
    if (!workload.boots) await boot();
    const trace = traced ? await startTrace(browser, page) : null;
    const before = await metrics(cdp);
    const watched = workload.boots && rest(WATCHED_MS);
    if (workload.boots) await boot();
    await workload.run({ page });
    await (watched || settle(page, peer));
    const after = await metrics(cdp);
    const longest_ms = await trace?.();
    await cdp.send("HeapProfiler.collectGarbage");
    const heap_bytes = (await metrics(cdp)).JSHeapUsedSize;
    if (errors.length) throw new Error(`the page failed: ${errors[0]}`);
    const spent = (clock) => 1000 * (after[clock] - before[clock]);
    const looked = await look?.({ page, sink });
    return { nodes, cpu_ms: spent("ThreadTime"), script_ms: spent("ScriptDuration"), longest_ms, heap_bytes, sent: bytesOf(sink.sent), ...looked };
  } finally {
    await context.close();
  }
}

/** Put the recorder into a page that is whole, and wait until the page's content has left it. */
async function startRecorder({ page, sink, peer, script }) {
  const told = peer.name === "none" ? null : sink.until((sent) => sent.some((post) => tellsPage(peer, post)), SNAPSHOT_MS_MAX, `${peer.name}: a snapshot`);
  await page.addScriptTag({ url: script });
  while (peer.started && !(await page.evaluate(peer.started))) await rest(50);
  // Under every recorder alike, and under none: PostHog sends nothing before the visitor has done something.
  await page.mouse.click(3, 3);
  if (peer.flush) await page.evaluate(peer.flush);
  await told;
  await rest(AFTERMATH_MS);
}

/** Wait until what there was to send has been sent. A recorder that would keep it for long is asked for it. */
async function settle(page, peer) {
  const watched = rest(WATCHED_MS);
  if (peer.flush) await page.evaluate(peer.flush);
  await watched;
}

function tellsPage(peer, { path, body }) {
  if (peer.name === "hushreel") return path.startsWith("/i/");
  return (peer.decode ?? ((body) => unpack(body).toString("latin1")))(body).includes(MARKER);
}

async function metrics(cdp) {
  const { metrics: list } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

/** Watch the tasks of the page's main thread; call the answer to end it and hear how long the longest took, in ms of CPU. */
async function startTrace(browser, page) {
  const cdp = await browser.newBrowserCDPSession();
  const events = [];
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel", "blink.user_timing"], excludedCategories: ["*"] } });
  return async () => {
    await page.evaluate(() => performance.mark("measured-here"));
    const complete = new Promise((resolve) => cdp.once("Tracing.tracingComplete", resolve));
    await cdp.send("Tracing.end");
    await complete;
    await cdp.detach();
    const here = events.find(({ name }) => name === "measured-here");
    const tasks = events.filter(({ name, pid, tid }) => name === "ThreadControllerImpl::RunTask" && pid === here.pid && tid === here.tid);
    return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
  };
}

/** Runs in the page. */
function countNodes() {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let count = 1;
  while (walker.nextNode()) count++;
  return count;
}

/** What the page is now, in the form in which replays are compared. */
export const linesOf = (page, document = "document") => page.evaluate(`(${toldLines})(${document})`);
