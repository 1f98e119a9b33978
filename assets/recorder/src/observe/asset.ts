// Pictures and fonts. Where one stands, its number stands in the stream; once the page is idle its bytes are read out of the
// browser's cache, named by their hash, and brought to the server if it lacks them. Only what the page itself has loaded is read.
import { base, config, hidden } from "../config";
import { guard, later, listen, type Stop } from "../guard";
import { isInner } from "../hide/css";
import { reduceUrl } from "../hide/url";
import { fetchNatively, readAgain, savesData, setTimer } from "../native";
import * as stream from "../stream";
import { Cause, Form } from "../stream";
import { fromHex, type Visit } from "../visit";

/** What one page may read, and one picture or font of it. */
const PAGE_BYTES_MAX = 4_000_000;
const ASSET_BYTES_MAX = 1_500_000;
/** Numbered on one page; what comes later is left out. */
const COUNT_MAX = 400;
/** Shorter inline data stays where it is. */
const DATA_CHARACTERS_MIN = 1_000;
/** The page comes first: reading begins this long after something was met. */
const REST_MS = 1_000;
/** A server that has not heard of the recording yet, or is busy, is asked again. */
const AGAIN_MS = 2_500;
const TRIES_MAX = 6;
/** A drawn picture is at most so wide or high. */
const DRAWN_PIXELS_MAX = 2_048;

type Bytes = Uint8Array<ArrayBuffer>;
/** What was read: its bytes and how they stand for it. */
interface Read {
  bytes: Bytes;
  form: stream.Form;
  width: number;
  height: number;
}

let visit: Visit | null = null;
let numbers: Map<string, number>;
/** What waits to be read, with the element that shows it. */
let waiting: Map<string, HTMLImageElement | null>;
/** Told of already, read or not. */
let told: Set<string>;
/** Addresses that the page has loaded. */
const loaded = new Set<string>();
/** Origins that let nobody read: asked once. */
let closed: Set<string>;
let spent: number;
let working = false;
let forbidden = false;
let done: () => void = () => {};

/** Begin a page of this recording: assets are numbered from 1 again. */
export function begin(now: Visit): void {
  // The hiding of style text asks here.
  config.asset = hidden.asset = tokenIn;
  visit = now;
  numbers = new Map();
  waiting = new Map();
  told = new Set();
  closed = new Set();
  spent = 0;
}

/** Read nothing more. */
export const end = (): void => void (visit = null);

/** What stands for an address in the stream; null for what may not be read, or needs not. `image` is shown and complete. */
export function token(address: string, image: HTMLImageElement | null = null): string | null {
  const url = address.replace(/#.*/, "");
  const inline = url.startsWith("data:");
  if (
    config.media === "block" ||
    !/^(https?|blob|data):/.test(url) ||
    // A part of a vector picture cannot be drawn alone.
    (url !== address && /\.svg$/.test(url)) ||
    (inline && isInner(url, config.media) && (url.length < DATA_CHARACTERS_MIN || /^data:image\/svg/.test(url))) ||
    (config.media === "same-origin" && !inline && !isOwn(url))
  )
    return null;
  let number = numbers.get(url);
  if (!number) {
    if (numbers.size === COUNT_MAX) return null;
    numbers.set(url, (number = numbers.size + 1));
  }
  if (image || loaded.has(url) || !/^h/.test(url)) want(url, image);
  const sides = image && [image.naturalWidth, image.naturalHeight];
  return "hush:" + number + (sides?.every((side) => side < 1e5) ? "/" + sides.join("x") : "");
}

/** What stands for what an element names by an attribute. */
export function tokenOf(element: Element, name: string): string | null {
  const address = element.getAttribute(name);
  return address && resolve(address, element.baseURI);
}

let sheetBase: string;
/** The address that those in style text are relative to, from now. */
export const setBase = (address: string): void => void (sheetBase = address);

/** What stands for the address that `rest` of a style begins with: behind `url(`, or a string. */
const tokenIn = (rest: string): string | null => {
  const [, , quoted, bare] = /^\s*(?:(["'])((?:\\[^]|[^\\])*?)\1|([^)\s"']*))/.exec(rest)!;
  const address = (quoted ?? bare ?? "").replace(/\\([\da-f]{1,6} ?|[^])/gi, (_, code: string) =>
    /^[\da-f]/i.test(code) ? String.fromCodePoint(parseInt(code, 16)) : code,
  );
  return address && address[0] !== "#" ? resolve(address, sheetBase) : null;
};

function resolve(address: string, from: string): string | null {
  try {
    return token(new URL(address, from).href);
  } catch {
    return null;
  }
}

const isOwn = (url: string): boolean => url.replace("blob:", "").startsWith(location.origin + "/");

function want(url: string, image: HTMLImageElement | null): void {
  if (told.has(url)) return;
  waiting.set(url, image ?? waiting.get(url) ?? null);
  begun.ask();
}

/** The page has loaded this. */
export function noteLoaded(address: string): void {
  const url = address.replace(/#.*/, "");
  loaded.add(url);
  if (numbers.has(url)) want(url, null);
}

/** See what a window loads. */
export function startAssets(window: Window & typeof globalThis, tell: () => void): Stop {
  done = tell;
  if (config.media === "block" || !window.PerformanceObserver) return () => {};
  const observer = new window.PerformanceObserver(
    guard((list: PerformanceObserverEntryList) => {
      for (const { name } of list.getEntries()) noteLoaded(name);
    }),
  );
  observer.observe({ type: "resource", buffered: true });
  // One report to the site's owner is enough: where the page's own policy forbids reading, no more is read.
  const stopListening = listen<SecurityPolicyViolationEvent>(window.document, "securitypolicyviolation", (event) => {
    if (working && event.effectiveDirective === "connect-src") forbidden = true;
  });
  return () => {
    observer.disconnect();
    stopListening();
    begun.cancel();
  };
}

const begun = /* @__PURE__ */ later(() => void work().catch(() => (working = false)), REST_MS);

const pause = (ms: number): Promise<unknown> => new Promise<void>((resolve) => setTimer(resolve, ms));
const idle = (): Promise<unknown> =>
  (window as Partial<Window>).requestIdleCallback ? new Promise((resolve) => requestIdleCallback(resolve, { timeout: AGAIN_MS })) : pause(REST_MS);

/** Read what waits, one after the other, then offer it. */
async function work(): Promise<void> {
  if (working || !visit) return;
  if (!visit.moved || document.readyState !== "complete") return begun.ask();
  const mine = visit;
  const group: [words: ArrayLike<number>, bytes: Bytes][] = [];
  working = true;
  for (const [url, image] of waiting) {
    await idle();
    const read = await readSafely(url, image);
    const words = typeof read === "number" ? null : await hash(read.bytes);
    if (visit !== mine) break;
    waiting.delete(url);
    told.add(url);
    const number = numbers.get(url)!;
    if (typeof read === "number") {
      // Whoever reads the list can mend an address, no inline data.
      if (/^http/.test(url)) stream.unreadable(number, read, reduceUrl(url, config));
    } else {
      stream.asset(number, words!, read.form, read.width, read.height);
      group.push([words!, read.bytes]);
    }
    done();
  }
  if (group.length && visit === mine) await offer(group, mine);
  working = false;
  if (waiting.size) begun.ask();
}

/** The first four words of the SHA-256 name an asset; the server computes them again. */
async function hash(bytes: Bytes): Promise<number[]> {
  const view = new DataView(await window.crypto.subtle.digest("SHA-256", bytes));
  return [0, 4, 8, 12].map((at) => view.getUint32(at));
}

async function readSafely(url: string, image: HTMLImageElement | null): Promise<Read | stream.Cause> {
  const own = isOwn(url);
  try {
    if (!window.crypto.subtle) return Cause.Insecure;
    if (savesData()) return Cause.SaveData;
    if (forbidden) return Cause.Forbidden;
    if (spent >= PAGE_BYTES_MAX) return Cause.Budget;
    const bytes = await (url.startsWith("data:") ? decode(url) : load(url, own, image));
    if (typeof bytes === "number") return bytes;
    spent += bytes.length;
    // Only a vector picture begins with a text's sign.
    return /^\s*</.test(head(bytes)) ? await draw(url, own ? image : null, own, bytes) : { bytes, form: Form.AsItIs, width: 0, height: 0 };
  } catch {
    if (forbidden) return Cause.Forbidden;
    if (own || !/^http/.test(url)) return Cause.Failed;
    closed.add(new URL(url).origin);
    return Cause.Cors;
  }
}

const head = (bytes: Bytes): string => new TextDecoder().decode(bytes.subarray(0, 2_000));

/** Inline data; fetching it might be forbidden by the page's own policy. */
function decode(url: string): Bytes {
  const [, kind, data] = /^data:([^,]*),([^]*)/.exec(url)!;
  const text = data!.replace(/%[\da-f]{2}/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16)));
  return Uint8Array.from(/;base64$/.test(kind!) ? atob(text) : text, (sign) => sign.charCodeAt(0));
}

async function load(url: string, own: boolean, image: HTMLImageElement | null): Promise<Bytes | stream.Cause> {
  // A font came with leave to read it, and so did a picture that asked for it; of others, one of each origin is tried.
  if (!own && closed.has(new URL(url).origin) && !image?.crossOrigin && !/\.(woff2?|[ot]tf)\b/.test(url)) return Cause.Cors;
  const get = (cache: RequestCache) =>
    readAgain(url, { cache, mode: own ? "same-origin" : "cors", credentials: own ? "same-origin" : "omit" });
  let answer = own && !/^b/.test(url) ? await get("only-if-cached").catch(() => null) : null;
  if (!answer?.ok) answer = await get("force-cache");
  if (!answer.ok) return Cause.Failed;
  if (Number(answer.headers.get("Content-Length")) > ASSET_BYTES_MAX) {
    void answer.body?.cancel();
    return Cause.TooLarge;
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return bytes.length > ASSET_BYTES_MAX ? Cause.TooLarge : bytes;
}

/** A vector picture can hold anything, so that only what it looks like is kept. */
async function draw(url: string, image: HTMLImageElement | null, own: boolean, bytes: Bytes): Promise<Read | stream.Cause> {
  const root = /<svg[^>]*/.exec(head(bytes));
  if (!root) return Cause.Type;
  const picture = image ?? new Image();
  if (!image) {
    if (!own) picture.crossOrigin = "anonymous";
    picture.src = url;
    await picture.decode();
  }
  const { naturalWidth: width, naturalHeight: height } = picture;
  const wished = Math.max(2, (devicePixelRatio * picture.width) / width || 0);
  const scale = Math.min(wished, DRAWN_PIXELS_MAX / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.ceil(width * scale), Math.ceil(height * scale));
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const drawn = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  return { bytes: drawn, form: /\swidth=/.test(root[0]) ? Form.Drawn : Form.DrawnUnsized, width, height };
}

/** Ask what the server lacks, and bring that. */
async function offer(group: [words: ArrayLike<number>, bytes: Bytes][], mine: Visit): Promise<void> {
  const names = new DataView(new ArrayBuffer(16 * group.length));
  group.forEach(([words], at) => {
    for (let word = 0; word < 4; word++) names.setUint32(16 * at + 4 * word, words[word]!);
  });
  const answer = await post(0, new Uint8Array(names.buffer), mine);
  const lacks = answer?.ok ? await answer.text() : "";
  for (const [at, [, bytes]] of group.entries()) if (lacks[at] === "1" && visit === mine) await post(1, bytes, mine);
}

async function post(wish: number, rest: Bytes, mine: Visit): Promise<Response | null> {
  const start = [1, wish, ...fromHex(config.policy), ...fromHex(mine.secret), ...fromHex(mine.recording)];
  const body = new Uint8Array(start.length + rest.length);
  body.set(start);
  body.set(rest, start.length);
  for (let tries = 0; tries < TRIES_MAX && visit === mine; tries++) {
    const answer = await fetchNatively(`${base}/i/v1/${config.key}/assets`, {
      method: "POST",
      body,
      headers: { "Content-Type": "text/plain" },
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
    }).catch(() => null);
    if (answer && !/^(202|429|5..)$/.test("" + answer.status)) return answer;
    await pause(Math.max(AGAIN_MS, Number(answer?.headers.get("Retry-After")) * 1_000));
  }
  return null;
}
