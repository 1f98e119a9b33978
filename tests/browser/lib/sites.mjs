// Web sites that nobody here wrote, served as their owner would serve them, with the snippet in each page.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { answers, freePort } from "./hushreel.mjs";

const run = promisify(execFile);
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".htm": "text/html; charset=utf-8",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".gif": "image/gif",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".ttf": "font/ttf",
  ".mp4": "video/mp4",
  ".webm": "video/webm",
  ".index": "application/octet-stream",
};

/** The page with the snippet as the first script in its head; old pages leave the head to the browser. */
function withSnippet(html, snippet) {
  const place = [/<head(\s[^>]*)?>/i, /<html(\s[^>]*)?>/i, /<!doctype[^>]*>/i, /^/].find((tag) => tag.test(html));
  return html.replace(place, (tag) => tag + snippet);
}

/** Serve a folder, some `files` of it with other content; `site.snippet` may be set once the site has a key. */
export async function serveFolder(folder, files = {}) {
  const site = { snippet: "" };
  const server = createServer(async (question, answer) => {
    const { pathname } = new URL(question.url, "http://site");
    let path = join(folder, normalize(decodeURIComponent(pathname)));
    try {
      if (!files[pathname] && (await stat(path)).isDirectory()) path = join(path, "index.html");
      const body = files[pathname] ?? (await readFile(path));
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      answer.writeHead(200, { "Content-Type": type, "Cache-Control": "no-cache" });
      answer.end(type.startsWith("text/html") ? withSnippet(body.toString(), site.snippet) : body);
    } catch {
      answer.writeHead(404, { "Content-Type": "text/plain" });
      answer.end("Nothing is here.");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(site, {
    origin: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** The documentation that comes with the Rust toolchain. */
export async function rustDocumentation() {
  const { stdout } = await run("rustc", ["--print", "sysroot"]);
  return join(stdout.trim(), "share/doc/rust/html");
}

/** The Python documentation from Debian's package. */
export const pythonDocumentation = () => "/usr/share/doc/python3/html";

/** DokuWiki from Debian's package in a folder of its own, open to everybody, under PHP's own server. */
export async function serveDokuwiki() {
  const folder = await mkdtemp(join(tmpdir(), "hushreel-wiki-"));
  const prepend = join(folder, "prepend.php");
  // Debian spreads configuration and data over the system by links; here they lie in one folder.
  await run("sh", ["-c", "cp -rL /usr/share/dokuwiki wiki && cp -rL /etc/dokuwiki conf && cp -rL /var/lib/dokuwiki/data data"], { cwd: folder });
  await writeFile(prepend, `<?php error_reporting(0); define('DOKU_MAIN_CONF', '${folder}/conf/'); define('DOKU_CONF', '${folder}/conf/');`);
  await writeFile(join(folder, "conf/local.php"), `<?php $conf['savedir'] = '${folder}/data'; $conf['useacl'] = 1; $conf['title'] = 'Greenhouse';`);
  await writeFile(join(folder, "conf/acl.auth.php"), "* @ALL 8\n");
  return servePhp({ root: join(folder, "wiki"), words: ["-d", `auto_prepend_file=${prepend}`], probe: "/doku.php", folder });
}

/** MediaWiki from Debian's package with a database of its own. */
export async function serveMediawiki() {
  const folder = await mkdtemp(join(tmpdir(), "hushreel-wiki-"));
  const root = "/usr/share/mediawiki";
  await run("php", [
    ...[`${root}/maintenance/install.php`, "--dbtype", "sqlite", "--dbpath", folder, "--dbname", "wiki", "--confpath", folder, "--scriptpath", ""],
    ...["--server", "http://127.0.0.1", "--skins", "Vector", "--pass", "a long enough password", "Greenhouse", "Keeper"],
  ], { env: { ...process.env, MW_CONFIG_FILE: join(folder, "none") } });
  const settings = join(folder, "LocalSettings.php");
  const more = "\n$wgServer = WebRequest::detectServer();\n$wgUsePathInfo = true;\n$wgJobRunRate = 0;\n";
  await writeFile(settings, (await readFile(settings, "utf8")) + more);
  return servePhp({ root, probe: "/index.php", folder, env: { MW_CONFIG_FILE: settings } });
}

/** PHP's own server behind a proxy that adds the snippet; `folder` goes with it. */
async function servePhp({ root, words = [], probe, folder, env = {} }) {
  const site = { snippet: "" };
  const port = await freePort();
  const php = spawn("php", [...words, "-S", `127.0.0.1:${port}`, "-t", root], { stdio: "ignore", env: { ...process.env, ...env } });
  await answers(`http://127.0.0.1:${port}${probe}`, () => php.exitCode === null);
  const server = createServer((question, answer) => {
    const headers = { ...question.headers, "accept-encoding": "identity" };
    const inner = request({ port, path: question.url, method: question.method, headers }, (reply) => {
      const parts = [];
      reply.on("data", (part) => parts.push(part));
      reply.on("end", () => {
        const html = /text\/html/.test(reply.headers["content-type"] ?? "");
        const body = Buffer.concat(parts);
        const sent = html ? Buffer.from(withSnippet(body.toString(), site.snippet)) : body;
        const { "content-length": _, "transfer-encoding": __, ...kept } = reply.headers;
        answer.writeHead(reply.statusCode, { ...kept, "content-length": sent.length });
        answer.end(sent);
      });
    });
    inner.on("error", () => answer.destroy());
    question.pipe(inner);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(site, {
    origin: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      php.kill();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

export const npmFolder = (name) => new URL(`../../../node_modules/${name}`, import.meta.url).pathname;
