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
  /** When it began, by the browser's clock. */
  began: number;
  /** The visitor has done something. */
  moved: boolean;
}

const ENTRY = "hushreel." + config.key;

/** `bytes` random bytes in hexadecimal. `randomUUID` would need a secure context. */
export function random(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

export const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (text: string): Uint8Array =>
  new Uint8Array((text.match(/../g) ?? []).map((digits) => parseInt(digits, 16)));

/** Begin a recording, of as many visits as the policy says. */
export const begin = (): Visit => ({
  recording: crypto.getRandomValues(new Uint16Array(1))[0]! < config.sample * 655.36 ? random(16) : "",
  secret: random(16),
  loss: null,
  began: Date.now(),
  moved: !config.min_interaction,
});

/** Take up the tab's recording, else `own` where there is one, or begin one. */
export function takeUp(own: Visit = begin()): Visit {
  try {
    const text = sessionStorage.getItem(ENTRY);
    if (!text) return own;
    sessionStorage.removeItem(ENTRY);
    const { left, ...visit } = JSON.parse(text) as Visit & { left: number };
    const away = Date.now() - left;
    if (away >= 0 && away < IDLE_MS_MAX && /^(\w{32})?$/.test(visit.recording)) return visit;
  } catch {
    // No storage, or not our entry: a recording of its own.
  }
  return own;
}

/** Leave the recording to the tab's next page. */
export function leave(visit: Visit): void {
  try {
    sessionStorage.setItem(ENTRY, JSON.stringify({ ...visit, left: Date.now() }));
  } catch {
    // Without storage the next page begins a recording of its own.
  }
}

/** Forget the recording in this tab. */
export function forget(): void {
  try {
    sessionStorage.removeItem(ENTRY);
  } catch {
    // Nothing was kept.
  }
}
