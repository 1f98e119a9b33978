// What the operator's side owes the visitor: nothing recorded is said in logs or answers, nobody sees more than his role, what is erased
// stays so, nobody gets in by a password that everybody knows, and the recorder is the one that came with this server. V44 to V48.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { openWindow, startBrowser } from "../browser/lib/browser.mjs";
import { runHushreel, startHushreel } from "../browser/lib/hushreel.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { find, haystack, word } from "./lib/canary.mjs";
import { page, startVisit } from "./lib/forge.mjs";
import { hold } from "./lib/held.mjs";
import { filesIn, keptBy } from "./lib/kept.mjs";

// All that a server can say of itself is in its log.
process.env.RUST_LOG = "trace";
const hushreel = await startHushreel();
after(() => hushreel.stop());
const folder = await mkdtemp(join(tmpdir(), "hushreel-duties-"));
after(() => rm(folder, { recursive: true, force: true }));

const ORIGIN = "https://shop.example.com";
const PASSWORD = "lantern quarry meadow thimble";
const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const json = (method, body, headers = {}) => ({ method, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
const ask = (path, init = {}) => fetch(hushreel.address + path, init);
const { key } = await hushreel.addSite(ORIGIN, { preset: "full" });
await hushreel.setPolicy(key, { identity: "visitor" });
const tokenOf = (role) => hushreel.command("token", "create", "--name", "test", "--role", role);

/** A recording of a page that shows `said`. */
async function record(said, { of = key, browser = randomBytes(16).toString("hex"), called = null } = {}) {
  const visit = await startVisit(hushreel, of, ORIGIN);
  const answer = await visit.send((tell) => {
    page(ORIGIN, "public", () => tell.text(said, 0))(tell);
    if (of === key) tell.who(0, browser);
    if (called) tell.who(1, called);
    tell.finish();
  });
  assert.equal(answer.status, 204, answer.text);
  return visit;
}
const eventsOf = (id, token = hushreel.token) => ask(`/api/v1/recordings/${id}/events`, { headers: bearer(token) });

// V44

/** All that an answer says. */
const said = async (answer) => haystack("the answer", JSON.stringify([...answer.headers]) + (await answer.text()));

/** Whatever is sent with a canary in it is said again neither in the answer nor in the log. */
const isNotSaidAgain = (send, { answered = true } = {}) => async () => {
  const canary = word();
  const answer = await send(canary);
  const places = [haystack("the log", hushreel.log())];
  if (answered) places.push(await said(answer));
  assert.equal(find(canary, places), null);
};
const post = (path, body, headers = { Origin: ORIGIN }) => ask(path, { method: "POST", body, headers });
const batchOf = async (canary, spoil = (bytes) => bytes) => {
  const visit = await startVisit(hushreel, key, ORIGIN);
  const { path, bytes } = visit.batch(page(ORIGIN, "public", (tell) => tell.text(canary, 0)));
  return { path, bytes: spoil(bytes) };
};

const echoes = {
  what: "payload echoed in logs, errors, panics, metrics",
  beside: {
    "whoever may watch reads it, and the log names the recording": async () => {
      const canary = word();
      const { recording } = await record(canary);
      assert.ok((await (await eventsOf(recording)).text()).includes(canary));
      await hushreel.api(`/api/v1/recordings/${recording}`, { method: "DELETE" });
      assert.ok(hushreel.log().includes(`erased recording ${recording}`));
      assert.equal(find(canary, [haystack("the log", hushreel.log())]), null);
    },
  },
  variants: {
    "a batch that is kept": isNotSaidAgain(async (canary) => {
      const { path, bytes } = await batchOf(canary);
      return post(path, bytes);
    }),
    "a batch that is refused": isNotSaidAgain(async (canary) => {
      const visit = await startVisit(hushreel, key, ORIGIN);
      const { path, bytes } = visit.batch(page(ORIGIN, "public", (tell) => tell.element(0, "script", ["class"], [canary], false)));
      const answer = await post(path, bytes);
      assert.equal(answer.status, 422);
      return answer;
    }),
    "a batch that cannot be read": isNotSaidAgain(async (canary) => {
      const { path, bytes } = await batchOf(canary, (bytes) => Buffer.concat([bytes, Buffer.from(canary)]));
      const answer = await post(path, bytes);
      assert.equal(answer.status, 400);
      return answer;
    }),
    "a batch packed wrongly": isNotSaidAgain(async (canary) => {
      const { path, bytes } = await batchOf(canary, (bytes) => Buffer.concat([gzipSync(bytes).subarray(0, 40), Buffer.from(canary)]));
      return post(path, bytes);
    }),
    "a batch that conflicts": isNotSaidAgain(async (canary) => {
      const visit = await record("x");
      return post(`/i/v1/${key}/${visit.recording}/${visit.page}/0`, visit.batch(page(ORIGIN, canary), { seq: 0 }).bytes);
    }),
    "a batch that is too large": isNotSaidAgain(async (canary) => post(`/i/v1/${key}/${"0".repeat(32)}/${"0".repeat(16)}/0`, Buffer.alloc(3 << 20, canary))),
    "an address of the door": isNotSaidAgain(async (canary) => post(`/i/v1/${canary}/${canary}/${canary}/${canary}?${canary}`, canary)),
    "an address of the recorder": isNotSaidAgain(async (canary) => ask(`/r/${canary}.js?${canary}`)),
    "what a browser says of itself": isNotSaidAgain(async (canary) => {
      const { path, bytes } = await batchOf("x");
      const headers = { Origin: ORIGIN, "User-Agent": canary, Referer: `https://shop.example.com/${canary}`, Cookie: `a=${canary}`, "Accept-Language": canary };
      return post(path, bytes, headers);
    }),
    "where a visitor is": async () => {
      const { path, bytes } = await batchOf("x");
      await post(path, bytes, { Origin: ORIGIN, "X-Forwarded-For": "203.0.113.77", "X-Real-IP": "203.0.113.77", Forwarded: "for=203.0.113.77" });
      assert.equal(find("203.0.113.77", (await keptBy(hushreel, key)).all), null);
    },
    "an origin that is not listed": isNotSaidAgain(async (canary) => {
      const { path, bytes } = await batchOf("x");
      return post(path, bytes, { Origin: `https://${canary}.example.com` });
    }),
    "the visitor's own page, asked wrongly": isNotSaidAgain((canary) => ask(`/visitor/v1/${key}/events`, json("POST", { proof: canary }))),
    "the visitor's own page, asked with a wrong secret": isNotSaidAgain((canary) => {
      const hex = Buffer.from(canary).toString("hex").padEnd(32, "0").slice(0, 32);
      return ask(`/visitor/v1/${key}/events`, json("POST", { proof: `${hex}.${hex}` }));
    }),
    "a password that is wrong": isNotSaidAgain((canary) => ask("/api/v1/login", json("POST", { email: `${canary}@example.com`, password: canary }))),
    "a password where none belongs": isNotSaidAgain((canary) => ask("/api/v1/login", json("POST", { email: "keeper@example.org", [canary]: canary }))),
    "a link that is spent": isNotSaidAgain((canary) => ask("/api/v1/setup", json("POST", { token: canary, email: `${canary}@example.com`, password: canary, language: "en" }))),
    "a token that is none": isNotSaidAgain((canary) => ask("/api/v1/recordings", { headers: bearer(`hush_${canary}`) })),
    "a search of those who watch": isNotSaidAgain((canary) => ask(`/api/v1/recordings?identified=${canary}&entry=${canary}`, { headers: bearer(hushreel.token) }), { answered: false }),
    "how the server is": async () => {
      const canary = word();
      await record(canary);
      for (const path of ["/healthz", "/readyz", "/metrics", "/debug/vars", "/api/v1/openapi.json", "/api/v1/storage"]) {
        assert.equal(find(canary, [await said(await ask(path, { headers: bearer(hushreel.token) }))]), null, path);
      }
    },
    "a core file": async () => {
      const limits = await readFile(`/proc/${hushreel.pid()}/limits`, "utf8");
      assert.match(limits, /Max core file size\s+0\s+0/);
    },
  },
};

// V45

const secret = word();
const seen = await record(secret);
const detail = await hushreel.api(`/api/v1/recordings/${seen.recording}`);
/** Every address at which something of a recording or of a visitor can be read. */
const CONTENT = [
  "/api/v1/recordings", `/api/v1/recordings?site=${key}`, `/api/v1/recordings?visitor=${detail.visitor}`, `/api/v1/recordings/${seen.recording}`,
  ...["events", "marks", "assets"].map((part) => `/api/v1/recordings/${seen.recording}/${part}`), `/api/v1/recordings/${seen.recording}/assets/${"0".repeat(32)}`,
  `/api/v1/visitors/${detail.visitor}`, `/api/v1/sites/${key}/findings`, `/api/v1/sites/${key}/unreadable`, `/api/v1/sites/${key}/records`, `/api/v1/sites/${key}/dpia`,
];
/** What changes or destroys, with something to change. */
const changes = () => [
  [`/api/v1/recordings/${seen.recording}`, { method: "DELETE" }], [`/api/v1/visitors/${detail.visitor}`, { method: "DELETE" }],
  [`/api/v1/recordings/${seen.recording}/restriction`, json("POST", { reason: "x" })], [`/api/v1/sites/${key}`, json("PATCH", { paused: true })],
  [`/api/v1/sites/${key}`, { method: "DELETE" }], [`/api/v1/sites/${key}/policy`, json("PUT", {})], ["/api/v1/tokens", json("POST", { name: "x", role: "viewer", days: 1 })],
  ["/api/v1/tokens", {}], [`/api/v1/sites/${key}/previews`, json("POST", {})],
];

/** Whoever asks with these headers is shown nothing, and told so with this status. */
const seesNothing = (headersOf, status) => async () => {
  const headers = await headersOf();
  for (const path of CONTENT) {
    const answer = await ask(path, { headers });
    assert.equal(answer.status, status, path);
    assert.equal(find(secret, [await said(answer)]), null, path);
  }
};
/** Whoever has this role may watch, and changes nothing. */
const changesNothing = (role) => async () => {
  const { token } = await tokenOf(role);
  for (const [path, init] of changes()) {
    const answer = await ask(path, { ...init, headers: { ...init.headers, ...bearer(token) } });
    assert.equal(answer.status, 403, `${init.method ?? "GET"} ${path}`);
  }
  assert.ok((await (await eventsOf(seen.recording)).text()).includes(secret), "it is still there");
};
/** A new account, signed in: its e-mail address, and the headers of its browser. */
async function signIn(role) {
  const email = `${word()}@example.org`;
  const { password } = await hushreel.command("account", "add", "--email", email, "--role", role);
  const answer = await ask("/api/v1/login", json("POST", { email, password }));
  assert.equal(answer.status, 200);
  const headers = { Cookie: answer.headers.get("set-cookie").split(";")[0], "Sec-Fetch-Site": "same-origin" };
  assert.equal((await ask("/api/v1/account", { headers })).status, 200);
  return { email, headers };
}

const roles = {
  what: "staff who see more than their role",
  beside: Object.fromEntries(
    ["owner", "admin", "analyst", "viewer"].map((role) => [
      `whose role is ${role} watches`,
      async () => {
        const { token } = await tokenOf(role);
        assert.ok((await (await eventsOf(seen.recording, token)).text()).includes(secret));
        for (const path of CONTENT) assert.notEqual((await ask(path, { headers: bearer(token) })).status, 403, path);
      },
    ]),
  ),
  variants: {
    "nobody": seesNothing(() => ({}), 401),
    "a token that is none": seesNothing(() => bearer("hush_guessed"), 401),
    "a login that is none": seesNothing(() => ({ Cookie: "hushreel=guessed; __Host-hushreel=guessed", "Sec-Fetch-Site": "same-origin" }), 401),
    "an auditor's token": seesNothing(async () => bearer((await tokenOf("auditor")).token), 403),
    "an auditor, signed in": seesNothing(async () => (await signIn("auditor")).headers, 403),
    "a token that was revoked": seesNothing(async () => {
      const { id, token } = await tokenOf("viewer");
      assert.equal((await eventsOf(seen.recording, token)).status, 200);
      await hushreel.command("token", "revoke", id);
      return bearer(token);
    }, 401),
    "an account that was disabled while it was signed in": seesNothing(async () => {
      const { email, headers } = await signIn("viewer");
      await hushreel.command("account", "disable", email);
      return headers;
    }, 401),
    "an account whose role was lowered while it was signed in": async () => {
      const { email, headers } = await signIn("viewer");
      await hushreel.command("account", "role", email, "auditor");
      // What it was before counts no more, signed in or not.
      for (const path of CONTENT) {
        const answer = await ask(path, { headers });
        assert.ok([401, 403].includes(answer.status), `${path}: ${answer.status}`);
        assert.equal(find(secret, [await said(answer)]), null);
      }
    },
    "an account that signed out": seesNothing(async () => {
      const { headers } = await signIn("viewer");
      assert.equal((await ask("/api/v1/login", { method: "DELETE", headers })).status, 204);
      return headers;
    }, 401),
    "a visitor's own proof, in a token's place": seesNothing(() => bearer(`${seen.recording}.${seen.secret}`), 401),
    "a viewer who changes something": changesNothing("viewer"),
    "an analyst who changes something": changesNothing("analyst"),
    "an auditor who changes something": changesNothing("auditor"),
    "an admin who makes himself an owner": async () => {
      const { token } = await tokenOf("admin");
      assert.equal((await ask("/api/v1/tokens", json("POST", { name: "x", role: "owner", days: 1 }, bearer(token)))).status, 403);
      assert.equal((await ask("/api/v1/tokens", json("POST", { name: "x", role: "viewer", days: 1 }, bearer(token)))).status, 201);
    },
    "a page of another site, in a browser that is signed in": async () => {
      const { headers } = await signIn("owner");
      for (const [path, init] of changes().filter(([, { method }]) => method)) {
        const answer = await ask(path, { ...init, headers: { ...init.headers, ...headers, "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" } });
        assert.deepEqual([answer.status, (await answer.json()).type], [403, "/problems/cross-site"], path);
      }
    },
  },
};

// V46

const backups = join(folder, "backup");
let restored = 0;
/** Restore into a new directory under the same master key: that directory. */
async function restore(...words) {
  const data = join(folder, `restored-${restored++}`);
  await copyFile(`${hushreel.data}.key`, `${data}.key`);
  const { code, stderr } = await runHushreel(["restore", ...words, "--data", data, "--json"]);
  assert.equal(code, 0, stderr);
  return data;
}
const exported = async (data, { recording }) => (await runHushreel(["recording", "export", recording, "--data", data])).stdout;
const { key: gone } = await hushreel.addSite(ORIGIN, { preset: "full" });
const CUSTOMER = "customer-4711";
const buried = async ({ recording }) => {
  while (!(await readFile(join(backups, "tombstones"), "utf8").catch(() => "")).includes(recording)) await new Promise((resolve) => setImmediate(resolve));
};

/** Ways to erase a recording; each has one of its own, with words that nobody else said. */
const ERASING = {
  "by staff, in the dashboard": (visit) => hushreel.api(`/api/v1/recordings/${visit.recording}`, { method: "DELETE" }),
  "by staff, at the command line": (visit) => hushreel.command("recording", "erase", visit.recording, "--yes"),
  "by the visitor, in his own page": async (visit) => {
    const answer = await ask(`/visitor/v1/${key}/erase`, json("POST", { proof: `${visit.recording}.${visit.secret}` }, { "Sec-Fetch-Site": "same-origin" }));
    assert.equal(answer.status, 204);
  },
  "by the visitor, with his consent": async (visit) => {
    const answer = await post(`/i/v1/${key}/${visit.recording}/erase`, visit.secret);
    assert.equal(answer.status, 204);
  },
  "with all of a visitor's": async (visit) => {
    const { visitor } = await hushreel.api(`/api/v1/recordings/${visit.recording}`);
    assert.deepEqual(await hushreel.api(`/api/v1/visitors/${visitor}`, { method: "DELETE" }), { erased: 1, restricted: 0 });
  },
  "with all whom the site called so": async () => {
    assert.equal((await hushreel.command("visitor", "erase", "--site", key, "--identified", CUSTOMER, "--yes")).erased.length, 1);
  },
  "with its site": () => hushreel.command("site", "remove", gone, "--yes"),
};
const erased = {};
const stores = {};
let kept;
const keptSaid = word();

const backup = {
  what: "data that cannot be deleted, or returns from a backup",
  beside: {
    "until then a backup opens all of it": async () => {
      for (const name of Object.keys(ERASING)) {
        const said = word();
        const visit = await record(said, { of: name === "with its site" ? gone : key, called: name === "with all whom the site called so" ? CUSTOMER : null });
        erased[name] = { said, visit };
      }
      kept = await record(keptSaid);
      await hushreel.command("backup", backups);
      await copyFile(join(backups, "keys.db"), join(folder, "old-keys.db"));
      const data = await restore(backups);
      for (const { said, visit } of Object.values(erased)) assert.ok((await exported(data, visit)).includes(said));
    },
    "afterwards what was not erased still comes back": async () => {
      for (const [name, { visit }] of Object.entries(erased)) {
        await ERASING[name](visit);
        await buried(visit);
      }
      const [old] = (await readdir(backups)).filter((name) => !/keys|tombstones|\.part/.test(name));
      stores["the keys of those days with the tombstones of now"] = await restore(backups, "--keys", join(folder, "old-keys.db"));
      await hushreel.command("backup", backups);
      const tombstones = await readFile(join(backups, "tombstones"));
      await writeFile(join(backups, "tombstones"), "");
      stores["the data of those days with the keys of now, and no tombstones"] = await restore(join(backups, old));
      await writeFile(join(backups, "tombstones"), tombstones);
      stores["the backup of now"] = await restore(backups);
      for (const [how, data] of Object.entries(stores)) assert.ok((await exported(data, kept)).includes(keptSaid), how);
    },
  },
  variants: Object.fromEntries(
    Object.keys(ERASING).map((name) => [
      `erased ${name}`,
      async () => {
        const { said, visit } = erased[name];
        assert.equal((await ask(`/api/v1/recordings/${visit.recording}`, { headers: bearer(hushreel.token) })).status, 404);
        assert.ok((await visit.send((tell) => tell.visibility(true), { seq: 1 })).status >= 400, "it takes no more batches");
        for (const [how, data] of Object.entries(stores)) {
          assert.equal(find(said, [haystack("the export", await exported(data, visit))]), null, how);
          assert.equal(find(said, await filesIn(data)), null, how);
        }
        assert.equal(find(said, [...(await filesIn(hushreel.data)), ...(await filesIn(backups)), haystack("the log", hushreel.log())]), null);
      },
    ]),
  ),
};

// V47

const fresh = await startHushreel();
after(() => fresh.stop());
const claim = (token, password, email = "keeper@example.org") => fetch(`${fresh.address}/api/v1/setup`, json("POST", { token, email, password, language: "en" }));
const linkOf = async () => (await fresh.command("setup")).link.split("#token=")[1];
const KNOWN = ["password", "admin", "admin123", "123456", "Password1!", "changeme", "letmein", "hushreel", "hushreel1", "qwertyuiop", "keeper@example.org", "keeper", "", " "];
const needed = async () => (await (await fetch(`${fresh.address}/api/v1/setup`)).json()).needed;

const credentials = {
  what: "default credentials",
  beside: {
    "a new server has nobody, and waits for its first account": async () => {
      assert.deepEqual(await fresh.command("account", "list"), []);
      assert.equal(await needed(), true);
    },
  },
  variants: {
    "the passwords that everybody knows": async () => {
      for (const email of ["admin", "root", "admin@localhost", "admin@example.com", "hushreel", "owner@hushreel"]) {
        for (const password of ["admin", "password", "hushreel"]) {
          const answer = await fetch(`${fresh.address}/api/v1/login`, json("POST", { email, password }));
          assert.ok([401, 422, 429].includes(answer.status), `${email}, ${password}: ${answer.status}`);
          assert.equal(answer.headers.get("set-cookie"), null);
        }
      }
    },
    "a token before anybody made one": async () => {
      for (const token of ["", "hush_", "admin", "hushreel", "demo", "test"]) {
        assert.equal((await fetch(`${fresh.address}/api/v1/recordings`, { headers: bearer(token) })).status, 401);
      }
    },
    "a first account without the link": async () => {
      for (const token of ["", "guessed", "A".repeat(43), null]) assert.ok((await claim(token, PASSWORD)).status >= 400);
      assert.equal(await needed(), true);
    },
    "a link that a newer one replaced": async () => {
      const [first] = [await linkOf(), await linkOf()];
      assert.equal((await claim(first, PASSWORD)).status, 403);
      assert.equal(await needed(), true);
    },
    "a first account with a password that is easy to guess": async () => {
      const token = await linkOf();
      for (const password of KNOWN) {
        const answer = await claim(token, password);
        assert.deepEqual([answer.status, (await answer.json()).field], [422, "password"], password);
      }
      assert.equal(await needed(), true);
    },
    "a link that was used": async () => {
      const token = await linkOf();
      const [one, other] = await Promise.all([claim(token, PASSWORD), claim(token, PASSWORD, "other@example.org")]);
      assert.deepEqual([one.status, other.status].sort(), [201, 403]);
      assert.equal((await claim(token, PASSWORD)).status, 403);
      assert.equal((await fresh.command("account", "list")).length, 1);
    },
    "another link, once there is an account": async () => {
      await assert.rejects(fresh.command("setup"), /There is an account already/);
      assert.equal(await needed(), false);
    },
    "the demo's link on a server that is none": async () => {
      const answer = await fetch(`${fresh.address}/sign-in/${"A".repeat(43)}`, { redirect: "manual" });
      assert.equal(answer.headers.get("set-cookie"), null);
    },
    "a password made for somebody, twice the same": async () => {
      const made = [];
      for (const name of ["one", "two"]) made.push((await fresh.command("account", "add", "--email", `${name}@example.org`, "--role", "viewer")).password);
      assert.notEqual(made[0], made[1]);
      assert.ok(made.every((password) => password.length >= 16), "nobody guesses it");
    },
    "guessing on and on": async () => {
      const statuses = [];
      for (let guess = 0; guess < 25; guess++) statuses.push((await fetch(`${fresh.address}/api/v1/login`, json("POST", { email: "keeper@example.org", password: `guess ${guess}` }))).status);
      assert.ok(statuses.every((status) => status === 401 || status === 429));
      assert.equal(statuses.at(-1), 429);
    },
  },
};

// V48

const browser = await startBrowser();
const script = async (name = key, headers = {}) => {
  const answer = await ask(`/r/${name}.js`, { headers: { "Accept-Encoding": "identity", ...headers } });
  return { status: answer.status, etag: answer.headers.get("etag"), body: Buffer.from(await answer.arrayBuffer()), headers: answer.headers };
};
const KINDS = ["strict", "balanced", "full"];
const EVALUATING = [/\beval\b/, /\bnew Function\b/, /\bFunction\(/, /\bimport\s*\(/, /\bimportScripts\b/, /document\.write/, /\.innerHTML\s*=/, /setTimeout\(\s*["'`]/, /\bWebAssembly\b/];
/** The files that came with the recorder's source; what the server was built from. */
const shipped = async (name) => readFile(new URL(`../../assets/recorder/dist/${name}`, import.meta.url), "utf8");
const CORES = ["core.masked.js", "core.block.js", "core.block.who.js", "core.js", "core.who.js", "core.meta.js", "core.meta.who.js"];
/** Like fetch, but the bytes as they came. */
async function rawScript(encoding) {
  return new Promise((resolve, reject) => {
    const asked = request(`${hushreel.address}/r/${key}.js`, { headers: { "Accept-Encoding": encoding } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ encoding: answer.headers["content-encoding"], body: Buffer.concat(parts) }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

const recorder = {
  what: "recorder script that changes without the operator's upgrade",
  beside: {
    "a policy that the operator changed is in it, and its mark is another": async () => {
      const before = await script();
      await hushreel.setPolicy(key, { max_minutes: 29 });
      const { hash } = await hushreel.command("site", "policy", "show", key);
      const now = await script();
      assert.notEqual(now.etag, before.etag);
      assert.ok(now.body.includes(hash) && !before.body.includes(hash));
    },
  },
  variants: {
    "asked again and again": async () => {
      const first = await script();
      for (let time = 0; time < 20; time++) {
        const { etag, body } = await script(key, { "User-Agent": `browser ${time}`, "X-Forwarded-For": `203.0.113.${time}`, Cookie: `a=${time}` });
        assert.deepEqual([etag, body.equals(first.body)], [first.etag, true]);
      }
    },
    "asked whether it is still the same": async () => {
      const { etag } = await script();
      assert.equal((await script(key, { "If-None-Match": etag })).status, 304);
      assert.equal((await script(key, { "If-None-Match": `"${"0".repeat(24)}"` })).status, 200);
    },
    "packed in another way": async () => {
      const { body } = await script();
      for (const [encoding, unpack] of [["br", brotliDecompressSync], ["gzip", gunzipSync]]) {
        const packed = await rawScript(encoding);
        assert.equal(packed.encoding, encoding);
        assert.ok(unpack(packed.body).equals(body), encoding);
      }
    },
    "from a server that was started again": async () => {
      const before = await script();
      await hushreel.end();
      await hushreel.start();
      const after = await script();
      assert.deepEqual([after.etag, after.body.equals(before.body)], [before.etag, true]);
    },
    "anything but the recorder that was built in, and the site's own policy": async () => {
      for (const preset of KINDS) {
        for (const identity of ["none", "visitor"]) {
          const { key: other } = await hushreel.addSite(ORIGIN, { preset });
          await hushreel.setPolicy(other, { identity });
          const body = (await script(other)).body.toString();
          const config = JSON.stringify(await (await ask(`/r/${other}.json`)).json());
          const cores = await Promise.all(CORES.map(shipped));
          assert.ok(cores.some((core) => core.replace("__HUSHREEL__", () => config) === body), `${preset}, ${identity}`);
        }
      }
    },
    "another site's policy": async () => {
      const { key: other } = await hushreel.addSite(ORIGIN, { preset: "strict" });
      const body = (await script(other)).body.toString();
      assert.ok(body.includes(other) && !body.includes(key));
    },
    "code that is made of words": async () => {
      for (const name of [...CORES, "banner.js", "compat.smartsupp.js", "preview.js"]) {
        const code = await shipped(name);
        for (const evaluating of EVALUATING) assert.doesNotMatch(code, evaluating, name);
      }
    },
    "code from elsewhere": async () => {
      for (const name of CORES) {
        const addresses = (await shipped(name)).match(/https?:\/\/[\w.-]+/g) ?? [];
        assert.deepEqual(addresses.filter((address) => !/^https?:\/\/www\.w3\.org$/.test(address)), [], name);
      }
    },
    "under a policy of the page's that forbids all other code": async () => {
      const asked = [];
      const files = {};
      const site = await serveFolder("/nowhere", files);
      const { key: other, snippet } = await hushreel.addSite(site.origin, { preset: "full" });
      const forbids = `default-src 'none'; script-src ${hushreel.address}/r/; connect-src ${hushreel.address}/i/; require-trusted-types-for 'script'; trusted-types 'none'`;
      files["/page.html"] = `<!doctype html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="${forbids}">${snippet}</head><body><p>x</p></body></html>`;
      const { page, context, errors } = await openWindow(browser);
      context.on("request", (request) => asked.push(request.url()));
      await page.addInitScript(() => {
        window.broken = [];
        document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => window.broken.push(`${violatedDirective} ${blockedURI}`));
      });
      const told = page.waitForRequest((request) => request.url().includes("/i/"));
      await page.goto(`${site.origin}/page.html`);
      // What waits within the page would itself be words that are made code.
      while (!(await page.evaluate(() => window.hushreel?.("recording")))) await page.waitForTimeout(20);
      await page.click("p");
      await told;
      assert.deepEqual([await page.evaluate(() => window.broken), errors], [[], []]);
      const ours = asked.filter((url) => url.startsWith(hushreel.address));
      assert.ok(ours.every((url) => url === `${hushreel.address}/r/${other}.js` || url.startsWith(`${hushreel.address}/i/v1/${other}/`)), ours.join("\n"));
      assert.equal(ours.filter((url) => url.includes("/r/")).length, 1, "one file, once");
      await context.close();
      await site.stop();
    },
  },
};

hold("duties", { V44: echoes, V45: roles, V46: backup, V47: credentials, V48: recorder });
