// The browser's own timers, observers and listeners, taken before the page can replace them. Where Angular's zone.js has already,
// it keeps the originals under names of its own: through its own ones, each of our timers would make the page look for changes.

const symbol = (window as { Zone?: { __symbol__?: (name: string) => string } }).Zone?.__symbol__;

function native<T extends object, N extends keyof T & string>(owner: T, name: N): T[N] {
  return (symbol && owner[symbol(name) as N]) || owner[name];
}

export const fetchNatively = native(window, "fetch").bind(window);
/** The visitor asks sites for few bytes: nothing is read once more. */
export const savesData = (): boolean => !!(navigator as { connection?: { saveData?: boolean } }).connection?.saveData;

/** What was read once more: no requests of the page's. */
export const reread = new Set<string>();

/** Read what the page has loaded. */
export function readAgain(url: string, init: RequestInit): Promise<Response> {
  if (__META__) reread.add(url);
  return fetchNatively(url, init);
}

export const setTimer = native(window, "setTimeout").bind(window) as (work: () => void, ms?: number) => number;
export const clearTimer = native(window, "clearTimeout").bind(window);
export const nextFrame = native(window, "requestAnimationFrame").bind(window);
export const cancelFrame = native(window, "cancelAnimationFrame").bind(window);
export const Observer = native(window as typeof globalThis & Window, "MutationObserver");

const add = native(EventTarget.prototype, "addEventListener");
const remove = native(EventTarget.prototype, "removeEventListener");

/** Listen first and passively; the answer stops it. */
export function listenNatively(target: EventTarget, name: string, note: (event: Event) => void): () => void {
  const options = { capture: true, passive: true };
  add.call(target, name, note, options);
  return () => remove.call(target, name, note, options);
}
