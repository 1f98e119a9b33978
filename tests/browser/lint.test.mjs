// `hushreel lint` through the real binary and a real browser, on a small site with planted faults and on the demo shop.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startDemo } from "./lib/demo.mjs";

const BINARY = process.env.HUSHREEL_BIN ?? "target/debug/hushreel";

const PAGES = {
  "/": `<h1>Planted</h1>
    <p id="owner" data-owner="somebody">x</p>
    <label>Town <input name="town"></label>
    <label for="f7">Number</label><input id="f7" name="f7" placeholder="1234 5678 9012 3456">
    <label for="card">Card number</label><input id="card" name="card_number">
    <label for="marked">Card number</label><input id="marked" name="marked_card" data-hush="sensitive">
    <iframe id="framed" srcdoc="<input name='inframe' placeholder='4111 2222 3333 4444'>"></iframe>
    <div id="host"></div>
    <script>document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML = "<input name='inshadow' placeholder='MM / YY'>"</script>
    <script>addEventListener("input", (event) => navigator.sendBeacon("/typed", event.target.value))</script>
    <a href="/more">more</a> <a href="/log-out">out</a> <a href="http://localhost:1/away">away</a>`,
  "/more": `<h1>More</h1><input name="nick">`,
};

let site, origin, folder;
const asked = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hushreel-lint-test-"));
  site = createServer((question, answer) => {
    asked.push(question.url);
    const body = PAGES[question.url];
    if (!body) return answer.writeHead(404).end();
    // A page that lets nobody connect anywhere is looked at all the same.
    answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "connect-src 'none'" });
    answer.end(`<!doctype html><html lang="en"><head><title>x</title></head><body>${body}</body></html>`);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${site.address().port}`;
});
after(async () => {
  site.closeAllConnections();
  site.close();
  await rm(folder, { recursive: true, force: true });
});

/** Run lint to its end: what it printed and how it ended. */
function lint(words, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(BINARY, ["lint", ...words], { env: { ...process.env, ...env } });
    const said = { out: "", err: "" };
    child.stdout.on("data", (text) => (said.out += text));
    child.stderr.on("data", (text) => (said.err += text));
    child.once("close", (code) => resolve({ code, ...said }));
  });
}

async function policy(changes) {
  const file = join(folder, "policy.json");
  await writeFile(file, JSON.stringify(changes));
  return file;
}

test("a policy that shows everything is told of each planted fault, and nothing reaches the site", async () => {
  asked.length = 0;
  const file = await policy({ preset: "full", text: "show", forms: "record", media: "show", urls: "path", attributes: ["data-owner"], query: ["q"] });
  const { code, out, err } = await lint([`${origin}/`, "--policy", file, "--json"]);
  assert.equal(code, 1, err);
  const report = JSON.parse(out);
  assert.deepEqual(report.pages, [`${origin}/`, `${origin}/more`]);
  assert.ok(report.places > 8 && report.batches >= 2);
  const of = (severity) => report.findings.filter((finding) => finding.severity === severity);
  const leaks = Object.fromEntries(of("leak").map((finding) => [finding.selector, finding]));
  assert.deepEqual(Object.keys(leaks).sort(), ["#card", "#f7", '#framed >>> input[name="inframe"]', '#host >>> input[name="inshadow"]']);
  assert.equal(leaks["#f7"].shown_by, "forms: record");
  assert.equal(leaks["#f7"].vector, "V3");
  assert.deepEqual(leaks["#f7"].fix, { markup: `<input id="f7" data-hush="sensitive">`, policy: `"mask": ["#f7"]` });
  assert.equal(leaks['#framed >>> input[name="inframe"]'].fix.markup, `<input name="inframe" data-hush="sensitive">`);
  assert.match(leaks["#card"].shown_by, /word list/, "nothing of it was sent, and only its name saw to that");
  const shown = of("shown-by-policy").map(({ page, selector, shown_by }) => `${page} ${selector} ${shown_by}`);
  for (const line of [
    `/ input[name="town"] forms: record`,
    "/ #owner attributes: data-owner",
    "/ / urls: path",
    "/ ?q query: q",
    `/more input[name="nick"] forms: record`,
  ]) assert.ok(shown.includes(line), `${line}\n${shown.join("\n")}`);
  assert.ok(!JSON.stringify(report.findings).includes("#marked"), "what is marked is hidden");
  assert.deepEqual(asked.filter((url) => url === "/typed" || url.startsWith("/i/") || url === "/log-out"), [], "nothing that was planted reached the site");
  assert.ok(asked.includes("/more"));
});

test("what the policy shows is no failure, unless it is said to be one", async () => {
  const [allowed, denied] = [await lint([`${origin}/more`, "--preset", "full"]), await lint([`${origin}/more`, "--preset", "full", "--deny-shown"])];
  assert.equal(allowed.code, 0, allowed.err);
  assert.match(allowed.out, /shown by policy {2}forms: record {2}\(1 places\)\n {6}\/more {2}input\[name="nick"\] {2}V3 typed into a text field/);
  assert.match(allowed.out, /1 pages, \d+ words planted, \d+ batches: 0 leaks, \d+ shown by policy\.\n$/);
  assert.match(allowed.err, /words planted/, "progress is told beside the answer");
  assert.equal(denied.code, 1);
});

test("under strict nothing would leave, and what is unmarked is advised", async () => {
  const { code, out, err } = await lint([`${origin}/`, "--depth", "1"]);
  assert.equal(code, 0, err);
  assert.match(out, /0 leaks, 0 shown by policy/);
  assert.match(out, /advice {2}\/ {2}#card\n[^]*fix: <input id="card" data-hush="sensitive">/);
});

test("the demo shop leaks nothing under strict; under full it is told of the field that its developers forgot to mark", async (t) => {
  const demo = await startDemo();
  t.after(() => demo.stop());
  const strict = await lint([`${demo.shop}/checkout`, "--preset", "strict", "--json"]);
  assert.equal(strict.code, 0, strict.err);
  const report = JSON.parse(strict.out);
  assert.equal(report.pages.length, 5);
  assert.deepEqual([report.leaks, report.shown_by_policy], [0, 0]);
  const full = await lint([`${demo.shop}/checkout`, "--preset", "full", "--depth", "1"]);
  assert.equal(full.code, 1, full.err);
  assert.match(full.out, /leak {2}\/checkout {2}#voucher\n/);
  assert.doesNotMatch(full.out, /leak {2}\/checkout {2}#(card|expiry|cvc)\n/, "what says that it is a card's is safe");
});

test("wrong words, a missing browser and a page that is not there end each in their own way", async () => {
  assert.equal((await lint(["ftp://example.com"])).code, 2);
  const none = await lint([origin], { CHROMIUM: "", PATH: folder });
  assert.equal(none.code, 69);
  assert.match(none.err, /Install it/);
  const gone = await lint(["http://127.0.0.1:1/"]);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /cannot be opened/);
});
