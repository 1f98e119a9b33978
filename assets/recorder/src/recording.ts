// One tab's recording: batches are cut from the stream and sent; a page that is left passes the recording on to the next one.
import { base, config } from "./config";
import { every, guard, later, listen, type Stop } from "./guard";
import { flush } from "./observe/mutation";
import { isOutside } from "./observe/navigation";
import * as assets from "./observe/asset";
import { startPage } from "./observe/page";
import { bill, Shed, startPace } from "./pace";
import { type Sender, sender } from "./send";
import * as stream from "./stream";
import { begin, forget, forgetVisitor, fromHex, keptProofs, leave, proofsOf, random, takeUp, type Visit } from "./visit";
import { clearTimer, setTimer } from "./native";
import { introduce, setPseudonym, withVisitors } from "./who";

/** A batch is cut this long after its first op, sooner where somebody waits for it, */
const BATCH_MS = config.live ? 300 : 2_500;
/** or when it holds about this much: a closing page has no time to compress its last one, and room for not much more. */
const BATCH_BYTES = 36_000;
/** While the page is still being told, slice by slice, one larger batch holds what several would repeat. */
const SLICED_BYTES = 400_000;
/** The recorder stops this long after its page began: its policy may have changed. */
const PAGE_MS_MAX = 24 * 3_600_000;
/** After so long without an op, what follows is another recording. */
const IDLE_MS_MAX = 30 * 60_000;

/** So many batches wait in memory for a visitor who does nothing. */
const HELD_BATCHES_MAX = 30;
/** What shows that a visitor is there. */
const MOVES = "pointermove pointerdown keydown touchstart scroll";
/** The address of a page that is not recorded is looked at this often. */
const OUTSIDE_MS = 250;

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
let limit = 0;
/** When the recording is as long as it may be, by the browser's clock. */
let ends = 0;
/** Nothing is told: the policy does not record this page, or too much waits for a visitor who does nothing. */
let quiet = false;
/** Whom the page's end of recording is told to, where the page itself did not ask for it. */
let ended: (why: string) => void = () => {};

export const running = (): boolean => stopPage !== null;

/** The recording's id while one runs. */
export const current = (): string | null => (running() ? visit.recording : null);

/** The proofs of this tab's recordings, and of this visitor's where the browser keeps them and may be asked: once it was to be recorded. */
export function proofs(mayAsk = !!visit): string {
  const known = running() ? proofsOf(visit) : keptProofs();
  return __WHO__ && mayAsk ? withVisitors(known) : known;
}

/** The visitor's own page, with what opens these recordings behind a sign that browsers never send. */
export const mine = (): string => `${base}/privacy/${config.key}#${proofs()}`;

const cutLater = later(() => cut(false), BATCH_MS);

/** Begin to record this page, if its visit is one that is recorded. `consented` says on which basis; `told` hears why it ended by itself. */
export function start(consented: boolean, told: (why: string) => void): boolean {
  ended = told;
  granted = consented;
  stopLeaving?.();
  if (!__WHO__ || config.identity !== "visitor") forgetVisitor();
  visit = takeUp(visit?.recording === "" ? visit : undefined);
  return goOn();
}

function goOn(): boolean {
  if (!visit.recording) {
    // The tab's next pages shall know, as long as they would of a recording.
    leave(visit);
    stopLeaving = listen(window, "pagehide", () => leave(visit));
    return false;
  }
  stopLeaving = listenToLeaving();
  startOn();
  return true;
}

/** Forget this tab's visit. */
export function drop(): void {
  stopLeaving?.();
  stopLeaving = null;
  forget();
}

function startOn(): void {
  page = random(8);
  seq = 0;
  stream.restart();
  if (__ASSETS__) assets.begin(visit);
  sending = sender(`${base}/i/v1/${config.key}/${visit.recording}/${page}/`, end, () => !visit.moved);
  lastActive = stream.elapsed();
  startPace(guard(paced));
  clearTimer(limit);
  ends = (visit.began || Date.now()) + config.max_minutes * 60_000;
  limit = setTimer(guard(overtime), ends - Date.now());
  observe();
}

/** Tell the page from a snapshot, or wait until it is one that the policy records. */
function observe(): void {
  if (isOutside()) return passOver();
  if (__WHO__ && visit.moved) introduce(visit);
  stopPage = startPage(told, restart, passOver);
  if (visit.loss) {
    const { page: lossy, ops, ms } = visit.loss;
    stream.gap(parseInt(lossy.slice(0, 8), 16), parseInt(lossy.slice(8), 16), ops, ms);
    visit.loss = null;
    told();
  }
}

/** Tell nothing until the address is one that is recorded; that is a gap. */
function passOver(): void {
  if (quiet) return;
  quiet = true;
  stopPage?.();
  cut(false);
  const since = stream.elapsed();
  const stopLooking = every(OUTSIDE_MS, () => {
    if (isOutside()) return;
    stopPage!();
    observe();
  });
  stopPage = () => {
    stopLooking();
    quiet = false;
    lose(0, stream.elapsed() - since);
  };
}

/** Too much waits: it is thrown away, and the page told anew once the visitor does something. */
function doze(): void {
  quiet = true;
  sending?.discard();
  sending = null;
  stopPage?.();
  stopPage = () => {};
}

function moved(): void {
  visit.moved = true;
  if (sending) {
    if (__WHO__ && !quiet) introduce(visit);
    return sending.wake();
  }
  stopPage?.();
  quiet = false;
  stream.setOrigin(performance.now());
  startOn();
}

/** What the server will never hear of: the next snapshot tells how much that was. */
function lose(ops: number, ms: number): void {
  visit.loss = { page, ops: ops + (visit.loss?.ops ?? 0), ms: ms + (visit.loss?.ms ?? 0) };
}

/** The recording is as long as it may be, and this visit has no other. */
function overtime(): void {
  if (!running()) return;
  quiet = true;
  if (batchBegan < 0) stream.clear();
  stream.finish();
  stop("lapse");
  visit.known = proofsOf(visit);
  visit.recording = "";
  goOn();
  ended("time");
}

/** After whatever may have been told: cut a batch now, or see that one is cut soon. */
const told = (whole = true): void => {
  if (quiet || !stream.count()) return;
  if (!visit.moved && seq > HELD_BATCHES_MAX) return doze();
  const now = stream.elapsed();
  if (batchBegan < 0) {
    // A device that slept wakes its timers late.
    if (Date.now() > ends) return overtime();
    batchBegan = now;
  }
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
  goOn();
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
  if (quiet) return;
  say();
  told();
}

/** The site says by a pseudonym who is signed in. */
export function identify(words: string): void {
  setPseudonym(words);
  // Where nobody has moved yet, it is told once somebody does.
  tell(() => visit.moved && introduce(visit));
}

/** Tell the page anew from a snapshot: what is hidden changed as a whole. */
export function restart(): void {
  if (!stopPage || quiet) return;
  stopPage();
  // Where the page wrote itself anew, its window has lost its listeners.
  stopLeaving?.();
  stopLeaving = listenToLeaving();
  observe();
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
  clearTimer(limit);
  if (__ASSETS__) assets.end();
  const stopNow = stopPage;
  stopPage = null;
  stopNow?.();
  quiet = false;
  if (how === "end" && stopNow) stream.finish();
  stopLeaving?.();
  stopLeaving = null;
  if (how === "discard" || !visit.moved) sending?.discard();
  else cut(false);
  sending = null;
  stream.restart();
  if (how === "discard") forget();
  else leave(visit, how !== "keep");
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
      if (ops) lose(ops, stream.elapsed() - began);
      leave(visit);
      if (__ASSETS__) assets.end();
      stopPage = sending = null;
    }),
    listen(document, "click auxclick", ({ target }) => (target as Element).closest?.("a[data-hush-mine]")?.setAttribute("href", mine())),
    listen<PageTransitionEvent>(window, "pageshow", (event) => {
      if (!event.persisted || stopPage) return;
      // The page that is left now may live in another process, so that its word comes too late: this page knows its recording.
      visit = takeUp(performance.now() - leftAt < IDLE_MS_MAX ? visit : begin(visit));
      stream.setOrigin(performance.now());
      stopLeaving?.();
      goOn();
    }),
  ];
  if (!visit.moved) {
    const stop = listen(window, MOVES, (event) => {
      if (!event.isTrusted) return;
      stop();
      moved();
    });
    stops.push(stop);
  }
  return () => stops.forEach((stop) => stop());
}
