// One origin for a run: it serves the page and the recorder in turn, takes in what the recorder sends, and counts it. Nothing
// that is asked of it goes any further, but for Hushreel's own script and, in a run that is proved, what it sends: the real server
// behind it answers those.
import { existsSync, readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join, normalize } from "node:path";
import { gunzipSync, gzipSync, inflateSync } from "node:zlib";

const TYPES = { ".css": "text/css", ".js": "text/javascript; charset=utf-8", ".png": "image/png", ".jsx": "text/plain; charset=utf-8" };
const POSTED = new Set(["POST", "PUT"]);

/** Start it before the real server at `upstream` (an address). */
export async function startSink(upstream) {
  const sink = { html: "", peer: null, files: {}, folder: null, keeps: false, sent: [], arrived: () => {} };

  const server = createServer(async (question, answer) => {
    const path = question.url.split("?")[0];
    const body = await read(question);
    if (POSTED.has(question.method)) {
      sink.sent.push({ path, body, type: question.headers["content-type"] ?? "" });
      sink.arrived();
    }
    if (sink.peer?.name === "hushreel") {
      if (path.startsWith("/r/") || (sink.keeps && path.startsWith("/i/"))) return forward(upstream, question, body, answer);
      if (path.startsWith("/i/")) return answer.writeHead(204).end();
    }
    if (path === "/") return reply(answer, "text/html; charset=utf-8", sink.html);
    if (sink.files[path] !== undefined) return reply(answer, TYPES[".js"], sink.files[path]);
    const file = sink.folder && join(sink.folder, normalize(path));
    if (file && existsSync(file)) return reply(answer, TYPES[extname(file)], readFileSync(file));
    const told = sink.peer?.answer?.(path, question, body);
    if (told !== undefined) return reply(answer, typeof told === "string" ? "text/javascript" : "application/json", typeof told === "string" ? told : JSON.stringify(told));
    answer.writeHead(POSTED.has(question.method) ? 200 : 404, { "Access-Control-Allow-Origin": "*" }).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  sink.origin = `http://127.0.0.1:${server.address().port}`;
  sink.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  /** Another run, which counts anew: `html` is the page, `files` the scripts beside it, `folder` whatever else belongs to it; `keeps`: the real server stores it. */
  sink.begin = ({ peer, html, files = {}, folder = null, keeps = false }) => Object.assign(sink, { peer, html, files, folder, keeps, sent: [], arrived: () => {} });
  /** Resolve once `fits(sink.sent)`; reject after `ms`, since what has not come by then will not. */
  sink.until = (fits, ms, what) =>
    new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms);
      sink.arrived = () => {
        if (!fits(sink.sent)) return;
        clearTimeout(patience);
        sink.arrived = () => {};
        resolve();
      };
      sink.arrived();
    });
  return sink;
}

/** Bytes of everything sent, as they came and as a server with gzip would get them: packed where that makes them fewer. */
export function bytesOf(sent) {
  const sum = (size) => sent.reduce((total, { body }) => total + size(body), 0);
  return { raw: sum((body) => body.length), gzip: sum((body) => Math.min(body.length, gzipSync(body).length)) };
}

/** A body as it was before it was packed. */
export function unpack(body) {
  if (body[0] === 0x1f && body[1] === 0x8b) return gunzipSync(body);
  if (body[0] === 0x78) return inflateSync(body);
  return body;
}

async function read(question) {
  const parts = [];
  for await (const part of question) parts.push(part);
  return Buffer.concat(parts);
}

function reply(answer, type, body) {
  answer.writeHead(200, { "Content-Type": type, "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store" }).end(body);
}

function forward(upstream, question, body, answer) {
  const { hostname, port } = new URL(upstream);
  const inner = request({ hostname, port, path: question.url, method: question.method, headers: question.headers }, (told) => {
    answer.writeHead(told.statusCode, told.headers);
    told.pipe(answer);
  });
  inner.on("error", () => answer.destroy());
  inner.end(body);
}
