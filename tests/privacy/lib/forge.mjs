// A client in a recorder's place that tells what it likes, in the recorder's own grammar: the door is all that stands before it.
import { randomBytes } from "node:crypto";
import { loadStream } from "../../browser/lib/door.mjs";

const stream = await loadStream();
const hex = (bytes) => randomBytes(bytes).toString("hex");
const policyOf = async (hushreel, key) => (await hushreel.command("site", "policy", "show", key)).hash;

/** A page that every policy takes: document 1, html 2, body 3, a div 4 of this class; `inside` tells more of the body. */
export const page = (origin, marker, inside = () => {}) => (tell) => {
  tell.snapshot(1280, 800, `${origin}/`, 0);
  tell.element(0, "html", [], [], true);
  tell.element(0, "body", [], [], true);
  tell.element(0, "div", ["class"], [marker], false);
  inside(tell);
  for (let open = 0; open < 3; open++) tell.end();
};

/** A visit of its own to a site. `send` posts a batch of what `told(stream)` says; each part of its head and address may be another. */
export async function startVisit(hushreel, key, origin) {
  const visit = { key, origin, recording: hex(16), page: hex(8), secret: hex(16), seq: 0, policy: await policyOf(hushreel, key), granted: true };
  /** The batch alone, and its address. */
  const batch = (told, other = {}) => {
    const own = { ...visit, ...other };
    if (own.seq === 0) {
      stream.restart();
      stream.setOrigin(performance.now());
    }
    told(stream);
    const body = stream.take();
    const parts = [own.policy, own.secret, own.page].map((text) => Buffer.from(text, "hex"));
    const head = stream.header(own.granted, false, ...parts, own.seq, stream.elapsed());
    return { path: `/i/v1/${own.key}/${own.recording}/${own.page}/${own.seq}`, bytes: Buffer.concat([head, body]), own };
  };
  return Object.assign(visit, {
    batch,
    async send(told, other = {}) {
      const { path, bytes, own } = batch(told, other);
      const headers = { "Content-Type": "text/plain", ...(own.origin === null ? {} : { Origin: own.origin }), ...other.headers };
      const answer = await fetch(hushreel.address + path, { method: "POST", body: bytes, headers });
      if (answer.status === 204) visit.seq++;
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
  });
}
