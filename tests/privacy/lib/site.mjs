// The site that the vectors stand on: one page for all variants of a vector that need no address of their own, and a page for each other.
import { createServer } from "node:http";
import { word } from "./canary.mjs";

const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** Plant each variant: a canary of its own, a place in a page, and what is public beside it; `alone` in a page of its own. */
export function plant(vectors, alone = false) {
  return Object.entries(vectors).flatMap(([id, { variants }]) => {
    const planted = Object.entries(variants).map(([name, variant], at) => ({ id, name, box: `box${at}`, canary: (variant.form ?? word)(), ...variant }));
    const together = planted.filter(({ path }) => !path);
    const pages = planted.filter(({ path }) => path).map((one) => ({ id, path: one.path(one.canary), variants: [one] }));
    if (alone) pages.unshift(...together.map((one) => ({ id, path: `/${id}/${one.box}`, variants: [one] })));
    else if (together.length) pages.unshift({ id, path: `/${id}`, variants: together });
    // Its name is told under every preset, since a sheet mentions it.
    return pages.map((page) => ({ ...page, marker: word() }));
  });
}

const html = ({ variants, marker }, snippet) => `<!doctype html><html lang="en"><head><meta charset="utf-8">${variants.map(({ head, canary }) => head?.(canary) ?? "").join("")}${snippet}
<style>.${marker} { color: teal; }</style></head>
<body><h1 class="${marker}">x</h1>
${variants.map(({ html, run, box, canary }) => `<div id="${box}">${html?.(canary) ?? ""}</div>${run ? `<script>(${run})(document.getElementById("${box}"), "${canary}")</script>` : ""}`).join("\n")}
</body></html>`;

/** Serve planted pages; `snippet` of the answer may be set later. */
export async function serveSite(pages) {
  const site = { snippet: "", recorder: "" };
  const server = createServer((question, answer) => {
    const url = new URL(question.url, "http://site");
    const reply = (type, body) => answer.writeHead(200, { "Content-Type": type, "Access-Control-Allow-Origin": "*" }).end(body);
    const found = pages.find(({ path }) => path.split("#")[0] === question.url);
    if (found) return reply("text/html; charset=utf-8", html(found, site.snippet));
    if (url.pathname === "/recorder.js") return reply("text/javascript", site.recorder);
    if (url.pathname === "/pixel.png") return reply("image/png", PIXEL);
    if (url.pathname === "/echo") return reply("text/plain", url.search);
    if (url.pathname === "/throws.js") return reply("text/javascript", "throw new Error('x')");
    if (/\.(js|css|json|svg|mp4|webm|mp3|vtt)$/.test(url.pathname)) return answer.writeHead(404).end();
    reply("text/html; charset=utf-8", `<!doctype html><title>x</title><p>x</p><a class="on" href="/referred">x</a>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(site, {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}
