// The recorder as an ES module: packed, typed, bundled into a page, and recording through the real binary.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { openWindow, startBrowser } from "./lib/browser.mjs";
import { untilRecorded } from "./lib/dashboard.mjs";
import { startHushreel } from "./lib/hushreel.mjs";

const run = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;
await run("npm", ["run", "module", "-w", "assets/recorder"], { cwd: root });

const APP = `import { consent, load, mask, on, recording, type Stopped } from "@hushreel/recorder";
declare global { interface Window { app: { agree: () => void; recording: () => string | null; stopped: Stopped[]; loaded: Promise<boolean> } } }
const [server, key] = document.querySelector("main")!.dataset["site"]!.split(" ") as [string, string];
mask("#secret");
const stopped: Stopped[] = [];
on("stopped", (why) => stopped.push(why));
window.app = { agree: () => consent("granted"), recording, stopped, loaded: load({ server, key }) };
`;

await mkdir(join(root, "target"), { recursive: true });
const folder = await mkdtemp(join(root, "target/module-"));
after(() => rm(folder, { recursive: true, force: true }));
await writeFile(join(folder, "app.ts"), APP);

test("its types are what they say", async () => {
  await run("npx", ["tsc", "--noEmit", "--strict", "--ignoreConfig", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom", join(folder, "app.ts")], { cwd: root });
  await writeFile(join(folder, "wrong.ts"), 'import { consent } from "@hushreel/recorder";\nconsent("yes");\n');
  await assert.rejects(run("npx", ["tsc", "--noEmit", "--strict", "--ignoreConfig", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom", join(folder, "wrong.ts")], { cwd: root }), ({ stdout }) => /"yes"/.test(stdout));
});

test("the package holds the module, its types, its manual, and nothing else", async () => {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "-w", "assets/recorder"], { cwd: root });
  const packed = JSON.parse(stdout);
  const { files } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
  assert.deepEqual(files.map(({ path }) => path).sort(), ["README.md", "module/dist/module.d.ts", "module/dist/module.js", "package.json"]);
});

test("a bundled page records once the visitor agreed, with what it asked to hide hidden; a paused site records nothing", async () => {
  const browser = await startBrowser();
  const hushreel = await startHushreel();
  after(() => hushreel.stop());
  const { outputFiles } = await build({ entryPoints: [join(folder, "app.ts")], bundle: true, write: false, format: "esm", minify: true, nodePaths: [join(root, "node_modules")] });
  const site = { key: "", asked: [] };
  const server = createServer((question, answer) => {
    const [type, body] = question.url === "/app.js"
      ? ["text/javascript", outputFiles[0].text]
      : ["text/html", `<!doctype html><title>App</title><script type="module" src="/app.js"></script><main data-site="${hushreel.address} ${site.key}"><p>marker</p><p id="secret">canary</p></main>`];
    // One directive for the recorder is enough, although it is part of the page's own bundle.
    answer.writeHead(200, { "Content-Type": type, "Content-Security-Policy": `default-src 'none'; script-src 'self'; connect-src ${hushreel.address}` }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => (server.closeAllConnections(), server.close()));
  const origin = `http://127.0.0.1:${server.address().port}`;
  ({ key: site.key } = await hushreel.addSite(origin, { consent: "required" }));

  const { page, context, errors } = await openWindow(browser);
  page.on("request", (request) => site.asked.push(request.url()));
  await page.goto(origin);
  assert.equal(await page.evaluate(() => window.app.loaded), true);
  assert.deepEqual(await page.evaluate(() => [window.app.recording(), sessionStorage.length]), [null, 0]);
  assert.ok(!site.asked.some((url) => url.includes("/i/")));
  await page.evaluate(() => window.app.agree());
  const id = await page.evaluate(() => window.app.recording());
  assert.match(id, /^[\da-f]{32}$/);
  await page.click("p");
  await page.goto("about:blank");
  const signed = { request: { get: (url) => context.request.get(url, { headers: { Authorization: `Bearer ${hushreel.token}` } }) } };
  await untilRecorded(signed, hushreel.address, (recording) => recording.clicks === 1);
  const events = JSON.stringify(await hushreel.api(`/api/v1/recordings/${id}/events`));
  assert.ok(events.includes("marker") && !events.includes("canary"));

  await hushreel.command("site", "pause", site.key);
  // The command returns before the running server has looked; it looks several times a second.
  for (let paused = false; !paused; ) paused = (await (await fetch(`${hushreel.address}/r/${site.key}.json`)).json()) === null;
  const later = await openWindow(browser);
  await later.page.goto(origin);
  assert.equal(await later.page.evaluate(() => window.app.loaded), false);
  assert.equal(await later.page.evaluate(() => (window.app.agree(), window.app.recording())), null);
  assert.deepEqual([...errors, ...later.errors], []);
  await Promise.all([context.close(), later.context.close()]);
});
