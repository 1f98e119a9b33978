// Which recording this tab belongs to. The tab's entry is taken away when a page loads and written back when it is left, so a
// duplicated or crashed tab finds none and begins a recording of its own.
import { config } from "./config";

/** A recording ends when nothing happened for so long. */
const IDLE_MS_MAX = 30 * 60_000;

/** What could not be sent while a page was being left. */
export interface Loss {
  page: string;
  ops: number;
  ms: number;
}

export interface Visit {
  /** The recording: 32 hexadecimal digits. Empty where this visit is not recorded, or no more. */
  recording: string;
  /** Proves to the server that later batches come from the same browser: 32 hexadecimal digits. */
  secret: string;
  loss: Loss | null;
  /** The tab's recordings before this one, as `proofsOf` tells them. */
  known: string;
  /** The random id that links its recordings, where the policy has them linked. */
  who?: string | undefined;
  /** When it began, by the browser's clock. */
  began: number;
  /** The visitor has done something. */
  moved: boolean;
}

/** Under this name the tab keeps its recording, and under one that begins with it what is to be erased. */
export const ENTRY = "hushreel." + config.key;
/** Under this name the browser keeps `ID.UNTIL,` and behind it what opens this visitor's recordings, as `proofsOf` tells it. */
export const VISITOR = ENTRY + ".visitor";
/** Under this name the browser keeps that its visitor objected. It is read only where nobody is asked, or once the visitor agreed. */
export const OBJECTION = "hush-objection";
/** The latest recordings: more would make too long an address. */
export const PROOFS_CHARACTERS_MAX = 66 * 50;

/** `bytes` random bytes in hexadecimal. `randomUUID` would need a secure context. */
export function random(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

export const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (text: string): Uint8Array =>
  new Uint8Array((text.match(/../g) ?? []).map((digits) => parseInt(digits, 16)));

/** Begin a recording, of as many visits as the policy says; `before` is the tab's last one. */
export const begin = (before?: Visit): Visit => ({
  recording: crypto.getRandomValues(new Uint16Array(1))[0]! < config.sample * 655.36 ? random(16) : "",
  secret: random(16),
  loss: null,
  known: before ? proofsOf(before) : "",
  ...(__WHO__ && { who: before?.who }),
  began: Date.now(),
  moved: !config.min_interaction,
});

/** What proves that this tab's recordings are its visitor's: `ID.SECRET,` each. */
export const proofsOf = (visit: Visit): string => (visit.known + (visit.recording && `${visit.recording}.${visit.secret},`)).slice(-PROOFS_CHARACTERS_MAX);

/** What the tab keeps under this name, or the browser. */
export function kept(name: string, local = false): string {
  try {
    return (local ? localStorage : sessionStorage).getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Keep this under the name; nothing is no entry. */
export function keep(name: string, text: string, local = false): void {
  try {
    const storage = local ? localStorage : sessionStorage;
    if (text) storage.setItem(name, text);
    else storage.removeItem(name);
  } catch {
    // Without storage the next page begins a recording of its own.
  }
}

/** What the tab's page before left, and when; nothing where there is no storage or the entry is not ours. */
function entry(): (Visit & { left: number }) | undefined {
  try {
    const found = JSON.parse(kept(ENTRY)) as Visit & { left: number };
    if (/^(\w{32})?$/.test(found.recording)) return found;
  } catch {
    // No storage, or not our entry: a recording of its own.
  }
  return undefined;
}

/** The proofs of what the tab keeps. */
export function keptProofs(): string {
  const left = entry();
  return left ? proofsOf(left) : "";
}

/** Take up the tab's recording, else `own` where there is one, or begin one. */
export function takeUp(own: Visit = begin(entry())): Visit {
  const found = entry();
  forget();
  const away = Date.now() - (found?.left ?? 0);
  return found && away >= 0 && away < IDLE_MS_MAX ? found : own;
}

/** Leave the recording to the tab's next page; one that has ended only for its visitor to see and erase. */
export function leave(visit: Visit, ended = false): void {
  keep(ENTRY, JSON.stringify({ ...visit, left: ended ? 0 : Date.now() }));
}

/** Keep nothing of the visitor any more, also of what an earlier policy kept. */
export const forgetVisitor = (): void => keep(VISITOR, "", true);

/** Forget the recording in this tab. */
export const forget = (): void => keep(ENTRY, "");
