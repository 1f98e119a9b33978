// Errors that the page did not catch, and what it writes to the console where the policy allows that. Words are hidden as page text is.
import { config, TEXT } from "../config";
import { guard, listen, type Stop } from "../guard";
import { withoutEcho } from "../hide/echo";
import { hideNote, isErrorName, wordsOf } from "../hide/note";
import { reduceUrl } from "../hide/url";
import * as stream from "../stream";

/** A page that fails over and over says so this often. */
const ERRORS_MAX = 50;
const LINES_MAX = 500;
/** How the words of errors and of the console are hidden: only one who asked for them gets them. */
const MESSAGES = config.console === "redact" ? TEXT : "mask";
const LEVELS = ["debug", "log", "info", "warn", "error"] as const;

export function startTrouble(before: () => void, told: () => void): Stop {
  let errors = 0;

  function tell(error: unknown, message: string, source = "", line = 0, column = 0): void {
    if (++errors > ERRORS_MAX) return;
    const { name } = (error ?? {}) as Error;
    before();
    stream.error(isErrorName(wordsOf(name), TEXT) ? name : "Error", withoutEcho(hideNote(message, MESSAGES)), reduceUrl(source, config), line, column);
    told();
  }

  const stops = [
    listen<ErrorEvent>(window, "error", (event) => {
      // What did not load is an event of its element, without a message.
      if (event.message) tell(event.error, event.message, event.filename, event.lineno, event.colno);
    }),
    listen<PromiseRejectionEvent>(window, "unhandledrejection", ({ reason }) => tell(reason, wordsOf((reason as Error | null)?.message ?? reason))),
  ];

  if (__META__ && config.console !== "off") {
    let lines = 0;
    const note = guard((level: number, values: unknown[]) => {
      if (++lines > LINES_MAX) return;
      const message = values.map(wordsOf).join(" ");
      before();
      stream.log(level, withoutEcho(hideNote(message, MESSAGES)));
      told();
    });
    LEVELS.forEach((name, level) => {
      const native = console[name];
      const wrapped = function (this: unknown, ...values: unknown[]) {
        note(level, values);
        return native.apply(this, values);
      };
      console[name] = wrapped;
      stops.push(() => {
        // Who wrapped it after us keeps ours below his.
        if (console[name] === wrapped) console[name] = native;
      });
    });
  }
  return () => stops.forEach((stop) => stop());
}
