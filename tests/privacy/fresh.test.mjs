// What a fresh server brings along: no account, no password that everybody knows, and a recorder that is the same until the operator
// upgrades. V47 and V48.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { after } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { openWindow, startBrowser } from "../browser/lib/browser.mjs";
import { startHushreel } from "../browser/lib/hushreel.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { hold } from "./lib/held.mjs";

const hushreel = await startHushreel();
after(() => hushreel.stop());

const ORIGIN = "https://shop.example.com";
const PASSWORD = "lantern quarry meadow thimble";
const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const json = (method, body, headers = {}) => ({ method, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
const ask = (path, init = {}) => fetch(hushreel.address + path, init);
const { key } = await hushreel.addSite(ORIGIN, { preset: "full" });

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

hold("fresh", { V47: credentials, V48: recorder });
