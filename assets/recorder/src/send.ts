// The only place that speaks to the network. A batch is kept until the server has it on disk; what a closing page cannot send
// any more is counted.
import { base, config } from "./config";
import { guard } from "./guard";
import { clearTimer, fetchNatively, setTimer } from "./native";
import { ENTRY, keep, kept } from "./visit";

/** A batch, as it goes out: the same bytes at each try, so that the server knows a repeat. */
interface Waiting {
  seq: number;
  raw: Uint8Array<ArrayBuffer>;
  /** Compressed, once that is done and worth it. */
  packed: Uint8Array<ArrayBuffer> | null;
  /** Compressing has ended. It begins at once, whatever waits before it: a closing page has room for little. */
  ready: Promise<void> | null;
  ops: number;
  /** When its first op happened, ms since the page began. */
  began: number;
  /** Under way by keepalive: it survives the page. */
  kept: boolean;
}

/** All keepalive requests of a page share 64 KiB; some is left for the page itself. */
const KEEPALIVE_BYTES_MAX = 60_000;
/** A batch up to this size goes by keepalive at once, and so survives the page. */
const KEPT_BYTES_MAX = 16_000;
/** More than this waits only while the page lives; the oldest is never dropped. */
const BACKLOG_BYTES_MAX = 4_000_000;
const PACK_BYTES_MIN = 300;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;
/** A server that does not answer in this time is asked again. */
const ANSWER_MS_MAX = 30_000;

const Packer = window.CompressionStream;

/** Why sending ended for good. */
export type Refusal = "refused" | "full";

export interface Sender {
  add(seq: number, raw: Uint8Array<ArrayBuffer>, ops: number, began: number): void;
  /** Bytes that are not acknowledged. */
  backlog(): number;
  /** Send what still fits while the page closes; the answer counts the ops that do not, and when the first of them happened. */
  leave(): { ops: number; began: number };
  /** Throw away what waits. */
  discard(): void;
  /** It is held no longer. */
  wake(): void;
}

/** One request, without anything that names the visitor or needs to be allowed first. */
const send = (url: string, body: BodyInit, keepalive: boolean, signal?: AbortSignal): Promise<Response> =>
  fetchNatively(url, {
    method: "POST",
    body,
    headers: { "Content-Type": "text/plain" },
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store",
    keepalive,
    signal: signal ?? null,
  });

const TO_ERASE = ENTRY + ".erase";

/**
 * Have these recordings erased, beside those that the server has not erased yet. What it does not confirm is kept in the tab, and
 * asked again once the network is back, or the tab's next page tells the visitor's choice.
 */
export function erase(proofs = ""): void {
  keep(TO_ERASE, (proofs = kept(TO_ERASE) + proofs));
  proofs.replace(/(\w+)\.(\w+),/g, (proof, recording: string, secret: string) => {
    send(`${base}/i/v1/${config.key}/${recording}/erase`, secret, true).then(
      ({ ok }) => ok && keep(TO_ERASE, kept(TO_ERASE).replace(proof, "")),
      () => window.addEventListener("online", again, { once: true }),
    );
    return "";
  });
}
const again = () => erase();

/** Send batches to `address/SEQ`, in order, once they are not `held`; `ended` is told when the server wants no more. */
export function sender(address: string, ended: (why: Refusal) => void, held: () => boolean): Sender {
  let waiting: Waiting[] = [];
  let sending = false;
  let failures = 0;
  let timer = 0;
  let abort: AbortController | null = null;

  const bytesOf = (batch: Waiting) => batch.packed ?? batch.raw;
  const keptBytes = () => waiting.reduce((sum, batch) => sum + (batch.kept ? bytesOf(batch).length : 0), 0);

  function post(batch: Waiting, keepalive: boolean, signal?: AbortSignal): Promise<Response> {
    batch.kept = keepalive;
    return send(address + batch.seq, bytesOf(batch), keepalive, signal);
  }

  async function pump(): Promise<void> {
    if (sending || !waiting.length || held()) return;
    sending = true;
    clearTimer(timer);
    const batch = waiting[0]!;
    await batch.ready;
    // The page was left meanwhile, and took it along.
    if (batch.kept) return;
    let wait = 0;
    const mine = (abort = new AbortController());
    const patience = setTimer(() => mine.abort(), ANSWER_MS_MAX);
    try {
      const size = bytesOf(batch).length;
      const answer = await post(batch, size <= KEPT_BYTES_MAX && keptBytes() + size <= KEEPALIVE_BYTES_MAX, mine.signal);
      if (answer.ok) {
        failures = 0;
        if (waiting[0] === batch) waiting.shift();
      } else if (answer.status === 429 || answer.status >= 500) {
        wait = Number(answer.headers.get("Retry-After")) * 1000;
        throw answer.status;
      } else {
        waiting = [];
        ended("refused");
      }
    } catch {
      batch.kept = false;
      failures++;
      const backoff = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(failures, 6));
      wait = Math.max(wait, backoff * (0.5 + Math.random() / 2));
    } finally {
      clearTimer(patience);
      sending = false;
    }
    if (wait) timer = setTimer(safely, wait);
    else safely();
  }
  const safely = guard(() => void pump());
  window.addEventListener("online", safely);

  return {
    add(seq, raw, ops, began) {
      const batch: Waiting = { seq, raw, packed: null, ready: null, ops, began, kept: false };
      if (Packer && raw.length >= PACK_BYTES_MIN) batch.ready = pack(batch);
      waiting.push(batch);
      if (waiting.reduce((sum, batch) => sum + batch.raw.length, 0) > BACKLOG_BYTES_MAX) ended("full");
      else if (!failures) safely();
    },
    backlog: () => waiting.reduce((sum, batch) => sum + batch.raw.length, 0),
    leave() {
      const lost = { ops: 0, began: 0 };
      if (held()) waiting = [];
      let room = KEEPALIVE_BYTES_MAX - keptBytes();
      for (const batch of waiting) {
        if (batch.kept) continue;
        const size = bytesOf(batch).length;
        if (size <= room) {
          room -= size;
          post(batch, true).catch(() => undefined);
        } else {
          lost.began ||= batch.began;
          lost.ops += batch.ops;
        }
      }
      return lost;
    },
    discard() {
      waiting = [];
      clearTimer(timer);
      abort?.abort();
      window.removeEventListener("online", safely);
    },
    wake: () => void safely(),
  };
}

async function pack(batch: Waiting): Promise<void> {
  try {
    const packer = new Packer("gzip");
    const writer = packer.writable.getWriter();
    // Their errors are the reader's too.
    writer.write(batch.raw).catch(() => undefined);
    writer.close().catch(() => undefined);
    const bytes = new Uint8Array(await new Response(packer.readable).arrayBuffer());
    if (bytes.length < batch.raw.length) batch.packed = bytes;
  } catch {
    // It goes out as it is.
  }
}
