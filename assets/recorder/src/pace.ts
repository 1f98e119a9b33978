// How much of the page's main thread the recorder takes, and what it gives up when that is too much. Every entry into the recorder
// runs inside `guard`, which measures it here; the figures become part of the recording.

/** It may take so much of each second, taken over a few seconds; a snapshot costs more for a moment. */
const BUDGET_MS = 80;
/** After so many seconds above the budget it gives up more, after so many far below it takes some of it back. */
const OVER_S = 3;
const UNDER_S = 10;
/** Recording stops only where even the least of it takes far more than that, for longer. */
const LAST_BUDGET_MS = 2 * BUDGET_MS;
const LAST_OVER_S = 6;

/** What is given up, in this order. Each level includes the ones before it. */
export const enum Shed {
  Nothing,
  /** Changes are told five times a second instead of at each frame, the pointer's way as well. */
  Frames,
  /** Changes are told once a second; the pointer's way and pictures of drawings are not. */
  Ways,
  /** Recording stops, and says so. */
  All,
}

/** How long changes wait to be told, by level. */
export const FLUSH_EVERY_MS = [0, 200, 1_000, 1_000] as const;

let level: Shed = Shed.Nothing;
let since = 0;
let inWindow = 0;
let over = 0;
let under = 0;
let total = 0;
let tasks = 0;
let longest = 0;
let changed: (level: Shed) => void = () => {};

/** Begin to count; `tell` hears of each change of level. */
export function startPace(tell: (level: Shed) => void): void {
  level = inWindow = over = under = total = tasks = longest = 0;
  since = performance.now();
  changed = tell;
}

export const shed = (): Shed => level;

/** A task of the recorder took this long. */
export function spent(ms: number, now: number): void {
  total += ms;
  inWindow += ms;
  tasks++;
  if (ms > longest) longest = ms;
  const seconds = (now - since) / 1_000;
  if (seconds < 1) return;
  // What came after a pause was done in its last second.
  const load = inWindow / Math.min(seconds, 2);
  since = now;
  inWindow = 0;
  const last = level === Shed.Ways;
  over = load > (last ? LAST_BUDGET_MS : BUDGET_MS) ? over + 1 : 0;
  under = load < BUDGET_MS / 4 ? under + 1 : 0;
  if (over >= (last ? LAST_OVER_S : OVER_S)) move(level + 1);
  else if (under >= UNDER_S && level) move(level - 1);
}

function move(to: Shed): void {
  over = under = 0;
  level = Math.min(to, Shed.All);
  changed(level);
}

/** What was taken since this was asked last: tenths of milliseconds in all, tasks, tenths of milliseconds of the longest. */
export function bill(): [tenths: number, tasks: number, longest: number] {
  const said: [number, number, number] = [Math.round(total * 10), tasks, Math.round(longest * 10)];
  total = tasks = longest = 0;
  return said;
}
