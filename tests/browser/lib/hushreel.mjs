// The real binary with throw-away data, and its command line and API as an operator uses them.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const BINARY = process.env.HUSHREEL_BIN ?? "target/debug/hushreel";
const run = promisify(execFile);

/** Run a command of the binary, which is to end by itself: its exit code and what it said. */
export async function runHushreel(words, options = {}) {
  try {
    return { code: 0, ...(await run(BINARY, words, { timeout: 30_000, ...options })) };
  } catch ({ code, stdout, stderr }) {
    return { code, stdout, stderr };
  }
}

/** Whether the binary comes to serve with these words; it is stopped once it says so. */
export function serves(words, options = {}) {
  const child = spawn(BINARY, ["serve", "--json", ...words], { stdio: ["ignore", "pipe", "ignore"], ...options });
  return new Promise((resolve, reject) => {
    let said = null;
    child.once("error", reject);
    child.stdout.once("data", (line) => {
      said = JSON.parse(line);
      child.kill();
    });
    child.once("exit", () => resolve(said));
  });
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resolve once `url` answers; fail when `alive` says that nobody will. */
export async function answers(url, alive = () => true) {
  for (;;) {
    try {
      return await fetch(url);
    } catch (error) {
      if (!alive()) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Serve from a new data directory. `stop` ends it and removes the data. */
export async function startHushreel() {
  const folder = await mkdtemp(join(tmpdir(), "hushreel-test-"));
  const data = join(folder, "data");
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  let process = null;
  let log = "";

  async function start() {
    process = spawn(BINARY, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
    const child = process;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (log += text));
    await answers(`${address}/readyz`, () => child.exitCode === null);
  }

  function end(signal = "SIGTERM") {
    const child = process;
    if (!child || child.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill(signal);
    });
  }

  /** Run a command beside the server; its JSON answer. */
  async function command(...words) {
    const { stdout } = await run(BINARY, [...words, "--data", data, "--json"]);
    return JSON.parse(stdout);
  }

  await start();
  const { token } = await command("token", "create", "--name", "tests", "--role", "owner");

  /** Ask the API with a token; the answer's JSON. */
  async function api(path, init = {}) {
    const answer = await fetch(address + path, { ...init, headers: { Authorization: `Bearer ${token}`, ...init.headers } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** Most visits of tests are over before anybody would touch a thing: unless a test asks, nothing waits for that. */
  async function addSite(origin, { preset = "full", consent = "not-required", plain = false, min_interaction = 0 } = {}) {
    const made = await command(
      ...["site", "add", "--name", "Test", "--origin", origin, "--preset", preset],
      ...["--consent", consent, "--purpose", "Testing that replays are right"],
      ...(plain ? ["--allow-http-origin"] : []),
    );
    // The command returns before the running server has looked; it looks several times a second.
    for (let known = false; !known; ) {
      const answer = await fetch(`${address}/r/${made.key}.js`);
      await answer.text();
      known = answer.ok;
    }
    await setPolicy(made.key, { min_interaction });
    // Under the address that this test listens on.
    return { ...made, snippet: made.snippet.replace(/src="[^"]*\/r\//, `src="${address}/r/`) };
  }

  /** Change keys of a site's policy; one without a purpose is not handed out, so there is no waiting for it. */
  async function setPolicy(key, changes, { records = true } = {}) {
    const file = join(folder, `${key}.json`);
    await writeFile(file, JSON.stringify(changes));
    await command("site", "policy", "set", key, "--file", file);
    if (!records) return;
    const { hash } = await command("site", "policy", "show", key);
    // The server takes note of what a command changed within a moment.
    while (!(await (await fetch(`${address}/r/${key}.js`)).text()).includes(hash)) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    address,
    setPolicy,
    data,
    token,
    log: () => log,
    pid: () => process.pid,
    start,
    end,
    command,
    api,
    addSite,
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
