// The recorder as an ES module, for pages that are made by a bundler. The same core as the script's, carried along instead of
// loaded; the site's policy is fetched from the server, without which nothing is recorded.

/** The visitor's answer: until it is granted, a site that asks for consent records nothing and keeps nothing in the browser. */
export type Consent = "granted" | "denied" | "withdrawn";

/** Why a recording ended: the visitor's answer, the page's own call, the server's refusal, its time, or that the page needed its own. */
export type Stopped = "denied" | "withdrawn" | "pause" | "stop" | "refused" | "full" | "time" | "busy" | "error";

export interface Options {
  /** Where the server is reached, such as `https://rec.example.com`. */
  server: string;
  /** The site's key. */
  key: string;
}

type Call = (...call: unknown[]) => unknown;
type Page = { hushreel?: Call & { q?: Iterable<unknown>[]; ready?: boolean } };

/** The script's core as a function; put in by the build. */
declare function core(config: object, base: string): void;

/** What is asked before the core is there waits for it, in order, as in pages that use the script. */
function call(...asked: unknown[]): unknown {
  const page = window as Page;
  if (!page.hushreel) {
    const queue: unknown[][] = [];
    page.hushreel = Object.assign((...later: unknown[]) => void queue.push(later), { q: queue });
  }
  return page.hushreel(...asked);
}

/**
 * Fetch the site's policy and start where it, the visitor and the page allow. False where the site does not record, or its policy
 * could not be had; it never throws. Once a page: what comes later changes nothing.
 */
export async function load({ server, key }: Options): Promise<boolean> {
  try {
    const base = server.replace(/\/$/, "");
    const answer = await fetch(`${base}/r/${key}.json`, { credentials: "omit", referrerPolicy: "no-referrer" });
    const config = answer.ok ? ((await answer.json()) as object | null) : null;
    if (config) core(config, base);
    return config !== null;
  } catch {
    return false;
  }
}

/** Say what the visitor answered; one who takes consent back may have this tab's recordings erased with it. */
export const consent = (answer: Consent, options?: { erase?: boolean }): void => void call("consent", answer, options);

/** Record this browser no more on this site; or take that back. */
export const object = (no = true): void => void call("object", no);

/** Open the visitor's own page in a new tab. Where the browser opens none, the answer is its address. */
export const mine = (): string | null => (call("mine") as string | null | undefined) ?? null;

/** Hide more: mask the text of what this selector fits, leave it out, or record nothing that happens there. */
export const mask = (selector: string): void => void call("mask", selector);
export const block = (selector: string): void => void call("block", selector);
export const ignore = (selector: string): void => void call("ignore", selector);

/** Say by a pseudonym of your own, such as a customer number, who is signed in; an empty one says nobody. Counts where the policy links visits. */
export const identify = (pseudonym: string): void => void call("identify", pseudonym);

/** Record from now on, if everything else allows it. */
export const start = (): void => void call("start");
/** Pause; `resume` goes on with the same recording. */
export const pause = (): void => void call("pause");
export const resume = (): void => void call("resume");
/** End this recording. */
export const stop = (): void => void call("stop");

/** The id of the recording that runs, else null. */
export const recording = (): string | null => (call("recording") as string | null | undefined) ?? null;

/** Be told when recording starts, or stops and why. */
export function on(name: "started", listener: () => void): void;
export function on(name: "stopped", listener: (why: Stopped) => void): void;
export function on(name: string, listener: (value: never) => void): void {
  call("on", name, listener);
}
