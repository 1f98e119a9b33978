// Boots on the page: one global name, nothing before consent, nothing at all under Global Privacy Control or Do Not Track.
import { base, config, TEXT } from "./config";
import { guard, onFailure } from "./guard";
import { hideMore, prepare } from "./hide/state";
import { withoutEcho } from "./hide/echo";
import { hideNote, isNoteName, wordsOf } from "./hide/note";
import * as recording from "./recording";
import * as stream from "./stream";
import { erase } from "./send";
import { forgetVisitor, keep, kept, OBJECTION } from "./visit";

type Consent = "granted" | "denied" | "withdrawn";
type Call = [name: string, ...values: unknown[]];
type Api = ((...call: Call) => unknown) & { q?: Iterable<unknown>[]; ready?: boolean; preview?: boolean };

declare global {
  interface Window {
    hushreel?: Api;
  }
}

/** Properties of one event. */
const PROPERTIES_MAX = 20;

const needsConsent = config.consent !== "not-required";

/** The visitor's answer, once there is one: no means no, also where nobody is asked. */
let granted: boolean | undefined;
/** The page wants it to run: it may stop, pause, or never have started. */
let wanted = config.trigger !== "call";
let broken = false;

const listeners: Record<string, ((value: unknown) => void)[]> = {};

function tell(name: string, value?: unknown): void {
  for (const listener of listeners[name] ?? []) {
    try {
      listener(value);
    } catch {
      // The page's own error is the page's own.
    }
  }
}

function fail(): void {
  broken = true;
  if (recording.running()) recording.stop("discard");
  tell("stopped", "error");
}

/** Start where everything allows it. */
function consider(): void {
  if (broken || !wanted || !(granted ?? !needsConsent) || recording.running() || kept(OBJECTION, true)) return;
  const started = recording.start(!!granted, (why) => {
    // The page has no time for it: not even for another try.
    broken = why === "busy";
    tell("stopped", why);
  });
  if (started) tell("started");
}

function consent(answer: Consent, erasing?: boolean): void {
  granted = answer === "granted";
  // Known only until it is forgotten.
  const proofs = erasing && !granted ? recording.proofs(true) : "";
  if (granted) consider();
  else if (recording.running()) {
    recording.stop("discard");
    tell("stopped", answer);
  } else if (answer === "withdrawn") recording.drop();
  if (!granted) forgetVisitor();
  if (answer === "withdrawn") others?.postMessage(erasing);
  if (proofs) erase(proofs);
}

/** Withdrawn in one tab reaches the others; opened only once there is a consent that can be withdrawn. */
let others: BroadcastChannel | null = null;

function listenToOthers(): void {
  if (others || !window.BroadcastChannel) return;
  others = new BroadcastChannel("hushreel." + config.key);
  // It tells the others in turn, and each listens once.
  others.onmessage = guard(({ data }: MessageEvent) => void (granted && consent("withdrawn", data as boolean)));
}

const calls: Record<string, (...values: never[]) => unknown> = {
  consent(answer: Consent, options?: { erase?: boolean }) {
    if (answer === "granted" && needsConsent) listenToOthers();
    consent(answer, options?.erase);
    // What a page before this one could not have erased. Nothing is read before the visitor has chosen.
    erase();
  },
  object(no = true) {
    keep(OBJECTION, no ? "1" : "", true);
    if (no) consent("withdrawn");
    else consider();
  },
  mine() {
    const address = recording.mine();
    return open(address) ? null : address;
  },
  block: (selector: string) => more("block", selector),
  mask: (selector: string) => more("mask", selector),
  ignore: (selector: string) => more("ignore", selector),
  start() {
    wanted = true;
    consider();
  },
  pause() {
    wanted = false;
    if (recording.running()) {
      recording.stop("keep");
      tell("stopped", "pause");
    }
  },
  resume: () => calls["start"]!(),
  stop() {
    wanted = false;
    if (recording.running()) recording.stop("end");
    tell("stopped", "stop");
  },
  event(name: string, properties: unknown) {
    recording.tell(() => {
      if (!isNoteName(wordsOf(name))) return;
      const told = Object.entries((properties ?? {}) as object)
        .filter(([property]) => isNoteName(property))
        .slice(0, PROPERTIES_MAX)
        .map(([property, value]): [string, string | number] => [property, withoutEcho(hideNote(wordsOf(value), TEXT))]);
      stream.event(name, told);
    });
  },
  tag(name: string, value: unknown) {
    recording.tell(() => {
      if (isNoteName(wordsOf(name))) stream.tag(name, withoutEcho(hideNote(wordsOf(value), TEXT)));
    });
  },
  ...(__WHO__ && { identify: (name: string) => recording.identify(wordsOf(name)) }),
  recording: () => recording.current(),
  on(name: string, listener: (value: unknown) => void) {
    (listeners[name] ??= []).push(listener);
  },
};

/** Hide more from now on. What is told already is told anew under the new rule. */
function more(kind: "mask" | "block" | "ignore", selector: string): void {
  hideMore(kind, selector);
  if (recording.running()) recording.restart();
}

/** A tab that an operator opened to see what would be kept of his own page: a recorder with another policy takes this one's place. */
function isPreview(): boolean {
  const asked = /hush-preview=(\w{32})/.exec(location.hash + window.name);
  if (!asked) return false;
  // For the pages that follow in this tab.
  window.name = asked[0]!;
  document.head.append(Object.assign(document.createElement("script"), { src: `${base}/r/preview.${asked[1]}.js` }));
  return true;
}

function boot(): void {
  const stub = window.hushreel;
  if (stub?.ready || (!stub?.preview && isPreview())) return;
  const { globalPrivacyControl, doNotTrack } = navigator as { globalPrivacyControl?: boolean; doNotTrack?: string | null };
  const off = (config.gpc && globalPrivacyControl === true) || (config.dnt && doNotTrack === "1");
  const call = guard((name: string, values: unknown[]) => (calls[name] as ((...values: unknown[]) => unknown) | undefined)?.(...values));
  const api: Api = (name, ...values) => (off || broken ? undefined : call(name, values));
  api.ready = true;
  window.hushreel = api;
  if (off) return;
  onFailure(fail);
  guard(() => {
    prepare();
    const calls = [...(stub?.q ?? [])].map((call) => [...call] as Call);
    const isNote = ([name]: Call) => name === "event" || name === "tag";
    // What the page tells needs a recording, and what it hides is hidden before one begins.
    for (const call of calls) if (!isNote(call)) api(...call);
    consider();
    for (const call of calls) if (isNote(call)) api(...call);
  })();
}

boot();
