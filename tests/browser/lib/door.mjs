// A bare listener in the server's place, for tests that look at what leaves the browser: it keeps every batch as it came.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

const recorder = new URL("../../../assets/recorder/", import.meta.url);

/** The recorder's own test decoder, made loadable. */
export const loadDecoder = () => load("test/decode.ts");

/** The recorder's own encoder. */
export const loadStream = () => load("src/stream.ts");

/** How the recorder hides what looks personal in a text. */
export const loadHiding = () => load("src/hide/text.ts");

/** The markers of other recorders and our own, as lists of words. */
export const loadMarkers = () => load("src/hide/markers.ts");

async function load(path) {
  const { outputFiles } = await build({
    entryPoints: [new URL(path, recorder).pathname],
    bundle: true,
    write: false,
    format: "esm",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/** Everything that arrived of one page load, in order. */
export const inOrder = (door, decoder) => door.batches.map(({ raw }) => decoder.split(raw)).sort((one, other) => one.seq - other.seq);

/** All ops that arrived of one page load, in order. */
export const opsOf = (door, decoder) => inOrder(door, decoder).flatMap(({ body }) => decoder.decode(body));

/** Leave the page, which sends what is left, and wait until the last batch is here. */
export async function leave(page, door, decoder) {
  const last = new Promise((resolve) => {
    door.arrived = () => door.batches.some(({ raw }) => decoder.split(raw).flags & 2) && resolve();
    door.arrived();
  });
  await page.goto("about:blank");
  await last;
}

export const FULL = {
  preset: "full", text: "show", forms: "record", attributes: [], media: "show", urls: "path", paths: [], query: [],
  mask: [], block: [], ignore: [], show: [], console: "off", network: "off", consent: "not-required", gpc: true, dnt: true, identity: "none",
  sample: 100, only_urls: [], skip_urls: [], trigger: "load", max_minutes: 30, min_interaction: 0,
};

/** Serve `html` at every path with the recorder in it, and take in what it sends. */
export async function openDoor(policy = FULL) {
  const core = await readFile(new URL("dist/core.who.js", recorder), "utf8");
  const config = { ...policy, key: "a".repeat(20), policy: "00".repeat(8), issued: Date.now() };
  const door = { html: "", headers: {}, batches: [], requests: [], arrived: () => {}, status: 204 };
  const server = createServer((question, answer) => {
    door.requests.push(`${question.method} ${question.url}`);
    if (question.url.startsWith("/i/")) {
      const parts = [];
      question.on("data", (part) => parts.push(part));
      question.on("end", () => {
        const sent = Buffer.concat(parts);
        const raw = sent[0] === 0x1f ? gunzipSync(sent) : sent;
        if (door.status === 204) door.batches.push({ url: question.url, raw, t: Date.now() });
        answer.writeHead(door.status, { "Access-Control-Allow-Origin": "*" }).end();
        door.arrived();
      });
      return;
    }
    const [type, body] = question.url.startsWith("/r/")
      ? ["text/javascript", core.replace("__HUSHREEL__", JSON.stringify(config))]
      : ["text/html; charset=utf-8", door.html];
    answer.writeHead(200, { "Content-Type": type, ...door.headers }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  door.origin = `http://127.0.0.1:${server.address().port}`;
  door.snippet = `<script async src="/r/${config.key}.js"></script>`;
  door.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return door;
}
