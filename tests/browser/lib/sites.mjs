// Web sites that nobody here wrote, served as their owner would serve them, with the snippet in each page.
import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
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
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".index": "application/octet-stream",
};

/** The page with the snippet as the first script in its head. */
function withSnippet(html, snippet) {
  return html.replace(/<head[^>]*>/i, (head) => head + snippet);
}

/** Serve a folder; `site.snippet` may be set once the site has a key. */
export async function serveFolder(folder, { port = 0 } = {}) {
  const site = { snippet: "" };
  const server = createServer(async (question, answer) => {
    let path = join(folder, normalize(decodeURIComponent(new URL(question.url, "http://site").pathname)));
    try {
      if ((await stat(path)).isDirectory()) path = join(path, "index.html");
      const body = await readFile(path);
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      answer.writeHead(200, { "Content-Type": type, "Cache-Control": "no-cache" });
      answer.end(type.startsWith("text/html") ? withSnippet(body.toString(), site.snippet) : body);
    } catch {
      answer.writeHead(404, { "Content-Type": "text/plain" });
      answer.end("Nothing is here.");
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
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

/** A Debian package's files, unpacked into a folder of the build directory; downloaded once. */
async function debianPackage(name) {
  const cache = join(process.env.CARGO_TARGET_DIR ?? "target", "pages");
  const folder = join(cache, name);
  try {
    await stat(join(folder, "done"));
    return folder;
  } catch {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  try {
    await run("apt-get", ["download", name], { cwd: folder });
  } catch {
    // A fresh machine has no package lists yet.
    await run("apt-get", ["update", "-qq"]);
    await run("apt-get", ["download", name], { cwd: folder });
  }
  await run("sh", ["-c", "dpkg-deb -x ./*.deb . && touch done"], { cwd: folder });
  return folder;
}

export const pythonDocumentation = async () => join(await debianPackage("python3-doc"), "usr/share/doc/python3-doc/html");

/** DokuWiki from Debian, with one account (`keeper`), under PHP's own server behind a proxy that adds the snippet. */
export async function serveDokuwiki() {
  const unpacked = await debianPackage("dokuwiki");
  const folder = await mkdtemp(join(tmpdir(), "hushreel-wiki-"));
  const root = join(folder, "wiki");
  await cp(join(unpacked, "usr/share/dokuwiki"), root, { recursive: true, verbatimSymlinks: true });
  // Debian spreads configuration, libraries and data over the system by links; here they lie in one folder.
  await run("sh", [
    "-c",
    `rm -rf conf data lib/plugins lib/tpl
     cp -rL '${unpacked}/etc/dokuwiki' conf
     cp -rL '${unpacked}/var/lib/dokuwiki/data' data
     cp -rL '${unpacked}/usr/share/dokuwiki/lib/plugins' lib/plugins 2>/dev/null || cp -rL '${unpacked}/var/lib/dokuwiki/lib/plugins' lib/plugins
     cp -rL '${unpacked}/usr/share/dokuwiki/lib/tpl' lib/tpl 2>/dev/null || cp -rL '${unpacked}/var/lib/dokuwiki/lib/tpl' lib/tpl
     mkdir -p data/pages/wiki data/attic data/cache data/index data/locks data/media data/media_attic data/media_meta data/meta data/tmp data/log`,
  ], { cwd: root });
  return { folder, root, run: async (site) => servePhp(root, site, folder) };
}

async function servePhp(root, site, folder) {
  const port = await freePort();
  const php = spawn("php", ["-S", `127.0.0.1:${port}`, "-t", root], { stdio: "ignore" });
  await answers(`http://127.0.0.1:${port}/doku.php`, () => php.exitCode === null);
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

/** A folder of our own making around someone else's files. */
export async function folderWith(files) {
  const folder = await mkdtemp(join(tmpdir(), "hushreel-site-"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}
