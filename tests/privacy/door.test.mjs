// The door, as a stranger tries it who needs no browser: batches that no recorder would send, in the name of sites and visitors that are
// not his. Nothing of them is kept, and whoever did nothing wrong is recorded meanwhile. V40, V41 and V43.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after } from "node:test";
import { openWindow, startBrowser } from "../browser/lib/browser.mjs";
import { startHushreel } from "../browser/lib/hushreel.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { card, find, haystack, word } from "./lib/canary.mjs";
import { page, startVisit } from "./lib/forge.mjs";
import { hold } from "./lib/held.mjs";
import { keptBy } from "./lib/kept.mjs";

// All that a server can say of itself is in its log.
process.env.RUST_LOG = "trace";
const hushreel = await startHushreel();
after(() => hushreel.stop());

const ORIGIN = "https://shop.example.com";
const addSite = async (preset, changes = {}, origin = ORIGIN) => {
  const { key } = await hushreel.addSite(origin, { preset });
  if (Object.keys(changes).length) await hushreel.setPolicy(key, changes);
  return key;
};
const nowhere = async (key, canary) => assert.equal(find(canary, (await keptBy(hushreel, key)).all), null, "nothing of it is kept");
const detail = (id, path = "") => fetch(`${hushreel.address}/api/v1/recordings/${id}${path}`, { headers: { Authorization: `Bearer ${hushreel.token}` } });

/** Somebody else's honest visit to the same site, which comes out again. */
async function neighbourIsRecorded(key, origin = ORIGIN) {
  const marker = word();
  const visit = await startVisit(hushreel, key, origin);
  const answer = await visit.send(page(origin, marker));
  assert.equal(answer.status, 204, answer.text);
  assert.ok((await (await detail(visit.recording, "/events")).text()).includes(marker));
  return visit;
}

// V40

const strict = await addSite("strict", { paths: ["/"] });
const balanced = await addSite("balanced");
const full = await addSite("full");

/** A batch that is refused by this rule, ends its recording, and of which nothing is kept or said again. */
const isRefused = (key, rule, { inside = () => {}, behind = () => {}, canary = word }) => async () => {
  const said = canary();
  const visit = await startVisit(hushreel, key, ORIGIN);
  const answer = await visit.send((tell) => {
    page(ORIGIN, "public", () => inside(tell, said))(tell);
    behind(tell, said);
  });
  assert.equal(answer.status, 422, answer.text);
  assert.equal(JSON.parse(answer.text).rule, rule);
  assert.equal(find(said, [haystack("the answer", answer.text)]), null);
  assert.equal((await visit.send((tell) => tell.visibility(true), { seq: 1 })).status, 410, "the recording has ended");
  await nowhere(key, said);
};
const isMalformed = (spoil) => async () => {
  const said = word();
  const visit = await startVisit(hushreel, full, ORIGIN);
  const { path, bytes } = visit.batch(page(ORIGIN, said));
  const answer = await fetch(hushreel.address + path, { method: "POST", body: spoil(bytes, said), headers: { Origin: ORIGIN } });
  const text = await answer.text();
  assert.equal(answer.status, 400, text);
  assert.equal(find(said, [haystack("the answer", text)]), null);
  await nowhere(full, said);
};

const forgedEvents = {
  what: "forged events",
  beside: {
    "what an honest recorder would tell": async () => void (await Promise.all([strict, balanced, full].map((key) => neighbourIsRecorded(key)))),
    "shown words, where words are shown": async () => {
      const said = word();
      const visit = await startVisit(hushreel, full, ORIGIN);
      assert.equal((await visit.send(page(ORIGIN, "public", (tell) => tell.text(said, 0)))).status, 204);
      assert.ok((await (await detail(visit.recording, "/events")).text()).includes(said));
    },
  },
  variants: {
    "words where all are masked": isRefused(strict, "text", { inside: (tell, said) => tell.text(said, 0) }),
    "words that a rule is said to show": isRefused(strict, "show-rule", { inside: (tell, said) => tell.text(said, 2) }),
    "an address of a person in words": isRefused(balanced, "text-personal", { inside: (tell, said) => tell.text(`${said}@example.com`, 0) }),
    "a card's number in words": isRefused(balanced, "text-personal", { inside: (tell, said) => tell.text(said, 0), canary: card }),
    "what was typed, where nothing is": isRefused(strict, "forms", { behind: (tell, said) => tell.input(900, said, null, true) }),
    "what was typed, where only that it was is": isRefused(balanced, "forms", { behind: (tell, said) => tell.input(900, said, null, true) }),
    "a password, under the most open policy": isRefused(full, "secret-field", {
      inside: (tell) => tell.element(0, "input", ["type"], ["password"], false),
      behind: (tell, said) => tell.input(5, said, null, true),
    }),
    "a script": isRefused(full, "tag", { inside: (tell, said) => tell.element(0, "script", ["class"], [said], false) }),
    "a handler": isRefused(full, "attribute", { inside: (tell, said) => tell.element(0, "p", ["onclick"], [said], false) }),
    "an attribute that is not on the list": isRefused(strict, "attribute", { inside: (tell, said) => tell.element(0, "p", ["title"], [said], false) }),
    "a name that is none": isRefused(full, "name", { inside: (tell, said) => tell.element(0, `p ${said}`, [], [], false) }),
    "a sheet that loads": isRefused(full, "style", {
      inside: (tell, said) => {
        tell.element(0, "style", [], [], true);
        tell.css(`a{background:url(https://x.example/${said})}`);
        tell.end();
      },
    }),
    "a picture's text, where there are no pictures": isRefused(strict, "canvas", { behind: (tell, said) => tell.canvas(4, `data:image/webp;base64,${said}`) }),
    "an address's query": isRefused(full, "address", { behind: (tell, said) => tell.page(`${ORIGIN}/?q=${said}`, 0) }),
    "a title, where there is none": isRefused(strict, "title", { behind: (tell, said) => tell.page(`${ORIGIN}/`, said) }),
    "an event's words, where all are masked": isRefused(strict, "note", { behind: (tell, said) => tell.event("cart", [["item", said]]) }),
    "a line of the console": isRefused(full, "console", { behind: (tell, said) => tell.log(1, said) }),
    "who it is, where nobody is known again": isRefused(full, "identity", { behind: (tell, said) => tell.who(1, said) }),
    "bytes behind the grammar": isMalformed((bytes) => Buffer.concat([bytes, Buffer.from([0xff, 0xff])])),
    "half a batch": isMalformed((bytes) => bytes.subarray(0, bytes.length - 7)),
    "words in JSON": isMalformed((_, said) => Buffer.from(JSON.stringify({ type: 2, data: { text: said } }))),
    "without consent": async () => {
      const key = (await hushreel.addSite(ORIGIN, { preset: "full", consent: "required" })).key;
      const said = word();
      const visit = await startVisit(hushreel, key, ORIGIN);
      const answer = await visit.send(page(ORIGIN, said), { granted: false });
      assert.deepEqual([answer.status, JSON.parse(answer.text).rule], [422, "consent"]);
      await nowhere(key, said);
    },
    "under a policy that never was": async () => {
      const said = word();
      const visit = await startVisit(hushreel, full, ORIGIN);
      assert.equal((await visit.send(page(ORIGIN, said), { policy: "00".repeat(8) })).status, 412);
      await nowhere(full, said);
    },
  },
};

// V41

const [mine, theirs] = [await addSite("full"), await addSite("full", {}, "https://market.example.com")];
const wild = await addSite("full", {}, "https://*.example.org");

/** A batch from this origin, or with this key or secret, that is refused and leaves nothing. */
const isTurnedAway = (problem, { origin = ORIGIN, key = mine, listed = key, ...other }) => async () => {
  const said = word();
  const visit = await startVisit(hushreel, listed, origin);
  const answer = await visit.send(page(ORIGIN, said), { key, ...other });
  assert.ok(answer.status >= 400, `${answer.status}`);
  assert.equal(JSON.parse(answer.text).type, `/problems/${problem}`);
  assert.equal(answer.headers.get("access-control-allow-origin"), null, "no page may read the answer");
  await nowhere(listed, said);
  assert.equal((await detail(visit.recording)).status, 404);
};

const wrongKeys = {
  what: "batches for another site's key, or from an origin the site does not list",
  beside: {
    "a listed origin": async () => void (await neighbourIsRecorded(mine)),
    "a name under a listed one": async () => void (await neighbourIsRecorded(wild, "https://a.example.org")),
    "only the listed origin may read the answer": async () => {
      const visit = await startVisit(hushreel, mine, ORIGIN);
      assert.equal((await visit.send(page(ORIGIN, "public"))).headers.get("access-control-allow-origin"), ORIGIN);
    },
  },
  variants: {
    "a name that goes on": isTurnedAway("origin", { origin: "https://shop.example.com.evil.example" }),
    "a name that begins before": isTurnedAway("origin", { origin: "https://evilshop.example.com" }),
    "a name that begins before the one that names are under": isTurnedAway("origin", { origin: "https://evilexample.org", key: wild }),
    "the one that names are under, itself": isTurnedAway("origin", { origin: "https://example.org", key: wild }),
    "somebody's name before it": isTurnedAway("origin", { origin: "https://user@shop.example.com" }),
    "the listed one as somebody's name": isTurnedAway("origin", { origin: "https://shop.example.com@evil.example" }),
    "another port": isTurnedAway("origin", { origin: "https://shop.example.com:8443" }),
    "plain HTTP": isTurnedAway("origin", { origin: "http://shop.example.com" }),
    "other letters' case": isTurnedAway("origin", { origin: "https://SHOP.example.com" }),
    "a dot behind it": isTurnedAway("origin", { origin: "https://shop.example.com." }),
    "a path behind it": isTurnedAway("origin", { origin: "https://shop.example.com/" }),
    "a list": isTurnedAway("origin", { origin: "https://evil.example, https://shop.example.com" }),
    "an origin that is none": isTurnedAway("origin", { origin: "null" }),
    "no origin at all": isTurnedAway("origin", { origin: null }),
    "a key that is nobody's": isTurnedAway("not-found", { key: "a".repeat(20), listed: mine }),
    "a key that is none": isTurnedAway("not-found", { key: "..", listed: mine }),
    "another site's key": isTurnedAway("origin", { origin: "https://market.example.com", key: mine, listed: theirs }),
    "another visitor's recording": async () => {
      const visit = await neighbourIsRecorded(mine);
      const said = word();
      const answer = await visit.send((tell) => tell.event(said, []), { secret: "00".repeat(16), seq: 1 });
      assert.deepEqual([answer.status, JSON.parse(answer.text).type], [403, "/problems/secret"]);
      await nowhere(mine, said);
    },
    "another site's recording": async () => {
      const visit = await neighbourIsRecorded(mine);
      const said = word();
      const { hash } = await hushreel.command("site", "policy", "show", theirs);
      const answer = await visit.send((tell) => tell.event(said, []), { key: theirs, origin: "https://market.example.com", policy: hash, seq: 1 });
      assert.deepEqual([answer.status, JSON.parse(answer.text).type], [403, "/problems/secret"]);
      await nowhere(mine, said);
    },
    "a head that says another page than its address": async () => {
      const visit = await startVisit(hushreel, mine, ORIGIN);
      const said = word();
      const { path, bytes } = visit.batch(page(ORIGIN, said));
      const answer = await fetch(hushreel.address + path.replace(visit.page, "0".repeat(16)), { method: "POST", body: bytes, headers: { Origin: ORIGIN } });
      assert.deepEqual([answer.status, (await answer.json()).type], [400, "/problems/misaddressed"]);
      await nowhere(mine, said);
    },
  },
};

// V43

const known = await addSite("full", { identity: "visitor" });
const elsewhere = await addSite("full", { identity: "visitor" }, "https://market.example.com");
const unknown = await addSite("full");
const id = () => randomBytes(16).toString("hex");

/** A recording in which the recorder said who it is: the browser's own id, and what the site calls him. */
async function recordOf(browserId, called = null, key = known, origin = ORIGIN) {
  const visit = await startVisit(hushreel, key, origin);
  const answer = await visit.send((tell) => {
    page(origin, "public")(tell);
    tell.who(0, browserId);
    if (called) tell.who(1, called);
  });
  assert.equal(answer.status, 204, answer.text);
  const shown = await (await detail(visit.recording)).json();
  return { ...shown, visit };
}
const found = async (query) => (await hushreel.api(`/api/v1/recordings?${query}&limit=100`)).items.map(({ id }) => id).sort();
const own = async (key, what, body) => {
  const init = { method: "POST", headers: { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" }, body: JSON.stringify(body) };
  return fetch(`${hushreel.address}/visitor/v1/${key}/${what}`, init);
};
const proofOf = ({ visit }) => `${visit.recording}.${visit.secret}`;
const browser = await startBrowser();

const identities = {
  what: "identities merged or guessed",
  beside: {
    "two recordings of one browser are one visitor's": async () => {
      const rose = id();
      const [one, two] = [await recordOf(rose), await recordOf(rose)];
      assert.equal(one.visitor, two.visitor);
      assert.deepEqual(await found(`visitor=${one.visitor}`), [one.id, two.id].sort());
    },
    "who knows a customer's number finds his recordings": async () => {
      const called = `customer-${word()}`;
      const one = await recordOf(id(), called);
      assert.deepEqual(await found(`site=${known}&identified=${called}`), [one.id]);
    },
    "a visitor opens his own": async () => {
      const one = await recordOf(id());
      assert.equal((await (await own(known, "recordings", { proofs: [proofOf(one)] })).json()).items.length, 1);
    },
  },
  variants: {
    "two browsers that a site calls the same": async () => {
      const called = `customer-${word()}`;
      assert.notEqual((await recordOf(id(), called)).visitor, (await recordOf(id(), called)).visitor);
    },
    "one browser on two sites": async () => {
      const rose = id();
      assert.notEqual((await recordOf(rose)).visitor, (await recordOf(rose, null, elsewhere, "https://market.example.com")).visitor);
    },
    "a recording that says two browsers": async () => {
      const [rose, lily] = [id(), id()];
      const [one, other] = [await recordOf(rose), await recordOf(lily)];
      const answer = await one.visit.send((tell) => tell.who(0, lily), { seq: 1 });
      assert.equal(answer.status, 204);
      assert.deepEqual(await found(`visitor=${one.visitor}`), [one.id], "it stays the first one's");
      assert.deepEqual(await found(`visitor=${other.visitor}`), [other.id]);
    },
    "numbers that begin alike": async () => {
      const called = `customer-${word()}`;
      const one = await recordOf(id(), called);
      await recordOf(id(), `${called}x`);
      assert.deepEqual(await found(`site=${known}&identified=${called}`), [one.id]);
      assert.deepEqual(await found(`site=${known}&identified=${called.slice(0, -1)}`), []);
      assert.deepEqual(await found(`site=${known}&identified=${called.toUpperCase()}`), []);
    },
    "a customer's number of another site": async () => {
      const called = `customer-${word()}`;
      await recordOf(id(), called, elsewhere, "https://market.example.com");
      assert.deepEqual(await found(`site=${known}&identified=${called}`), []);
    },
    "the browser's id, where only the server's name for him counts": async () => {
      const rose = id();
      await recordOf(rose);
      assert.deepEqual(await found(`visitor=${rose}`), []);
      const answer = await fetch(`${hushreel.address}/api/v1/visitors/${rose}`, { headers: { Authorization: `Bearer ${hushreel.token}` } });
      assert.equal(answer.status, 404);
    },
    "an e-mail address as what a site calls somebody": async () => {
      const said = word();
      const visit = await startVisit(hushreel, known, ORIGIN);
      const answer = await visit.send((tell) => (page(ORIGIN, "public")(tell), tell.who(1, `${said}@example.com`)));
      assert.deepEqual([answer.status, JSON.parse(answer.text).rule], [422, "pseudonym"]);
      await nowhere(known, said);
    },
    "a visitor where nobody is known again": async () => {
      const visit = await startVisit(hushreel, unknown, ORIGIN);
      const answer = await visit.send((tell) => (page(ORIGIN, "public")(tell), tell.who(0, id())));
      assert.deepEqual([answer.status, JSON.parse(answer.text).rule], [422, "identity"]);
    },
    "a guessed secret": async () => {
      const one = await recordOf(id());
      for (const secret of ["00".repeat(16), one.id, `${one.visit.secret.slice(0, -1)}${one.visit.secret.endsWith("0") ? "1" : "0"}`]) {
        assert.deepEqual((await (await own(known, "recordings", { proofs: [`${one.id}.${secret}`] })).json()).items, []);
        assert.equal((await own(known, "events", { proof: `${one.id}.${secret}` })).status, 404);
      }
    },
    "another's recording with one's own secret": async () => {
      const [one, other] = [await recordOf(id()), await recordOf(id())];
      assert.equal((await own(known, "events", { proof: `${other.id}.${one.visit.secret}` })).status, 404);
    },
    "one's own recording, asked of another site": async () => {
      const one = await recordOf(id());
      assert.equal((await own(elsewhere, "events", { proof: proofOf(one) })).status, 404);
    },
    "two people at one machine, each in a browser of his own": async () => {
      const site = await serveFolder("/nowhere", { "/page.html": "<!doctype html><html lang=en><head></head><body><p>x</p></body></html>" });
      const { key, snippet } = await hushreel.addSite(site.origin, { preset: "full" });
      await hushreel.setPolicy(key, { identity: "visitor" });
      site.snippet = snippet;
      const visitors = [];
      for (const _ of ["one", "other"]) {
        const { page, context } = await openWindow(browser);
        await page.goto(`${site.origin}/page.html`);
        await page.waitForFunction(() => window.hushreel?.("recording"));
        await page.evaluate(() => window.hushreel("identify", "customer-4711"));
        await page.click("p");
        const recording = await page.evaluate(() => window.hushreel("recording"));
        await page.goto("about:blank");
        let shown = null;
        while (!shown?.visitor) shown = await (await detail(recording)).json();
        visitors.push(shown.visitor);
        await context.close();
      }
      await site.stop();
      assert.notEqual(visitors[0], visitors[1]);
    },
  },
};

hold("door", { V40: forgedEvents, V41: wrongKeys, V43: identities });
