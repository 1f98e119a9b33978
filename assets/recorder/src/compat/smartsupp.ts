// Hears what a page says to Smartsupp, for sites that came from there: a file of its own in front of the recorder's core, where the
// policy asks for it. The page's markup stays as it is, and a chat that is there keeps its function.

import { say } from "../say";

type Call = ArrayLike<unknown>;
type Chat = ((...call: unknown[]) => void) & { _?: Call[] };
type Page = {
  smartsupp?: Chat;
  _smartsupp?: { recordingDisable?: unknown };
};

const page = window as Page;
/** The page turned recording off for this visit: kept as long as its tab, and only then. */
const OFF = "hushreel.off";

function hear(call: Call): void {
  const [name, value] = Array.from(call);
  if (name === "analyticsConsent") say("consent", value === true ? "granted" : "withdrawn");
  else if (name === "recording:disable" && value !== false) say("stop");
  else if (name === "recording:off") {
    try {
      if (value === false) sessionStorage.removeItem(OFF);
      else sessionStorage.setItem(OFF, "1");
    } catch {
      // Without storage it holds for this page.
    }
    if (value !== false) say("stop");
  }
  // All else is for the chat.
}

let heard: Call[] | undefined;

/** Hear what waits for the chat, and what is put there later. */
function listen(): void {
  if (page._smartsupp?.recordingDisable) say("stop");
  const queue = page.smartsupp?._;
  if (!Array.isArray(queue) || queue === heard) return;
  heard = queue;
  queue.forEach(hear);
  Object.defineProperty(queue, "push", {
    configurable: true,
    writable: true,
    value: (...calls: Call[]) => {
      calls.forEach(hear);
      return Array.prototype.push.apply(queue, calls);
    },
  });
}

/** The page's own scripts have had their turn: where none brought a function, its calls are heard all the same. */
function settle(): void {
  listen();
  page.smartsupp ??= (...call) => hear(call);
}

let off: string | null = null;
try {
  off = sessionStorage.getItem(OFF);
} catch {
  // No storage, nothing kept.
}
if (off) say("stop");
listen();
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", settle);
else settle();
