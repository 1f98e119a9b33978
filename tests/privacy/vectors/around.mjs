// What is around a page: addresses, requests, pictures, the browser's own memory. V19 to V26, V35, V49, V54.
import { card, digits, word } from "../lib/canary.mjs";

const later = (change) => (page, canary, box) => page.evaluate(`(${change})(document.getElementById(${JSON.stringify(box)}), ${JSON.stringify(canary)})`);
const email = () => `${word()}@${word()}.cz`;
const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const drawing = (c) => `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='90' height='20'%3E%3Ctext y='15'%3E${c}%3C/text%3E%3C/svg%3E`;

export const around = {
  V19: {
    what: "the page's own address",
    variants: {
      "a path": { hidden: "strict", path: (c) => `/people/${c}` },
      "a number in a path": { hidden: "balanced", form: digits, path: (c) => `/orders/${c}/x` },
      "a query": { hidden: "always", path: (c) => `/x?user=${c}` },
      "a fragment": { hidden: "always", path: (c) => `/x#access_token=${c}` },
      "a parameter of a segment": { hidden: "always", path: (c) => `/x;jsessionid=${c}` },
      "pushed": { hidden: "always", act: later((_, c) => history.pushState(null, "", `/pushed?user=${c}`)), path: () => "/push" },
      "replaced": { hidden: "always", act: later((_, c) => history.replaceState(null, "", `/replaced#${c}`)), path: () => "/replace" },
      "pushed as a path": { hidden: "strict", act: later((_, c) => history.pushState(null, "", `/pushed/${c}`)), path: () => "/push-path" },
      "told to the server of the recorder": { hidden: "always", path: (c) => `/asked?user=${c}`, head: () => `<meta name="referrer" content="unsafe-url">` },
      "an address in the path": { hidden: "balanced", form: email, path: (c) => `/u/${encodeURIComponent(c)}`, shown: false },
    },
  },
  V20: {
    what: "where from, where to, and the title",
    variants: {
      "the referrer": { hidden: "always", path: () => "/referred", from: (c) => `/before?token=${c}` },
      "a link's query": { hidden: "always", html: (c) => `<a href="/x?token=${c}">x</a>` },
      "a link's path": { hidden: "strict", html: (c) => `<a href="/people/${c}">x</a>` },
      "a form's action": { hidden: "always", html: (c) => `<form action="/save?token=${c}"></form>` },
      "a button's action": { hidden: "always", html: (c) => `<button formaction="/save/${c}">x</button>` },
      "the title": { hidden: "strict", path: () => "/title", head: (c) => `<title>${c}</title>` },
      "a title set later": { hidden: "strict", path: () => "/title-late", act: later((_, c) => { document.title = c; history.pushState(null, "", "/titled"); }) },
      "a mail link": { hidden: "always", form: email, html: (c) => `<a href="mailto:${c}">x</a>` },
      "another site's name": { hidden: "strict", html: (c) => `<a href="https://${c}.example/">x</a>` },
      "a card in a link's path": { hidden: "balanced", form: card, shown: false, html: (c) => `<a href="/pay/${c}">x</a>` },
      "a card in the title": { hidden: "balanced", form: card, shown: false, path: () => "/title-card", head: (c) => `<title>Card ${c}</title>` },
      "a scheme of one's own": { hidden: "always", html: (c) => `<a href="${c}:x">x</a>` },
      "a script as a link": { hidden: "always", html: (c) => `<a href="javascript:void('${c}')">x</a>` },
      "data as a link": { hidden: "always", html: (c) => `<a href="data:text/plain,${c}">x</a>` },
      "a clicked link": { hidden: "always", html: (c) => `<a class="m11" href="#token=${c}">x</a>`, act: (page) => page.locator(".m11").click() },
      "where it pings": { hidden: "always", html: (c) => `<a ping="/p/${c}" href="/x">x</a>` },
    },
  },
  V21: {
    what: "addresses of what a page loads",
    variants: {
      "a picture": { hidden: "always", html: (c) => `<img src="/pixel.png?u=${c}" width="9">` },
      "one for finer screens": { hidden: "always", html: (c) => `<img srcset="/pixel.png?u=${c} 1x">` },
      "what is loaded ahead": { hidden: "always", html: (c) => `<link rel="preload" as="image" href="/pixel.png?u=${c}">` },
      "what addresses are relative to": { hidden: "strict", shown: false, path: () => "/base", head: (c) => `<base href="/${c}/">` },
      "a script": { hidden: "always", html: (c) => `<script src="/none.js?u=${c}"></script>` },
      "a sheet": { hidden: "always", html: (c) => `<link rel="stylesheet" href="/none.css?u=${c}">` },
      "a drawing's part": { hidden: "always", html: (c) => `<svg><use href="/none.svg?u=${c}#x"/></svg>` },
      "a manifest": { hidden: "always", html: (c) => `<link rel="manifest" href="/m.json?u=${c}">` },
      "a table's picture": { hidden: "always", html: (c) => `<table background="/pixel.png?u=${c}"></table>` },
    },
  },
  V22: {
    what: "requests and their answers",
    variants: {
      "a body": { hidden: "always", act: later((_, c) => fetch("/api", { method: "POST", body: JSON.stringify({ user: c }) })) },
      "a header": { hidden: "always", act: later((_, c) => fetch("/api", { headers: { "X-User": c } })) },
      "a query": { hidden: "always", act: later((_, c) => fetch(`/api?user=${c}`)) },
      "an answer": { hidden: "always", act: later((_, c) => fetch(`/echo?${c}`).then((answer) => answer.text())) },
      "an older request's body": { hidden: "always", act: later((_, c) => { const request = new XMLHttpRequest(); request.open("POST", "/api"); request.setRequestHeader("X-User", c); request.send(`user=${c}`); return new Promise((resolve) => (request.onloadend = () => resolve())); }) },
      "a beacon": { hidden: "always", act: later((_, c) => void navigator.sendBeacon("/api", c)) },
      "a socket": { hidden: "always", act: later((_, c) => new Promise((resolve) => { const socket = new WebSocket(location.origin.replace("http", "ws") + `/socket?u=${c}`); socket.onerror = socket.onclose = () => resolve(); })) },
    },
  },
  V23: {
    what: "messages and errors",
    variants: {
      "a message": { hidden: "always", act: later((_, c) => console.log("user", c)) },
      "an object": { hidden: "always", act: later((_, c) => console.info({ user: c })) },
      "an error's words": { hidden: "always", act: later((_, c) => void setTimeout(() => { throw new Error(c); })), throws: true },
      "a rejection": { hidden: "always", act: later((_, c) => void Promise.reject(new Error(c))), throws: true },
      "a script's address": { hidden: "always", html: (c) => `<script src="/throws.js?user=${c}"></script>`, throws: true },
      "what it is called": { hidden: "strict", act: later((_, c) => { const error = new Error("x"); error.name = c; setTimeout(() => { throw error; }); }), throws: true },
      "the console's, over several words": { hidden: "always", act: later((_, c) => console.warn(c.slice(0, 6), c.slice(6))), naive: null },
    },
  },
  V24: {
    what: "drawn surfaces",
    variants: {
      "a text drawn": { hidden: "always", html: () => "<canvas></canvas>", act: later((box, c) => box.firstChild.getContext("2d").fillText(c, 1, 20)) },
      "a text outlined": { hidden: "always", html: () => "<canvas></canvas>", act: later((box, c) => box.firstChild.getContext("2d").strokeText(c, 1, 20)) },
      "what stands in for it": { hidden: "strict", html: (c) => `<canvas>${c}</canvas>`, shown: false },
      "its label": { hidden: "strict", html: (c) => `<canvas aria-label="${c}"></canvas>`, shown: false },
      "off the page": { hidden: "always", act: later((_, c) => new OffscreenCanvas(9, 9).getContext("2d").fillText(c, 1, 5)), naive: null },
    },
  },
  V25: {
    what: "pictures",
    variants: {
      "words in a drawing": { hidden: "strict", html: (c) => `<img src="${drawing(c)}">`, shown: false },
      "behind a box": { hidden: "strict", html: (c) => `<p style="background: url(&quot;${drawing(c)}&quot;)">x</p>`, shown: false },
      "a drawing in a drawing": { hidden: "strict", html: (c) => `<svg><image href="${drawing(c)}"/></svg>`, shown: false },
      "what comes behind a picture's bytes": { hidden: "strict", html: (c) => `<img src="${PIXEL}${Buffer.from(c).toString("base64")}">`, shown: false, naive: null },
      "a video's picture": { hidden: "strict", html: (c) => `<video poster="${drawing(c)}"></video>`, shown: false },
      "under a mark that blocks": { hidden: "always", html: (c) => `<div data-hush="block"><img src="${drawing(c)}" alt="${c}"></div>` },
      "under a mark of what is sensitive": { hidden: "always", html: (c) => `<div data-hush="sensitive"><img src="${drawing(c)}" alt="${c}"></div>` },
    },
  },
  V26: {
    what: "signed addresses of media",
    variants: {
      "a picture": { hidden: "always", html: (c) => `<img src="/pixel.png?sig=${c}">` },
      "a video": { hidden: "always", html: (c) => `<video src="/v.mp4?sig=${c}"></video>` },
      "a video's sources": { hidden: "always", html: (c) => `<video><source src="/v.webm?sig=${c}"></video>` },
      "a poster": { hidden: "always", html: (c) => `<video poster="/pixel.png?sig=${c}"></video>` },
      "a sound": { hidden: "always", html: (c) => `<audio src="/a.mp3?sig=${c}"></audio>` },
      "subtitles": { hidden: "always", html: (c) => `<video><track src="/t.vtt?sig=${c}"></video>` },
      "of several": { hidden: "always", html: (c) => `<picture><source srcset="/pixel.png?sig=${c} 2x, /pixel.png?sig=${c} 1x"><img src="/pixel.png"></picture>` },
      "of another origin": { hidden: "always", html: (c) => `<img src="http://img.test/p.png?X-Amz-Signature=${c}">` },
      "in style": { hidden: "always", html: (c) => `<p style="background-image: url(/pixel.png?sig=${c})">x</p>` },
    },
  },
  V35: {
    what: "marks that ask for more",
    variants: {
      ...Object.fromEntries(
        ['data-hush="show"', 'class="rr-unmask"', 'class="sentry-unmask"', "data-sentry-unmask", "data-clarity-unmask", "data-hj-allow", 'class="fs-unmask"', 'class="ph-unmask"', 'data-recording-ignore="show"', 'data-matomo-unmask'].map((mark) => [
          mark,
          { hidden: "strict", html: (c) => `<p ${mark}>${c}</p>` },
        ]),
      ),
      "within what is masked": { hidden: "always", html: (c) => `<div data-hush="mask"><p data-hush="show" class="sentry-unmask">${c}</p></div>` },
      "asked for by the page": { hidden: "always", html: (c) => `<p class="ph-mask">${c}</p>`, run: () => { for (const call of [["show", "p"], ["unmask", "p"], ["policy", { text: "show" }], ["start", { text: "show", mask: [] }]]) window.hushreel?.(...call); } },
    },
  },
  V49: {
    what: "what is copied, dragged, chosen, marked",
    variants: {
      "copied": { hidden: "always", act: later((box, c) => { const data = new DataTransfer(); data.setData("text/plain", c); box.dispatchEvent(new ClipboardEvent("copy", { bubbles: true, clipboardData: data })); }) },
      "pasted": { hidden: "always", act: later((box, c) => { const data = new DataTransfer(); data.setData("text/plain", c); box.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData: data })); }) },
      "dropped": { hidden: "always", act: later((box, c) => { const data = new DataTransfer(); data.setData("text/plain", c); box.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: data })); }) },
      "a file's name": { hidden: "always", html: () => `<input type="file" class="n4">`, act: (page, c) => page.locator(".n4").setInputFiles({ name: `${c}.pdf`, mimeType: "application/pdf", buffer: Buffer.from("x") }) },
      "a file's name, as text of the page": {
        hidden: "always",
        html: () => `<input type="file" class="n6"><span></span>`,
        run: (box) => box.firstChild.addEventListener("change", () => (box.lastChild.textContent = `Chosen: ${box.firstChild.files[0].name}`)),
        act: (page, c) => page.locator(".n6").setInputFiles({ name: `${c}.pdf`, mimeType: "application/pdf", buffer: Buffer.from("x") }),
      },
      "pasted into a password": { hidden: "always", html: () => `<input type="password" class="n5">`, act: async (page, c) => { await page.locator(".n5").click(); await page.keyboard.insertText(c); } },
      "marked": { hidden: "strict", html: (c) => `<p>${c}</p>`, act: later((box) => getSelection().selectAllChildren(box)) },
      "pressed, key by key": { hidden: "always", act: (page, c) => page.keyboard.type(c), naive: "a letter a key" },
    },
  },
  V54: {
    what: "what the browser keeps for the page",
    variants: {
      "the window's name": { hidden: "always", act: later((_, c) => void (window.name = c)) },
      "the history's state": { hidden: "always", act: later((_, c) => history.pushState({ user: c }, "")) },
      "local storage": { hidden: "always", act: later((_, c) => localStorage.setItem("user", c)) },
      "session storage": { hidden: "always", act: later((_, c) => sessionStorage.setItem("user", c)) },
      "a cookie": { hidden: "always", act: later((_, c) => void (document.cookie = `user=${c}; path=/`)) },
      "a message between windows": { hidden: "always", act: later((_, c) => window.postMessage({ user: c }, "*")) },
      "text before it came back": {
        hidden: "always",
        path: () => "/kept",
        async act(page, c) {
          await page.evaluate((text) => document.body.insertAdjacentHTML("beforeend", `<p data-hush="mask">${text}</p>`), c);
          await page.goto(new URL("/elsewhere", page.url()).href);
          await page.goBack();
        },
      },
    },
  },
};
