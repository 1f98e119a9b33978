// What the operator's side owes the visitor: nothing recorded is said in logs or answers, nobody sees more than his role, and what is erased
// stays so. V44 to V46.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { gzipSync } from "node:zlib";
import { runHushreel, startHushreel } from "../browser/lib/hushreel.mjs";
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

hold("duties", { V44: echoes, V45: roles, V46: backup });
