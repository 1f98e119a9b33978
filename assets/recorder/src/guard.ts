// Keeps the recorder out of the page's way: no error of ours reaches it, and what is started can be stopped.
// An error inside stops the recording: what cannot be hidden for sure is not recorded.

import { clearTimer, listenNatively, setTimer } from "./native";
import { spent } from "./pace";

export type Stop = () => void;

let failed: (error: unknown) => void = () => {};

/** Whom an error inside is told to. */
export const onFailure = (tell: (error: unknown) => void): void => void (failed = tell);

/** Whether the recorder is at work already: only the outermost task is measured. */
let inside = false;

/** `work`, but an error in it stops the recording instead of reaching the page, and its time is counted. */
export const guard =
  <A extends unknown[], R>(work: (...values: A) => R) =>
  (...values: A): R | undefined => {
    const outer = !inside;
    const began = outer ? performance.now() : 0;
    inside = true;
    try {
      return work(...values);
    } catch (error) {
      failed(error);
      return undefined;
    } finally {
      if (outer) {
        inside = false;
        const now = performance.now();
        spent(now - began, now);
      }
    }
  };

/** Listen first and passively; the answer stops it. */
export function listen<E extends Event>(target: EventTarget, types: string, note: (event: E) => void): Stop {
  const safely = guard(note) as (event: Event) => void;
  const stops = types.split(" ").map((name) => listenNatively(target, name, safely));
  return () => stops.forEach((stop) => stop());
}

/** A call that happens once, so many ms after it was first asked for. */
export function later(work: () => void, ms: number | (() => number)): { ask: Stop; cancel: Stop } {
  let timer: number | undefined;
  const safely = guard(() => {
    timer = undefined;
    work();
  });
  return {
    ask: () => void (timer ??= setTimer(safely, typeof ms === "number" ? ms : ms())),
    cancel: () => {
      clearTimer(timer);
      timer = undefined;
    },
  };
}

/** A call again and again, so many ms after the one before it; the answer stops it. */
export function every(ms: number | (() => number), work: () => void): Stop {
  const next = later(() => {
    next.ask();
    work();
  }, ms);
  next.ask();
  return next.cancel;
}
