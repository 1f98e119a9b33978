// Everything that a page can do, one small page for each: the replay is the page, at each moment.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { startHushreel } from "./lib/hushreel.mjs";
import { compare, record, replays } from "./lib/visit.mjs";

const browser = await startBrowser();
const hushreel = await startHushreel();
after(() => hushreel.stop());

/** A page with this in its head and body. */
const html = (body, head = "") => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>${head}</head><body>${body}</body></html>`;

test("dialogs, popovers and what fills the screen stand in the top layer as they did", async () => {
  const { events } = await replays(browser, hushreel, {
    pages: html(
      `<div style="transform:scale(1)"><dialog id="one"><p>One</p><input autofocus></dialog><dialog id="two"><p>Two</p></dialog></div>
       <dialog id="plain"><p>Plain</p></dialog>
       <button popovertarget="menu">Menu</button><div id="menu" popover><p>Menu</p><button popovertarget="sub">More</button></div>
       <div id="sub" popover><p>Sub</p></div><div id="hand" popover="manual">By hand</div>
       <details id="fold"><summary>Fold</summary><p>Folded</p></details>
       <section id="stage" style="width:200px;height:100px;background:teal">Stage</section><div id="host"></div>`,
      `<style>dialog::backdrop{background:rgb(200 0 0/.5)} #two{margin:40px}</style>`,
    ),
    probe: (document) => [
      ...[...document.querySelectorAll("dialog,[popover]")].map((element) => [element.id, element.matches(":modal"), element.matches(":popover-open")].join()),
      document.querySelector("#host").shadowRoot?.querySelector("dialog").matches(":modal") ?? null,
      document.querySelector("#stage").getBoundingClientRect().height > 300,
    ],
    async steps(page, at) {
      await at("nothing");
      await page.evaluate(() => document.querySelector("#one").showModal());
      await at("modal");
      await page.evaluate(() => document.querySelector("#two").showModal());
      await at("modal over modal");
      await page.evaluate(() => document.querySelector("#one").close());
      await at("the lower one closed");
      await page.evaluate(() => {
        document.querySelector("#one").showModal();
      });
      await at("and came on top");
      await page.keyboard.press("Escape");
      await at("the upper one left");
      await page.evaluate(() => {
        document.querySelector("#two").close();
        document.querySelector("#plain").show();
      });
      await at("not modal");
      await page.evaluate(() => {
        const plain = document.querySelector("#plain");
        plain.close();
        plain.showModal();
      });
      await at("modal in one task");
      await page.evaluate(() => document.querySelector("#plain").close());
      await page.click("[popovertarget=menu]");
      await at("popover");
      await page.click("[popovertarget=sub]");
      await at("popover on a popover");
      await page.evaluate(() => document.querySelector("#hand").showPopover());
      await at("a third by hand");
      await page.mouse.click(900, 600);
      await at("dismissed");
      await page.evaluate(() => {
        document.querySelector("#hand").hidePopover();
        document.querySelector("#fold").open = true;
      });
      await at("details");
      await page.evaluate(() => {
        const root = document.querySelector("#host").attachShadow({ mode: "open" });
        root.innerHTML = "<dialog><p>In the shadow</p></dialog>";
        root.firstChild.showModal();
      });
      await at("in a shadow root");
      await page.evaluate(() => document.querySelector("#host").shadowRoot.firstChild.close());
      await page.click("#stage");
      await page.evaluate(() => document.querySelector("#stage").requestFullscreen());
      await at("full screen");
      await page.evaluate(() => document.exitFullscreen());
      await at("back");
      await page.evaluate(() => document.querySelector("#two").showModal());
      await page.evaluate(() => document.querySelector("#two").remove());
      await at("removed while open");
    },
  });
  assert.ok(events.some((event) => event.data.tag === "hushreel.layer"));
});

test("style changes in every way, and the replay follows", async () => {
  await replays(browser, hushreel, {
    pages: {
      "/": html(
        `<p id="a">a</p><p id="b">b</p><p id="c">c</p><p id="d">d</p><p id="e">e</p><p id="f">f</p><p id="g">g</p><p id="h">h</p>
         <div style="container-type:inline-size;width:300px" id="box"><p id="i">i</p></div><div id="host"></div><div id="other"></div>`,
        `<link rel="stylesheet" href="/one.css" id="link"><style id="style">@layer low, high; #a { color: rgb(1, 1, 1); } #b { color: rgb(2, 2, 2); }
          @media (min-width: 10px) { #c { color: rgb(3, 3, 3); } #d { color: rgb(4, 4, 4); } }
          @layer high { #e { color: rgb(5, 5, 5); } } @layer low { #e { color: rgb(6, 6, 6); } }
          #f { color: rgb(7, 7, 7); & em, &:not(.x) { background: rgb(8, 8, 8); } }
          @container (min-width: 200px) { #i { color: rgb(9, 9, 9); } } @supports (display: grid) { #h { margin-left: 3px; } }</style>
         <style id="media" media="print">#g { color: rgb(11, 11, 11); }</style>`,
      ),
      "/one.css": { type: "text/css", body: `@import "/two.css" screen; #h { color: rgb(12, 12, 12); }` },
      "/two.css": { type: "text/css", body: `#g { background: rgb(13, 13, 13); }` },
    },
    probe: (document) =>
      [...document.querySelectorAll("p"), ...["host", "other"].map((id) => document.getElementById(id).shadowRoot?.firstChild)].filter(Boolean).map((element) => {
        const { color, backgroundColor, marginLeft, paddingLeft } = element.ownerDocument.defaultView.getComputedStyle(element);
        return [element.id, color, backgroundColor, marginLeft, paddingLeft].join(" ");
      }),
    async steps(page, at) {
      const change = async (label, work) => {
        await page.evaluate(work);
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 700)));
        await at(label);
      };
      await at("first");
      await change("declarations", () => {
        const { cssRules } = document.querySelector("#style").sheet;
        cssRules[1].style.setProperty("color", "rgb(20, 20, 20)");
        cssRules[1].style.paddingLeft = "5px";
        cssRules[2].style.cssText = "color: rgb(21, 21, 21)";
        cssRules[3].cssRules[0].style.color = "rgb(22, 22, 22)";
        cssRules[3].cssRules[1].style.removeProperty("color");
      });
      await change("selectors and conditions", () => {
        const { cssRules } = document.querySelector("#style").sheet;
        cssRules[1].selectorText = "#b";
        cssRules[3].media.mediaText = "print";
        cssRules[6].cssRules[0].style.setProperty("background", "rgb(23, 23, 23)");
        cssRules[6].insertRule("&.x, & { margin-left: 9px; }", 0);
      });
      await change("in layers and containers", () => {
        const { cssRules } = document.querySelector("#style").sheet;
        cssRules[4].insertRule("#e { padding-left: 4px; }", 1);
        cssRules[7].cssRules[0].style.color = "rgb(24, 24, 24)";
        cssRules[8].deleteRule(0);
        cssRules[8].insertRule("#h { margin-left: 6px; }", 0);
      });
      await change("imported", () => {
        document.querySelector("#link").sheet.cssRules[0].styleSheet.cssRules[0].style.background = "rgb(25, 25, 25)";
      });
      await change("the container", () => (document.querySelector("#box").style.width = "100px"));
      await change("the link is disabled", () => (document.querySelector("#link").disabled = true));
      await change("and back", () => (document.querySelector("#link").disabled = false));
      await change("media by attribute", () => (document.querySelector("#media").media = "all"));
      await change("media by script", () => (document.querySelector("#media").sheet.media.mediaText = "print"));
      await change("no media", () => document.querySelector("#media").removeAttribute("media"));
      await change("by text", () => document.querySelector("#media").append("#g { padding-left: 8px; }"));
      await change("by its text node", () => (document.querySelector("#media").firstChild.data = "#g { color: rgb(26, 26, 26); }"));
      await change("adopted and shared", () => {
        const shared = new CSSStyleSheet();
        shared.replaceSync("p { margin-left: 11px; }");
        const printed = new CSSStyleSheet({ media: "print" });
        printed.replaceSync("p { color: rgb(27, 27, 27); }");
        for (const id of ["host", "other"]) {
          const root = document.getElementById(id).attachShadow({ mode: "open" });
          root.innerHTML = `<p id="in-${id}">in</p>`;
          root.adoptedStyleSheets = [shared, printed];
        }
        document.adoptedStyleSheets = [shared];
        Object.assign(window, { shared, printed });
      });
      await change("changed in place", () => (window.shared.cssRules[0].style.marginLeft = "13px"));
      await change("for other media", () => (window.printed.media.mediaText = "screen"));
      await change("a rule more", () => window.printed.insertRule("p { padding-left: 2px; }", 1));
      await change("replaced", () => window.shared.replace("p { margin-left: 17px; }"));
      await change("disabled", () => (window.shared.disabled = true));
      await change("by an old method", () => document.querySelector("#style").sheet.addRule("#a", "margin-left: 30px", 1));
      await change("no sheet", () => {
        document.adoptedStyleSheets = [];
        document.querySelector("#style").remove();
      });
    },
  });
});

test("what is in forms is shown as it was, whoever put it there", async () => {
  const { events } = await replays(browser, hushreel, {
    pages: html(
      `<form id="form"><input id="text" value="first"><input id="late"><textarea id="area">Words</textarea>
       <input type="checkbox" id="box"><input type="checkbox" id="mixed"><input type="radio" name="way" id="left" checked><input type="radio" name="way" id="right">
       <select id="one"><option>Red</option><option selected>Green</option><option>Red</option></select>
       <select id="many" multiple size="4"><option>A</option><option selected>B</option><option>C</option><option selected>D</option></select>
       <input type="range" id="range" value="20"><input type="color" id="color" value="#00ff00"><input type="date" id="date"><input type="number" id="count">
       <progress id="progress" max="10" value="2"></progress><meter id="meter" max="10" value="3"></meter><output id="out">0</output>
       <p contenteditable id="edit">Write</p><button type="reset">Reset</button></form><div id="rows"></div>`,
      `<style>:checked { outline: 3px solid green } :indeterminate { outline: 3px solid orange } :placeholder-shown { background: #eee }</style>`,
    ),
    probe: (document) => [
      ...[...document.querySelectorAll("input")].map(({ id, value, checked, indeterminate }) => [id, value, checked, indeterminate].join()),
      ...[...document.querySelectorAll("select")].map(({ selectedOptions }) => Array.from(selectedOptions, ({ index }) => index).join()),
      ...[...document.querySelectorAll("progress, meter")].map(({ value }) => value),
      document.querySelector("#area")?.value,
    ],
    async steps(page, at) {
      await at("as it came");
      await page.fill("#late", "typed");
      await page.fill("#area", "Other words\nand lines");
      await at("typed");
      await page.evaluate(() => (document.querySelector("#late").value = ""));
      await at("cleared by a framework");
      await page.evaluate(() => {
        document.querySelector("#text").value = "by script";
        document.querySelector("#box").checked = true;
        document.querySelector("#mixed").indeterminate = true;
        document.querySelector("#right").checked = true;
        document.querySelector("#one").selectedIndex = 2;
        document.querySelector("#many").options[0].selected = true;
      });
      await page.evaluate(() => document.body.append("!"));
      await at("set by script");
      await page.selectOption("#many", ["C", "D"]);
      await page.selectOption("#one", { index: 0 });
      await at("chosen");
      await page.selectOption("#many", []);
      await page.click("#mixed");
      await at("nothing chosen");
      await page.evaluate(() => (document.querySelector("#one").selectedIndex = -1));
      for (const [id, value] of [["range", "77"], ["color", "#ff0000"], ["date", "2024-05-06"], ["count", "42"]]) await page.fill(`#${id}`, value);
      await page.evaluate(() => {
        document.querySelector("#progress").value = 7;
        document.querySelector("#meter").value = 9;
        document.querySelector("#out").value = "77";
      });
      await at("other kinds");
      await page.click("#edit");
      await page.keyboard.type("more ");
      await at("edited in place");
      await page.click("[type=reset]");
      await at("reset");
      await page.evaluate(() => {
        const rows = document.querySelector("#rows");
        for (let row = 0; row < 600; row++) rows.insertAdjacentHTML("beforeend", `<input type="checkbox" id="row-${row}">`);
      });
      await page.check("#row-599");
      await at("the last of many");
    },
  });
  assert.ok(events.some((event) => event.data.selected));
});

/** A second of silence. */
function silence() {
  const [rate, bytes] = [8000, 8000];
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(bytes, 40);
  return Buffer.concat([head, Buffer.alloc(bytes, 128)]);
}

test("video and sound stand in the replay as they played, and a video keeps its size", async () => {
  const { events } = await replays(
    browser,
    hushreel,
    {
      pages: {
        "/": html(`<audio id="sound" src="/sound.wav" controls loop></audio><p>Between</p><video id="video" style="display:block" muted></video><p id="below">Below</p>`),
        "/sound.wav": { type: "audio/wav", body: silence() },
      },
      probe: (document) => {
        const live = document.defaultView === window;
        return [...document.querySelectorAll("audio, video")].map((media) => {
          const { width, height } = media.getBoundingClientRect();
          const playing = live ? !media.paused : media.getAttribute("data-hushreel-media") === "playing";
          return [media.id, playing, media.muted, media.volume, media.playbackRate, width, height].join();
        });
      },
      async steps(page, at) {
        await at("silent");
        await page.evaluate(() => document.querySelector("#sound").play());
        await at("plays");
        await page.evaluate(() => Object.assign(document.querySelector("#sound"), { volume: 0.5, playbackRate: 1.5 }));
        await at("quieter and faster");
        await page.evaluate(() => Object.assign(document.querySelector("#sound"), { muted: true, currentTime: 0.5 }));
        await at("muted and elsewhere");
        await page.evaluate(() => document.querySelector("#sound").pause());
        await at("paused");
        await page.evaluate(async () => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
          const draw = () => canvas.getContext("2d").fillRect(Math.random() * 300, 0, 20, 20);
          draw();
          const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
          const data = new Promise((resolve) => (recorder.ondataavailable = resolve));
          recorder.start();
          for (let frame = 0; frame < 12; frame++) {
            draw();
            await new Promise(requestAnimationFrame);
          }
          recorder.stop();
          const video = document.querySelector("#video");
          const sized = new Promise((resolve) => (video.onloadeddata = resolve));
          video.src = URL.createObjectURL((await data).data);
          await sized;
        });
        await at("a video of 320 by 180");
        await page.evaluate(() => {
          const video = document.querySelector("#video");
          video.loop = true;
          return video.play();
        });
        await at("that plays");
        await page.evaluate(() => document.body.prepend(document.querySelector("#video")));
        await at("moved");
      },
    },
    { pixels: 0.5 },
  );
  assert.ok(events.some((event) => event.data.source === 7));
});

test("canvases show what was drawn, where the policy shows text and media", async () => {
  const pages = html(
    `<canvas id="flat" width="300" height="200"></canvas><canvas id="space" width="200" height="100"></canvas>
     <div class="rr-mask"><canvas id="masked" width="100" height="50"></canvas></div><div id="host"></div><p>Below</p>`,
    `<style>canvas { display: block; border: 2px solid; width: 50% } #space { width: auto; } #masked { width: 40px; }</style>`,
  );
  const steps = async (page, at) => {
    await page.evaluate(() => {
      const draw = (id, color) => {
        const context = document.getElementById(id).getContext("2d");
        context.fillStyle = color;
        context.fillRect(50, 20, 200, 100);
      };
      draw("flat", "rgb(200, 0, 0)");
      draw("masked", "rgb(0, 0, 200)");
      const gl = document.querySelector("#space").getContext("webgl");
      const frame = () => {
        gl?.clearColor(0, 0.6, 0, 1);
        gl?.clear(gl.COLOR_BUFFER_BIT);
        requestAnimationFrame(frame);
      };
      frame();
      window.draw = draw;
    });
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3500)));
    await at("drawn");
    await page.evaluate(() => {
      window.draw("flat", "rgb(0, 0, 0)");
      const root = document.querySelector("#host").attachShadow({ mode: "open" });
      const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 60 });
      canvas.getContext("2d").fillRect(0, 0, 60, 60);
      root.append(canvas);
      document.body.append(document.querySelector("#flat"));
    });
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3500)));
    await at("drawn over, and moved");
    await page.evaluate(() => {
      const flat = document.querySelector("#flat");
      flat.getContext("2d").clearRect(0, 0, 300, 200);
      flat.width = 200;
    });
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2500)));
    await at("empty, and of another size");
  };
  const probe = (document) => [...document.querySelectorAll("canvas")].map((canvas) => {
    const { width, height } = canvas.getBoundingClientRect();
    return [canvas.id, width, height].join();
  });
  const told = ({ events }) => events.filter((event) => event.data.tag === "hushreel.canvas").length;
  const full = await record(browser, hushreel, { pages, steps, probe });
  assert.ok(told(full) >= 5, `${told(full)} pictures`);
  // The masked one is empty in the replay, which is as it should be.
  await compare(browser, hushreel, full, { pixels: 0.98 });
  const balanced = await record(browser, hushreel, { pages, steps: async (page, at) => (await steps(page, () => {}), await at("end")), probe, site: { preset: "balanced" } });
  assert.equal(told(balanced), 0);
  assert.deepEqual(balanced.moments.map(({ probed }) => probed.length), [3]);
});

test("a page that scrolls smoothly is shown where it was, at once", async () => {
  const rows = Array.from({ length: 60 }, (_, row) => `<p style="height:60px">row ${row}</p>`).join("");
  await replays(browser, hushreel, {
    pages: html(rows, "<style>html { scroll-behavior: smooth }</style>"),
    probe: (document) => Math.round(document.defaultView.scrollY),
    async steps(page, at) {
      await at("at the top");
      await page.evaluate(() => new Promise((resolve) => (addEventListener("scrollend", resolve, { once: true }), scrollTo(0, 2_000))));
      await at("scrolled");
    },
  });
});

test("frames, shadow roots and other trees are told however they come", async () => {
  let go;
  const later = new Promise((resolve) => (go = resolve));
  await replays(browser, hushreel, {
    pages: {
      "/": html(
        `<iframe id="outer" srcdoc="<!doctype html><p>outer</p><iframe id='inner' srcdoc='<!doctype html><p>inner</p>'></iframe>" style="width:300px;height:200px"></iframe>
         <div id="left"><p>left</p></div><div id="right"></div>
         <article><template shadowrootmode="open"><style>p { color: teal }</style><p>declared <slot name="title"></slot></p><slot></slot></template><b slot="title">title</b><i>rest</i></article>
         <svg id="svg" width="120" height="60" viewBox="0 0 120 60"><defs><linearGradient id="fade"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>
           <symbol id="dot" viewBox="0 0 10 10"><circle cx="5" cy="5" r="5"/></symbol></defs><rect width="60" height="60" fill="url(#fade)"/><use xlink:href="#dot" x="70" width="20" height="20"/>
           <foreignObject x="60" y="20" width="60" height="40"><p style="margin:0">foreign</p></foreignObject></svg>
         <math id="math"><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msqrt><mi>b</mi></msqrt></mfrac></math>
         <template id="template"><p>unseen</p></template><x-late id="custom"><p>light</p></x-late>`,
      ),
      "/slow.html": {
        type: "text/html; charset=utf-8",
        parts: [`<!doctype html><html><head><title>Slow</title></head><body><p>first part</p><section id="host">`, `<template shadowrootmode="open"><em>declared late</em><slot></slot></template><p>light</p></section></body></html>`],
        go: later,
      },
    },
    probe: (document) => {
      const told = [];
      const look = (root, depth) => {
        for (const element of root.querySelectorAll("*")) {
          if (/^(script|noscript|base|meta|title|style|link|head)$/.test(element.localName)) continue;
          const { width, height } = element.getBoundingClientRect();
          told.push([depth, element.namespaceURI.slice(-4), element.localName, Math.round(width), Math.round(height)].join(" "));
          if (element.shadowRoot) look(element.shadowRoot, depth + 1);
          if (element.contentDocument) look(element.contentDocument, depth + 1);
        }
      };
      look(document.body, 0);
      return told;
    },
    async steps(page, at) {
      const change = async (label, work) => {
        await page.evaluate(work);
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 700)));
        await at(label);
      };
      await at("as it came");
      await change("a frame in a frame is written", () => {
        const inner = document.querySelector("#outer").contentDocument.querySelector("#inner").contentDocument;
        inner.open();
        inner.write("<!doctype html><p>written</p>");
        inner.close();
      });
      await change("and changes", () => document.querySelector("#outer").contentDocument.querySelector("#inner").contentDocument.body.append("more"));
      await change("a blob and a late source", () => {
        const blob = document.createElement("iframe");
        blob.src = URL.createObjectURL(new Blob(["<!doctype html><p>blob</p>"], { type: "text/html" }));
        const late = document.createElement("iframe");
        late.id = "late";
        document.body.append(blob, late);
        setTimeout(() => (late.srcdoc = "<!doctype html><p>late</p>"), 50);
      });
      await change("a frame is moved", () => document.querySelector("#right").append(document.querySelector("#late")));
      await change("and moved without loading", () => document.querySelector("#left").moveBefore(document.querySelector("#late"), null));
      await change("a node goes into a frame", () => {
        const { body } = document.querySelector("#late").contentDocument;
        body.append(document.querySelector("#left p"));
      });
      await change("and comes back", () => document.querySelector("#right").append(document.querySelector("#late").contentDocument.body.lastElementChild));
      await change("a custom element is upgraded", () => {
        customElements.define("x-late", class extends HTMLElement {
          constructor() {
            super();
            this.attachShadow({ mode: "open" }).innerHTML = "<p>upgraded</p><slot></slot>";
          }
        });
      });
      await change("declared in markup that a script sets", () => {
        document.querySelector("#right").setHTMLUnsafe(`<aside><template shadowrootmode="open"><p>unsafe</p><slot></slot></template>slotted</aside>`);
      });
      await change("slots change", () => {
        document.querySelector("article b").slot = "";
        document.querySelector("article i").slot = "title";
      });
      await change("numbers and drawings change", () => {
        document.querySelector("#math mi").after(document.createElementNS("http://www.w3.org/1998/Math/MathML", "msup"));
        document.querySelector("#math msup").innerHTML = "<mi>x</mi><mn>2</mn>";
        document.querySelector("#svg rect").setAttribute("width", "30");
        document.querySelector("#svg").insertAdjacentHTML("beforeend", `<path d="M0 0L20 20" stroke="green" stroke-width="4"/>`);
      });
      await change("a frame that loads slowly", () => {
        const slow = document.createElement("iframe");
        slow.src = "/slow.html";
        document.body.append(slow);
      });
      go();
      await change("has loaded", () => {});
      await change("the page writes itself anew", () => {
        document.open();
        document.write(`<!doctype html><html><head><title>Anew</title></head><body><p>anew</p><input id="field"></body></html>`);
        document.close();
      });
      await page.fill("#field", "typed");
      await change("and goes on", () => document.querySelector("p").append(" and on"));
    },
  });
});

test("where the pointer and the focus are, style follows them", async () => {
  const { events } = await replays(
    browser,
    hushreel,
    {
      pages: html(
        `<p id="sheet">In a sheet</p><p id="rule">In an inserted rule</p><div id="host"></div><fieldset id="set"><button id="button">Button</button><input id="input"></fieldset>
         <div id="thing" draggable="true">Drag me</div><div id="place">Here</div>`,
        `<style id="style">p, div { margin: 6px; padding: 6px } #sheet:hover { color: rgb(1, 0, 0) } @media (min-width: 1px) { fieldset:focus-within { border-color: rgb(2, 0, 0) } }
          :focus { background: rgb(3, 0, 0) } :focus-visible { color: rgb(4, 0, 0) } #place:hover { color: rgb(5, 0, 0) }</style>`,
      ),
      probe: (document) =>
        ["sheet", "rule", "set", "button", "input", "place"].map((id) => document.getElementById(id)).concat(document.querySelector("#host").shadowRoot?.firstChild ?? []).map((element) => {
          const { color, backgroundColor, borderTopColor } = document.defaultView.getComputedStyle(element);
          return [element.id, color, backgroundColor, borderTopColor].join(" ");
        }),
      async steps(page, at) {
        await page.evaluate(() => {
          document.querySelector("#style").sheet.insertRule("#rule:hover { color: rgb(6, 0, 0) }", 0);
          const root = document.querySelector("#host").attachShadow({ mode: "open" });
          root.innerHTML = "<p id='in'>In a shadow root</p>";
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("p:hover { color: rgb(7, 0, 0) }");
          root.adoptedStyleSheets = [sheet];
        });
        for (const id of ["sheet", "rule", "in"]) {
          await page.hover(`#${id}`);
          await at(`over ${id}`);
        }
        await page.click("#button");
        await at("focus by the pointer");
        await page.keyboard.press("Shift");
        await page.keyboard.press("Tab");
        await at("focus in a field");
        await page.keyboard.press("Shift+Tab");
        await at("focus by the keyboard");
        await page.evaluate(() => document.activeElement.blur());
        await page.dragAndDrop("#thing", "#place");
        await page.hover("#sheet");
        await page.pdf();
        await at("dragged, and printed");
      },
    },
    { pixels: 0.97 },
  );
  const moved = events.filter((event) => event.data.source === 1).flatMap((event) => event.data.positions);
  const node = (tag, id) => JSON.stringify(events.find((event) => event.type === 2)).match(new RegExp(`"attributes":\\{"id":"${id}"[^}]*\\},"id":(\\d+)`))?.[1];
  assert.ok(moved.some((point) => String(point.id) === node("div", "place")), "the way of what was dragged is told");
  assert.deepEqual(events.filter((event) => event.data.source === 4), [], "printing changes no window");
});

test("on a phone, what part of the page is in sight is told", async () => {
  const phone = { viewport: { width: 390, height: 700 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1 };
  const { events } = await record(browser, hushreel, {
    pages: html(`<p>A page</p><button id="button">Touch</button><div style="height:2000px"></div>`, `<meta name="viewport" content="width=device-width">`),
    window: phone,
    async steps(page, at) {
      await page.tap("#button");
      const session = await page.context().newCDPSession(page);
      await session.send("Emulation.setPageScaleFactor", { pageScaleFactor: 2 });
      await at("zoomed");
      await session.send("Emulation.setPageScaleFactor", { pageScaleFactor: 1 });
      await page.setViewportSize({ width: 700, height: 390 });
      await at("turned");
    },
  });
  const zooms = events.filter((event) => event.data.tag === "hushreel.zoom").map(({ data }) => data.payload);
  assert.ok(zooms.some(({ scale, width }) => scale === 2 && width === 195), JSON.stringify(zooms));
  assert.equal(zooms.at(-1).scale, 1);
  assert.deepEqual(events.filter((event) => event.data.source === 4).map(({ data }) => data.width).at(-1), 700);
  assert.ok([7, 9].every((type) => events.some(({ data }) => data.source === 2 && data.type === type)), "a finger");
});

/** A visit to a page that fails, writes to the console, asks its server, and tells of itself; its custom events, by name. */
async function notes(site, policy) {
  const { events, item } = await record(browser, hushreel, {
    site,
    policy,
    throws: true,
    pages: {
      "/": html(`<h1>Orders</h1><p id="late"></p>`, `<script>window.hushreel=function(){(hushreel.q=hushreel.q||[]).push(arguments)};hushreel("event","page.seen",{part:"top"});hushreel("tag","plan","free-marker")</script>`),
      "/api/orders/4711": { type: "application/json", body: "[]" },
    },
    async steps(page, at) {
      await page.evaluate(async () => {
        console.warn("warned-marker", 3, "iris@example.org", { secret: "object-canary" });
        await (await fetch("/api/orders/4711?token=query-canary", { headers: { "x-canary": "header-canary" } })).text();
        await fetch("/api/nothing").catch(() => {});
        setTimeout(() => {
          throw new TypeError("failed-marker for iris@example.org");
        });
        void Promise.reject(new RangeError("rejected-marker"));
        hushreel("event", "cart.add", { sku: "fern-marker", mail: "iris@example.org", "not a name": 1, thing: { deep: "object-canary" } });
        hushreel("event", "iris@example.org", {});
        document.querySelector("#late").textContent = "late";
        await new Promise((resolve) => setTimeout(resolve, 300));
      });
      await page.click("h1");
      await at("done");
    },
  });
  const told = {};
  for (const { type, data } of events) if (type === 5) (told[data.tag.replace("hushreel.", "")] ??= []).push(data.payload);
  return { told, item, all: JSON.stringify(events) };
}

test("vitals, errors and what the page says of itself are told, hidden as its text is", async () => {
  const { told, all } = await notes({}, { console: "redact", network: "redact" });
  assert.deepEqual(told.event.map(({ name }) => name), ["page.seen", "cart.add", "visit.end"]);
  assert.equal(told.event[1].properties.sku, "fern-marker");
  assert.deepEqual(Object.keys(told.event[1].properties), ["sku", "mail", "thing"]);
  assert.deepEqual(told.tag, [{ name: "plan", value: "free-marker" }]);
  assert.deepEqual(told.error.map(({ name }) => name).sort(), ["RangeError", "TypeError"]);
  assert.ok(told.error.some(({ message }) => message.includes("failed-marker for ••••")), JSON.stringify(told.error));
  assert.deepEqual(told.console.map(({ level }) => level), ["warn"]);
  assert.ok(told.console[0].message.startsWith("warned-marker 3 ••••"));
  assert.deepEqual(told.request.map(({ url, status }) => [new URL(url).pathname + new URL(url).search, status]), [["/api/orders/4711", 200], ["/api/nothing", 404]]);
  const names = new Set(told.vital.map(({ name }) => name));
  for (const name of ["TTFB", "FCP", "LCP"]) assert.ok(names.has(name), [...names].join());
  assert.ok(!all.includes("canary") && !all.includes("iris@"));
});

test("by default nothing is told of the console and of requests, and under a mask only that something was said", async () => {
  const full = await notes({}, null);
  assert.deepEqual([full.told.console, full.told.request], [undefined, undefined]);
  const strict = await notes({ preset: "strict" }, { console: "redact", network: "meta" });
  assert.match(strict.told.console[0].message, /^█+$|^(█+ ?)+$/);
  assert.deepEqual(strict.told.request.map(({ url, status }) => [url, status]), [["", 200], ["", 404]]);
  assert.match(strict.told.event[1].properties.sku, /^(█+ ?)+$/);
  for (const word of ["marker", "canary", "iris", "orders", "Orders"]) assert.ok(!strict.all.includes(word), word);
});
