// One tab's recording: batches are cut from the stream and sent; a page that is left passes the recording on to the next one.
import { base, config } from "./config";
import { guard, later, listen, type Stop } from "./guard";
import { flush } from "./observe/mutation";
import * as assets from "./observe/asset";
import { startPage } from "./observe/page";
import { bill, Shed, startPace } from "./pace";
import { type Sender, sender } from "./send";
import * as stream from "./stream";
import { begin, forget, fromHex, keptProofs, leave, proofsOf, random, takeUp, type Visit } from "./visit";
import { setTimer } from "./native";

/** A batch is cut this long after its first op, */
const BATCH_MS = 2_500;
/** or when it holds about this much: a closing page has no time to compress its last one, and room for not much more. */
const BATCH_BYTES = 36_000;
/** While the page is still being told, slice by slice, one larger batch holds what several would repeat. */
const SLICED_BYTES = 400_000;
/** The recorder stops this long after its page began: its policy may have changed. */
const PAGE_MS_MAX = 24 * 3_600_000;
/** After so long without an op, what follows is another recording. */
const IDLE_MS_MAX = 30 * 60_000;

const policy = fromHex(config.policy);

let granted = false;
let visit: Visit;
let page = "";
let seq = 0;
let batchBegan = -1;
let sending: Sender | null = null;
let stopPage: Stop | null = null;
let stopLeaving: Stop | null = null;
let lastActive = 0;
/** Whom the page's end of recording is told to, where the page itself did not ask for it. */
let ended: (why: string) => void = () => {};

export const running = (): boolean => stopPage !== null;

/** The recording's id while one runs. */
export const current = (): string | null => (running() ? visit.recording : null);

/** The proofs of this tab's recordings. */
export const proofs = (): string => (running() ? proofsOf(visit) : keptProofs());

/** The visitor's own page, with what opens these recordings behind a sign that browsers never send. */
export const mine = (): string => `${base}/privacy/${config.key}#${proofs()}`;

const cutLater = later(() => cut(false), BATCH_MS);

/** Begin to record this page. `consented` says on which basis; `told` hears why it ended by itself. */
export function start(consented: boolean, told: (why: string) => void): void {
  if (running()) return;
  ended = told;
  granted = consented;
  visit = takeUp();
  stopLeaving = listenToLeaving();
  startOn();
}

function startOn(): void {
  page = random(8);
  seq = 0;
  stream.restart();
  if (__ASSETS__) assets.begin(visit);
  sending = sender(`${base}/i/v1/${config.key}/${visit.recording}/${page}/`, end);
  lastActive = stream.elapsed();
  startPace(guard(paced));
  stopPage = startPage(told, restart);
  if (visit.loss) {
    const { page: lossy, ops, ms } = visit.loss;
    stream.gap(parseInt(lossy.slice(0, 8), 16), parseInt(lossy.slice(8), 16), ops, ms);
    visit.loss = null;
    told();
  }
}

/** After whatever may have been told: cut a batch now, or see that one is cut soon. */
const told = (whole = true): void => {
  if (!stream.count()) return;
  const now = stream.elapsed();
  if (batchBegan < 0) batchBegan = now;
  if (now - lastActive > IDLE_MS_MAX || now > PAGE_MS_MAX) {
    renew(now > PAGE_MS_MAX);
    return;
  }
  lastActive = now;
  if (stream.size() >= (whole ? BATCH_BYTES : SLICED_BYTES)) cut(false);
  else cutLater.ask();
};

/** The page needs its time for itself: say what is given up from now on. At the last level that is everything. */
function paced(level: Shed): void {
  if (!running()) return;
  stream.shed(level);
  told();
  // Not from inside the flush that was too much.
  if (level === Shed.All) setTimer(guard(() => running() && end("busy")));
}

/** Nothing happened for long: what comes now is another recording; or the page is too old to go on. */
function renew(tooOld: boolean): void {
  stream.clear();
  stop("lapse");
  if (tooOld) return;
  visit = takeUp();
  stopLeaving = listenToLeaving();
  startOn();
}

function cut(last: boolean): void {
  cutLater.cancel();
  // Two batches of one task: it is measured once it ends.
  const [spent, tasks, longest] = stream.count() ? bill() : [0, 0, 0];
  if (tasks) stream.cost(spent, tasks, longest);
  const ops = stream.count();
  const body = stream.take();
  if (!body || !sending) return;
  const head = stream.header(granted, last, policy, fromHex(visit.secret), fromHex(page), seq, stream.elapsed());
  const raw = new Uint8Array(head.length + body.length);
  raw.set(head);
  raw.set(body, head.length);
  sending.add(seq++, raw, ops, batchBegan);
  batchBegan = -1;
}

/** Tell something that the page's own code says, after all that happened before. Nothing where nothing is recorded. */
export function tell(say: () => void): void {
  if (!stopPage) return;
  flush();
  say();
  told();
}

/** Tell the page anew from a snapshot: what is hidden changed as a whole. */
export function restart(): void {
  if (!stopPage) return;
  stopPage();
  // Where the page wrote itself anew, its window has lost its listeners.
  stopLeaving?.();
  stopLeaving = listenToLeaving();
  stopPage = startPage(told, restart);
}

/** Stop for a reason of our own. */
function end(why: string): void {
  stop("end");
  ended(why);
}

/** Stop. What waits is still sent, unless it is to be discarded; with `keep` the tab may go on with this recording later, with `end` the
 * server knows that nothing follows. */
export function stop(how: "keep" | "end" | "lapse" | "discard"): void {
  cutLater.cancel();
  if (__ASSETS__) assets.end();
  const stopNow = stopPage;
  stopPage = null;
  stopNow?.();
  if (how === "end" && stopNow) stream.finish();
  stopLeaving?.();
  stopLeaving = null;
  if (how === "discard") sending?.discard();
  else cut(false);
  sending = null;
  stream.restart();
  if (how === "discard") forget();
  else leave(visit, how === "end");
}

/** Pass the recording on when the page is left; take it up again when the page comes back out of the back/forward cache. */
function listenToLeaving(): Stop {
  let leftAt = 0;
  const stops = [
    listen(window, "pagehide", () => {
      leftAt = performance.now();
      if (!stopPage || !sending) return;
      stopPage();
      cut(true);
      const { ops, began } = sending.leave();
      if (ops) visit.loss = { page, ops, ms: stream.elapsed() - began };
      leave(visit);
      if (__ASSETS__) assets.end();
      stopPage = sending = null;
    }),
    listen(document, "click auxclick", ({ target }) => (target as Element).closest?.("a[data-hush-mine]")?.setAttribute("href", mine())),
    listen<PageTransitionEvent>(window, "pageshow", (event) => {
      if (!event.persisted || stopPage) return;
      // The page that is left now may live in another process, so that its word comes too late: this page knows its recording.
      visit = takeUp(performance.now() - leftAt < IDLE_MS_MAX ? visit : begin(proofsOf(visit)));
      stream.setOrigin(performance.now());
      startOn();
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
