// Web vitals, as the browser measures them: numbers alone. What goes on growing is told when the page is left or out of sight.
import { guard, listen, type Stop } from "../guard";
import * as stream from "../stream";

/** Layout shifts within so long of each other, and in so long in all, are one. */
const SHIFT_GAP_MS = 1_000;
const SHIFT_MS_MAX = 5_000;
/** Interactions shorter than this are not asked for. */
const INTERACTION_MS_MIN = 40;

type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; interactionId?: number; responseStart: number };

/** `before` runs before anything is told, `told` after it. */
export function startVital(before: () => void, told: () => void): Stop {
  const values: number[] = [];
  const said: number[] = [];
  const interactions = new Map<number, number>();
  let shift = 0;
  let first = 0;
  let last = 0;

  // A map: the build shortens names of properties that it does not know.
  const notes = new Map<string, (entry: Entry) => void>([
    ["navigation", ({ responseStart }) => void (values[stream.Vital.FirstByte] = responseStart)],
    ["paint", ({ name, startTime }) => {
      if (name === "first-contentful-paint") values[stream.Vital.FirstPaint] = startTime;
    }],
    ["largest-contentful-paint", ({ startTime }) => void (values[stream.Vital.LargestPaint] = startTime)],
    ["layout-shift", ({ value, hadRecentInput, startTime }) => {
      if (hadRecentInput) return;
      if (startTime - last > SHIFT_GAP_MS || startTime - first > SHIFT_MS_MAX) {
        shift = 0;
        first = startTime;
      }
      last = startTime;
      shift += value;
      values[stream.Vital.Shift] = Math.max(values[stream.Vital.Shift] ?? 0, shift * 1_000);
    }],
    ["event", ({ interactionId, duration }) => {
      if (!interactionId) return;
      interactions.set(interactionId, Math.max(interactions.get(interactionId) ?? 0, duration));
      // One in fifty may be slower.
      const slow = [...interactions.values()].sort((one, other) => other - one);
      values[stream.Vital.Interaction] = slow[Math.floor(interactions.size / 50)]!;
    }],
  ]);
  const take = (list: PerformanceEntry[]) => list.forEach((entry) => notes.get(entry.entryType)?.(entry as Entry));

  const observer = window.PerformanceObserver && new PerformanceObserver(guard((list) => take(list.getEntries())));
  for (const type of observer ? notes.keys() : []) {
    try {
      observer.observe({ type, buffered: true, durationThreshold: INTERACTION_MS_MIN } as PerformanceObserverInit);
    } catch {
      // This browser does not measure it.
    }
  }

  function tell(): void {
    if (observer) take(observer.takeRecords());
    values.forEach((value, kind) => {
      if (Math.round(value) === said[kind]) return;
      said[kind] = Math.round(value);
      stream.vital(kind, value);
    });
  }

  const stop = listen(document, "visibilitychange", () => {
    if (!document.hidden) return;
    before();
    tell();
    told();
  });
  return () => {
    stop();
    tell();
    observer?.disconnect();
  };
}
