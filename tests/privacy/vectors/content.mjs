// What a page says and holds: V11 to V16, V28, V31, V50 to V53.
import { word } from "../lib/canary.mjs";

const later = (change) => (page, canary, box) => page.evaluate(`(${change})(document.getElementById(${JSON.stringify(box)}), ${JSON.stringify(canary)})`);
const email = () => `${word()}@${word()}.cz`;

export const content = {
  V11: {
    what: "text about the visitor",
    variants: {
      "a heading": { hidden: "strict", html: (c) => `<h2>Hello ${c}</h2>` },
      "a table": { hidden: "strict", html: (c) => `<table><tr><th>Name<td>${c}</table>` },
      "a list": { hidden: "strict", html: (c) => `<dl><dt>City<dd>${c}</dl>` },
      "an output": { hidden: "strict", html: (c) => `<output>${c}</output>` },
      "a drawing": { hidden: "strict", html: (c) => `<svg width="9" height="9"><text>${c}</text></svg>` },
      "an e-mail address": { hidden: "balanced", form: email, html: (c) => `<p>Write to ${c} today</p>` },
      "folded away": { hidden: "strict", html: (c) => `<details><summary>x</summary>${c}</details>` },
    },
  },
  V12: {
    what: "text changed after load",
    variants: {
      "its characters": { hidden: "strict", html: () => `<p>x</p>`, act: later((box, c) => (box.firstChild.firstChild.data = c)) },
      "split and joined": { hidden: "strict", html: () => `<p>xx</p>`, act: later((box, c) => { const text = box.firstChild.firstChild; text.splitText(1).data = c; box.normalize(); }) },
      "as markup": { hidden: "strict", html: () => "", act: later((box, c) => (box.innerHTML = `<p>${c}</p>`)) },
      "children replaced": { hidden: "strict", html: () => "x", act: later((box, c) => box.replaceChildren(c)) },
      "inserted": { hidden: "strict", html: () => "<p></p>", act: later((box, c) => box.firstChild.insertAdjacentText("afterbegin", c)) },
      "there and gone": { hidden: "strict", html: () => "<p></p>", act: later((box, c) => { box.firstChild.textContent = c; return new Promise((resolve) => setTimeout(() => resolve(void (box.firstChild.textContent = "x")), 300)); }) },
      "as a fragment": { hidden: "strict", html: () => "", act: later((box, c) => box.append(document.createRange().createContextualFragment(`<i>${c}</i>`))) },
    },
  },
  V13: {
    what: "attributes",
    variants: {
      ...Object.fromEntries(
        ["title", "alt", "placeholder", "aria-label", "aria-description", "data-user", "name", "id", "class", "part", "slot", "lang", "itemid", "x-user", "download", "summary", "rel", "role", "type", "scope", "align", "color", "fill", "inputmode", "aria-current", "media", "d", "is"].map((name) => [
          name,
          { hidden: "strict", html: (c) => `<a ${name}="${c}">x</a>`, naive: name },
        ]),
      ),
      "a property in style": { hidden: "strict", html: (c) => `<p style="--user: ${c}">x</p>` },
      "a name made of it": { hidden: "strict", html: (c) => `<p data-${c}="1">x</p>` },
      "a layout's name made of it": { hidden: "strict", shown: false, html: (c) => `<p ${c}width="1">x</p>` },
      "a drawing's name made of it": { hidden: "strict", shown: false, html: (c) => `<p stroke-${c}="1">x</p>` },
      "a namespace": { hidden: "strict", shown: false, html: (c) => `<svg xmlns="http://www.w3.org/${c}"></svg>` },
      "a tag made of it": { hidden: "strict", html: (c) => `<x-${c}>x</x-${c}>` },
      "changed later": { hidden: "strict", html: () => "<p>x</p>", act: later((box, c) => box.firstChild.setAttribute("title", c)) },
    },
  },
  V14: {
    what: "shadow trees under a mark",
    variants: {
      "open": { hidden: "always", html: () => `<div data-hush="mask"></div>`, run: (box, c) => (box.firstChild.attachShadow({ mode: "open" }).innerHTML = `<p>${c}</p>`) },
      "closed": { hidden: "always", html: () => `<div data-hush="mask"></div>`, run: (box, c) => (box.firstChild.attachShadow({ mode: "closed" }).innerHTML = `<p>${c}</p>`) },
      "declared": { hidden: "always", html: (c) => `<div data-hush="mask"><template shadowrootmode="open"><p>${c}</p></template></div>` },
      "within another": { hidden: "always", html: () => `<div class="rr-mask"></div>`, run: (box, c) => { box.firstChild.attachShadow({ mode: "open" }).innerHTML = "<div></div>"; box.firstChild.shadowRoot.firstChild.attachShadow({ mode: "open" }).innerHTML = `<p>${c}</p>`; } },
      "made late": { hidden: "always", html: () => `<div data-hush="mask"></div>`, act: later((box, c) => (box.firstChild.attachShadow({ mode: "open" }).innerHTML = `<p>${c}</p>`)) },
      "marked late": { hidden: "always", run: (box) => (box.attachShadow({ mode: "open" }).innerHTML = "<p>x</p>"), act: later((box, c) => { box.setAttribute("data-hush", "mask"); box.shadowRoot.firstChild.textContent = c; }) },
      "without a mark": { hidden: "strict", run: (box, c) => (box.attachShadow({ mode: "open" }).innerHTML = `<p>${c}</p>`) },
      "without a mark, closed": { hidden: "strict", shown: false, run: (box, c) => (box.attachShadow({ mode: "closed" }).innerHTML = `<p>${c}</p>`) },
    },
  },
  V15: {
    what: "frames of the page's own",
    variants: {
      "written in": { hidden: "strict", html: (c) => `<iframe srcdoc="<p>${c}</p>"></iframe>` },
      "a blob": { hidden: "strict", run: (box, c) => (box.innerHTML = `<iframe src="${URL.createObjectURL(new Blob([`<p>${c}</p>`], { type: "text/html" }))}"></iframe>`) },
      "opened and written": { hidden: "strict", html: () => "<iframe></iframe>", act: later((box, c) => { const { contentDocument: inner } = box.firstChild; inner.open(); inner.write(`<p>${c}</p>`); inner.close(); }) },
      "within another": { hidden: "strict", html: (c) => `<iframe srcdoc="<iframe srcdoc='<p>${c}</p>'></iframe>"></iframe>` },
      "made late": { hidden: "strict", act: later((box, c) => { const frame = document.createElement("iframe"); frame.srcdoc = `<b>${c}</b>`; box.append(frame); return new Promise((resolve) => (frame.onload = () => setTimeout(resolve, 700))); }) },
      "its title": { hidden: "strict", html: (c) => `<iframe title="${c}" srcdoc="x"></iframe>` },
      "its own title": { hidden: "strict", html: (c) => `<iframe srcdoc="<title>${c}</title>x"></iframe>`, shown: false },
    },
  },
  V16: {
    what: "frames under a mark",
    variants: {
      "written in": { hidden: "always", html: (c) => `<div data-hush="mask"><iframe srcdoc="<p>${c}</p>"></iframe></div>` },
      "marked itself": { hidden: "always", html: (c) => `<iframe class="ph-mask" srcdoc="<p>${c}</p>"></iframe>` },
      "blocked": { hidden: "always", html: (c) => `<div data-hush="block"><iframe srcdoc="<p>${c}</p>"></iframe></div>` },
      "within another": { hidden: "always", html: (c) => `<div data-hush="mask"><iframe srcdoc="<iframe srcdoc='<p>${c}</p>'></iframe>"></iframe></div>` },
      "opened and written": { hidden: "always", html: () => `<div data-hush="mask"><iframe></iframe></div>`, act: later((box, c) => { const { contentDocument: inner } = box.querySelector("iframe"); inner.open(); inner.write(`<p>${c}</p>`); inner.close(); }) },
      "marked in the same moment": { hidden: "always", html: () => `<iframe srcdoc="<p>x</p>"></iframe>`, act: later((box, c) => { box.dataset.hush = "mask"; box.firstChild.contentDocument.querySelector("p").textContent = c; }) },
    },
  },
  V28: {
    what: "patterns over several nodes or moments",
    variants: {
      "an address in two elements": { hidden: "balanced", html: (c) => `<p><span>${c}</span><b>@garden.cz</b></p>` },
      "an address in two texts": { hidden: "balanced", run: (box, c) => box.append(c, "@garden.cz") },
      "an address behind its half": { hidden: "balanced", html: (c) => `<p><i>jan.</i>${c}@garden.cz</p>` },
      "a card in four parts": { hidden: "balanced", form: () => "4556", html: () => `<p><span>4556</span> <span>7375</span> <span>8689</span> <span>9855</span></p>`, naive: null, shown: false, search: ["73758689", "86899855"] },
      "in a mask, letter by letter": {
        hidden: "always",
        html: () => `<p data-hush="mask"></p>`,
        act: later(async (box, c) => { for (const letter of c) { box.firstChild.append(letter); await new Promise((resolve) => setTimeout(resolve, 20)); } }),
      },
    },
  },
  V31: {
    what: "what extensions put into the page",
    variants: {
      "a picture's address": { hidden: "always", html: (c) => `<img src="chrome-extension://abcdefghijklmnopabcdefghijklmnop/${c}.png" width="9">` },
      "a sheet's address": { hidden: "always", html: (c) => `<link rel="stylesheet" href="chrome-extension://abcdefghijklmnopabcdefghijklmnop/${c}.css">` },
      "a frame's address": { hidden: "always", html: (c) => `<iframe src="chrome-extension://abcdefghijklmnopabcdefghijklmnop/${c}.html"></iframe>` },
      "in style": { hidden: "always", html: (c) => `<p style="background: url(chrome-extension://abcdefghijklmnopabcdefghijklmnop/${c}.png)">x</p>` },
      "a link's address": { hidden: "always", html: (c) => `<a href="moz-extension://0b3a/${c}.html">x</a>` },
      "text": { hidden: "strict", act: later((box, c) => (box.innerHTML = `<grammarly-popups><p>${c}</p></grammarly-popups>`)) },
    },
  },
  V50: {
    what: "widgets of others",
    variants: {
      "a frame's address": { hidden: "always", html: (c) => `<iframe src="http://widget.test/chat?visitor=${c}"></iframe>` },
      "what a frame shows": { hidden: "always", html: (c) => `<iframe src="http://widget.test/${c}"></iframe>` },
      "an object": { hidden: "always", html: (c) => `<object data="http://widget.test/${c}.pdf"></object>` },
      "an embedded one": { hidden: "always", html: (c) => `<embed src="http://widget.test/${c}.swf">` },
      "what a frame is named": { hidden: "strict", html: (c) => `<iframe name="${c}" src="about:blank"></iframe>` },
      "what is told to it": { hidden: "always", html: () => "<iframe></iframe>", act: later((box, c) => { box.firstChild.contentWindow.postMessage({ user: c }, "*"); window.postMessage({ user: c }, "*"); }) },
    },
  },
  V51: {
    what: "style",
    variants: {
      "content": { hidden: "strict", html: (c) => `<style>.l1::before { content: "${c}"; }</style><p class="l1">x</p>` },
      "a property": { hidden: "strict", html: (c) => `<style>.l2 { --user: "${c}"; }</style><p class="l2">x</p>` },
      "an attribute's words": { hidden: "strict", html: (c) => `<style>.l3::after { content: attr(data-name); }</style><p class="l3" data-name="${c}">x</p>` },
      "an adopted sheet": { hidden: "strict", run: (box, c) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(`.l4::before { content: "${c}"; }`); document.adoptedStyleSheets.push(sheet); } },
      "an inserted rule": { hidden: "strict", html: () => "<style></style>", act: later((box, c) => box.firstChild.sheet.insertRule(`.l5::before { content: "${c}"; }`)) },
      "a comment": { hidden: "always", html: (c) => `<style>/* ${c} */ .l6 { color: red; }</style>` },
      "an address": { hidden: "always", html: (c) => `<style>.l7 { background: url("http://img.test/p.png?u=${c}"); }</style><p class="l7">x</p>` },
      "an imported sheet": { hidden: "always", html: (c) => `<style>@import url("http://img.test/s.css?u=${c}");</style>` },
      "a changed property": { hidden: "strict", html: () => "<p>x</p>", act: later((box, c) => box.firstChild.style.setProperty("--user", `"${c}"`)) },
      "content, in another writing": { hidden: "strict", html: (c) => `<style>.l9::before { content: "\\${c.charCodeAt(0).toString(16)} ${c.slice(1)}"; }</style><p class="l9">x</p>` },
      "a property without quotes": { hidden: "strict", html: (c) => `<style>.l12 { --user: ${c}; }</style><p class="l12">x</p>` },
      "a property's name": { hidden: "strict", html: (c) => `<p style="--${c}: 1">x</p>` },
      "a font's name": { hidden: "strict", html: (c) => `<p style="font-family: ${c}">x</p>` },
      "an area's name": { hidden: "strict", html: (c) => `<p style="grid-area: ${c}">x</p>` },
      "a list's signs": { hidden: "strict", html: (c) => `<style>.l10 { list-style-type: "${c}"; }</style><ul><li class="l10">x</ul>` },
      "quotes": { hidden: "strict", html: (c) => `<style>.l11 { quotes: "${c}" "x"; }</style><q class="l11">x</q>` },
    },
  },
  V52: {
    what: "moved, marked and copied",
    variants: {
      "moved under a mask": { hidden: "always", html: () => `<p>x</p><div data-hush="mask"></div>`, act: later((box, c) => { const text = box.firstChild; box.lastChild.append(text); text.textContent = c; }) },
      "a class that marks, in the same moment": { hidden: "always", html: () => "<p>x</p>", act: later((box, c) => { box.firstChild.textContent = c; box.firstChild.classList.add("rr-mask"); }) },
      "a mark above, later": { hidden: "always", html: () => "<div><p>x</p></div>", act: later(async (box, c) => { box.firstChild.dataset.hush = "mask"; await new Promise((resolve) => setTimeout(resolve, 200)); box.querySelector("p").textContent = c; }) },
      "a masked one's copy": { hidden: "always", html: (c) => `<p data-hush="mask">${c}</p>`, act: later((box) => box.append(box.firstChild.cloneNode(true))) },
      "a template's copy": { hidden: "always", html: (c) => `<template><p>${c}</p></template><div data-hush="mask"></div>`, act: later((box) => box.lastChild.append(box.firstChild.content.cloneNode(true))) },
      "in a masked slot": { hidden: "always", run: (box, c) => { box.attachShadow({ mode: "open" }).innerHTML = `<div data-hush="mask"><slot></slot></div>`; box.innerHTML = `<p>${c}</p>`; } },
      "in a masked slot of a closed tree": { hidden: "always", act: later((box, c) => { box.attachShadow({ mode: "closed" }).innerHTML = `<div data-hush="mask"><slot name="s"></slot></div>`; box.innerHTML = `<p slot="s">${c}</p>`; }) },
      "put into a masked slot later": { hidden: "always", run: (box) => { box.attachShadow({ mode: "open" }).innerHTML = `<div data-hush="mask"><slot name="m"></slot></div><slot></slot>`; box.innerHTML = "<p>x</p>"; }, act: later((box, c) => { box.firstChild.slot = "m"; box.firstChild.textContent = c; }) },
      "adopted from a frame": { hidden: "always", html: (c) => `<iframe srcdoc="<p data-hush=mask>${c}</p>"></iframe>`, act: later((box) => box.append(document.adoptNode(box.firstChild.contentDocument.querySelector("p")))) },
    },
  },
  V53: {
    what: "what nobody sees",
    variants: {
      "a comment": { hidden: "always", html: (c) => `<!-- ${c} -->` },
      "for those without scripts": { hidden: "always", html: (c) => `<noscript>${c}</noscript>` },
      "a template": { hidden: "always", html: (c) => `<template>${c}</template>` },
      "data for scripts": { hidden: "always", html: (c) => `<script type="application/json">{"user":"${c}"}</script>` },
      "data for search engines": { hidden: "always", html: (c) => `<script type="application/ld+json">{"name":"${c}"}</script>` },
      "metadata": { hidden: "always", html: (c) => `<meta name="user" content="${c}">` },
      "a drawing's title": { hidden: "strict", html: (c) => `<svg width="9" height="9"><title>${c}</title></svg>` },
      "a drawing's description": { hidden: "strict", html: (c) => `<svg width="9" height="9"><desc>${c}</desc></svg>` },
      "a formula's tag": { hidden: "strict", html: (c) => `<math><${c}>x</${c}></math>` },
      "a drawing's tag": { hidden: "strict", html: (c) => `<svg><${c}>x</${c}></svg>` },
      "a tag that nobody knows": { hidden: "strict", html: (c) => `<${c}>x</${c}>` },
      "a formula": { hidden: "strict", html: (c) => `<math><mi>${c}</mi></math>` },
      "a formula's source": { hidden: "strict", html: (c) => `<math><semantics><mi>x</mi><annotation encoding="text">${c}</annotation></semantics></math>` },
      "a script": { hidden: "always", html: (c) => `<script>window.visitor = "${c}"</script>` },
    },
  },
};
