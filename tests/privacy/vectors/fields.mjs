// Secrets and writing in forms: V1 to V10, V29, V30.
import { card, digits } from "../lib/canary.mjs";

const type = (selector) => async (page, canary) => {
  await page.locator(selector).click();
  await page.keyboard.type(canary);
};

export const fields = {
  V1: {
    what: "a password in the first snapshot",
    variants: {
      "as markup": { hidden: "always", html: (c) => `<input type="password" value="${c}">` },
      "in capitals": { hidden: "always", html: (c) => `<input TYPE="PassWord" value="${c}">` },
      "set by a script": { hidden: "always", html: () => `<input type="password">`, run: (box, c) => (box.firstChild.value = c) },
      "in a shadow tree": { hidden: "always", run: (box, c) => (box.attachShadow({ mode: "open" }).innerHTML = `<input type="password" value="${c}">`) },
      "in a closed shadow tree": { hidden: "always", run: (box, c) => (box.attachShadow({ mode: "closed" }).innerHTML = `<input type="password" value="${c}">`) },
      "in a frame": { hidden: "always", html: (c) => `<iframe srcdoc="<input type=password value=${c}>"></iframe>` },
      "by its autocomplete": { hidden: "always", html: (c) => `<input autocomplete="section-a current-password" value="${c}">` },
      "in a label": { hidden: "always", html: (c) => `<label>Heslo <input value="${c}"></label>` },
    },
  },
  V2: {
    what: "a password that is shown",
    variants: {
      "by its property": { hidden: "always", html: () => `<input type="password" class="a1">`, act: typeThen(".a1", (field) => (field.type = "text")) },
      "by its attribute, in capitals": { hidden: "always", html: () => `<input type="password" class="a2">`, act: typeThen(".a2", (field) => field.setAttribute("TYPE", "TEXT")) },
      "without a type": { hidden: "always", html: () => `<input type="password" class="a3">`, act: typeThen(".a3", (field) => field.removeAttribute("type")) },
      "by another element of its name": {
        hidden: "always",
        html: () => `<form><input type="password" class="a4" name="f4"></form>`,
        act: typeThen(".a4", (field) => {
          const other = document.createElement("input");
          Object.assign(other, { type: "text", name: field.name, value: field.value });
          field.replaceWith(other);
          other.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }),
      },
      "by a copy of it": {
        hidden: "always",
        html: () => `<form><input type="password" class="a5" id="f5"></form>`,
        act: typeThen(".a5", (field) => {
          const other = field.cloneNode(true);
          other.type = "text";
          other.value = field.value;
          field.replaceWith(other);
          other.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }),
      },
      "and typed on": {
        hidden: "always",
        html: () => `<input type="password" class="a6">`,
        async act(page, c) {
          await page.locator(".a6").click();
          await page.keyboard.type(c.slice(0, 4));
          await page.locator(".a6").evaluate((field) => (field.type = "text"));
          await page.keyboard.type(c.slice(4));
        },
      },
      "that was dots by style alone": { hidden: "always", html: () => `<style>.a7 { -webkit-text-security: disc; }</style><input class="a7">`, act: type(".a7") },
      "as text of the page": { hidden: "always", html: () => `<input type="password" class="a9"><span></span>`, act: typeThen(".a9", (field) => (field.nextSibling.textContent = `It is ${field.value}`)) },
      "as another field of no name": {
        hidden: "always",
        html: () => `<input type="password" class="a10"><input>`,
        act: typeThen(".a10", (field) => {
          field.nextSibling.value = field.value;
          field.nextSibling.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }),
      },
      "beside itself, as text": {
        hidden: "always",
        html: () => `<input type="password" class="a8"><input type="text" name="password_visible" class="a8b">`,
        act: typeThen(".a8", (field) => {
          field.nextSibling.value = field.value;
          field.nextSibling.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }),
      },
    },
  },
  V3: {
    what: "secrets typed into ordinary fields",
    variants: {
      "one-time code": { hidden: "always", form: digits, html: () => `<input autocomplete="one-time-code" class="b1">`, act: type(".b1") },
      "PIN by its name": { hidden: "always", form: digits, html: () => `<input type="tel" name="userPin" class="b2">`, act: type(".b2") },
      "card by its label": { hidden: "always", form: digits, html: () => `<label>Card number <input class="b3"></label>`, act: type(".b3") },
      "code by its placeholder": { hidden: "always", form: digits, html: () => `<input placeholder="CVV" class="b4">`, act: type(".b4") },
      "Czech birth number": { hidden: "always", form: digits, html: () => `<label for="b5">Rodné číslo</label><input id="b5" class="b5">`, act: type(".b5") },
      "by the words it is labelled by": { hidden: "always", form: digits, html: () => `<span id="b6l">Card number</span><input aria-labelledby="b6l" class="b6">`, act: type(".b6") },
      "by its group's legend": { hidden: "always", form: digits, html: () => `<fieldset><legend>Security code</legend><input class="b7"></fieldset>`, act: type(".b7") },
      "by the words before it": { hidden: "always", form: digits, html: () => `<p>Card number: <input class="b14"></p>`, act: type(".b14") },
      "by the cell before it": { hidden: "always", form: digits, html: () => `<table><tr><td>Card number<td><input class="b15"></table>`, act: type(".b15") },
      "in an editable element": { hidden: "always", form: digits, html: () => `<div contenteditable aria-label="Card number" class="b16">x</div>`, act: type(".b16") },
      "in a text box by its role": { hidden: "always", form: digits, html: (c) => `<div role="textbox" aria-label="PIN">${c}</div>` },
      "by its host": { hidden: "always", form: digits, html: () => `<x-field label="IBAN" class="b18"></x-field>`, run: (box) => (box.firstChild.attachShadow({ mode: "open" }).innerHTML = `<input class="b18i">`), act: type(".b18i") },
      "by its title": { hidden: "always", form: digits, html: () => `<input title="IBAN" class="b8">`, act: type(".b8") },
      "marked as sensitive": { hidden: "always", html: () => `<div data-hush="sensitive"><input class="b9"></div>`, act: type(".b9") },
      "marked for Smartsupp": { hidden: "always", html: () => `<input data-recording-sensitive class="b10">`, act: type(".b10") },
      "card by its autocomplete": { hidden: "always", form: card, html: () => `<input autocomplete="cc-number" class="b11">`, act: type(".b11") },
      "health, in a text area": { hidden: "always", html: () => `<label>Diagnosis <textarea class="b12"></textarea></label>`, act: type(".b12") },
      "a letter a field": {
        hidden: "always",
        form: digits,
        html: () => `<fieldset aria-label="Verification code">${'<input maxlength="1" class="b13">'.repeat(7)}</fieldset>`,
        async act(page, c) {
          for (const [at, digit] of [...c].entries()) await page.locator(".b13").nth(at).fill(digit);
        },
        naive: "a letter a field",
      },
    },
  },
  V4: {
    what: "a value mirrored into attributes",
    variants: {
      "a password's": { hidden: "always", html: () => `<input type="password" class="c1">`, act: typeThen(".c1", (field) => field.setAttribute("value", field.value)) },
      "a text's": { hidden: "balanced", html: () => `<input class="c2">`, act: typeThen(".c2", (field) => field.setAttribute("value", field.value)) },
      "a text area's, for its height": { hidden: "balanced", html: () => `<div><textarea class="c3"></textarea></div>`, act: typeThen(".c3", (field) => (field.parentNode.dataset.replicatedValue = field.value)) },
      "as data": { hidden: "balanced", html: () => `<input class="c4">`, act: typeThen(".c4", (field) => field.setAttribute("data-value", field.value)) },
      "as what it last was": { hidden: "balanced", html: () => `<input class="c5">`, act: typeThen(".c5", (field) => field.setAttribute("data-last-value", field.value)) },
      "a slider's words": { hidden: "strict", html: () => `<div role="slider" class="c6"></div>`, act: (page, c) => page.locator(".c6").evaluate((element, text) => element.setAttribute("aria-valuetext", text), c) },
      "a secret's, on another element": { hidden: "always", html: () => `<input type="password" class="c8">`, act: typeThen(".c8", (field) => (document.body.dataset.last = field.value)) },
      "a text's, as text of the page": { hidden: "balanced", html: () => `<input class="c9"><p></p>`, act: typeThen(".c9", (field) => (field.nextSibling.textContent = `Results for ${field.value}`)) },
      "a text area's, in its mirror": {
        hidden: "balanced",
        html: () => `<textarea class="c10"></textarea><pre></pre>`,
        async act(page, c) {
          await page.locator(".c10").evaluate((field) => field.addEventListener("input", () => setTimeout(() => (field.nextSibling.textContent = field.value), 60)));
          await page.locator(".c10").click();
          await page.keyboard.type(c, { delay: 40 });
        },
      },
      "a text's, in the page's title": { hidden: "balanced", shown: false, html: () => `<input class="c12">`, act: typeThen(".c12", (field) => { document.title = `Search: ${field.value}`; history.pushState(null, "", "/searched"); }) },
      "a secret's, told as an event": { hidden: "always", html: () => `<input type="password" class="c13">`, act: typeThen(".c13", (field) => window.hushreel?.("event", "typed", { text: field.value })) },
      "a text's, as a title": { hidden: "balanced", html: () => `<input class="c11">`, act: typeThen(".c11", (field) => (field.title = field.value)) },
      "a secret's, elsewhere": { hidden: "always", html: () => `<input type="password" class="c7">`, act: typeThen(".c7", (field) => field.setAttribute("data-pwd", field.value)) },
    },
  },
  V5: {
    what: "text areas",
    variants: {
      "as markup": { hidden: "balanced", html: (c) => `<textarea>${c}</textarea>` },
      "set by a script": { hidden: "balanced", html: () => `<textarea class="d2"></textarea>`, act: (page, c) => page.locator(".d2").evaluate((field, text) => (field.value = text), c) },
      "by its text": { hidden: "balanced", html: () => `<textarea class="d3">x</textarea>`, act: (page, c) => page.locator(".d3").evaluate((field, text) => (field.firstChild.data = text), c) },
      "by what it is reset to": { hidden: "balanced", html: () => `<textarea class="d4"></textarea>`, act: (page, c) => page.locator(".d4").evaluate((field, text) => (field.defaultValue = text), c) },
      "typed": { hidden: "balanced", html: () => `<textarea class="d5"></textarea>`, act: type(".d5") },
      "children replaced": { hidden: "balanced", html: () => `<textarea class="d6"></textarea>`, act: (page, c) => page.locator(".d6").evaluate((field, text) => field.replaceChildren(text), c) },
      "made later": { hidden: "balanced", act: (page, c, box) => page.evaluate(([id, text]) => (document.getElementById(id).innerHTML = `<textarea>${text}</textarea>`), [box, c]) },
    },
  },
  V6: {
    what: "hidden inputs",
    variants: {
      "as markup": { hidden: "always", html: (c) => `<input type="hidden" name="e1" value="${c}">` },
      "in capitals": { hidden: "always", html: (c) => `<input type="HIDDEN" name="e2" value="${c}">` },
      "made later": { hidden: "always", act: (page, c, box) => page.evaluate(([id, text]) => (document.getElementById(id).innerHTML = `<input type="hidden" value="${text}">`), [box, c]) },
      "shown later": { hidden: "always", html: (c) => `<input type="hidden" class="e4" value="${c}">`, act: (page) => page.locator(".e4").evaluate((field) => (field.type = "text")) },
      "changed later": { hidden: "always", html: () => `<input type="hidden" class="e5">`, act: (page, c) => page.locator(".e5").evaluate((field, text) => field.setAttribute("value", text), c) },
      "in a frame": { hidden: "always", html: (c) => `<iframe srcdoc="<form><input type=hidden value=${c}></form>"></iframe>` },
    },
  },
  V7: {
    what: "choices",
    variants: {
      "an option's words": { hidden: "balanced", html: (c) => `<select><option>${c}</select>` },
      "an option's value": { hidden: "balanced", shown: false, html: (c) => `<select><option value="${c}">x</select>` },
      "an option's label": { hidden: "balanced", html: (c) => `<select><option label="${c}"></option></select>` },
      "a group's label": { hidden: "balanced", html: (c) => `<select><optgroup label="${c}"><option>x</optgroup></select>` },
      "a list of suggestions": { hidden: "balanced", html: (c) => `<input list="g5"><datalist id="g5"><option>${c}</datalist>` },
      "a suggestion's value": { hidden: "balanced", shown: false, html: (c) => `<input list="g6"><datalist id="g6"><option value="${c}"></datalist>` },
      "an option's inner words": { hidden: "balanced", run: (box, c) => { const option = new Option(); option.append(Object.assign(document.createElement("span"), { textContent: c })); box.append(Object.assign(document.createElement("select"), { multiple: true })); box.firstChild.append(option); } },
      "an option's title": { hidden: "balanced", html: (c) => `<select><option title="${c}">x</select>` },
      "added by a script": { hidden: "balanced", html: () => `<select class="g7"></select>`, act: (page, c) => page.locator(".g7").evaluate((field, text) => field.add(new Option(text, text)), c) },
      "chosen": { hidden: "balanced", html: (c) => `<select class="g8"><option>a<option>${c}</select>`, act: (page) => page.locator(".g8").evaluate((field) => { field.selectedIndex = 1; field.dispatchEvent(new Event("change", { bubbles: true })); }) },
    },
  },
  V8: {
    what: "boxes and their words",
    variants: {
      "a box's value": { hidden: "balanced", shown: false, html: (c) => `<input type="checkbox" value="${c}">` },
      "a radio's value": { hidden: "balanced", shown: false, html: (c) => `<input type="radio" value="${c}" checked>` },
      "its label": { hidden: "strict", html: (c) => `<label><input type="checkbox">${c}</label>` },
      "its label by attribute": { hidden: "strict", html: (c) => `<input type="radio" aria-label="${c}">` },
      "its name": { hidden: "strict", html: (c) => `<input type="radio" name="${c}">` },
      "a value changed when it is ticked": { hidden: "balanced", shown: false, html: () => `<input type="checkbox" class="h6">`, act: (page, c) => page.locator(".h6").evaluate((field, text) => { field.value = text; field.click(); }, c) },
    },
  },
  V9: {
    what: "words on buttons",
    variants: {
      "submit": { hidden: "strict", html: (c) => `<input type="submit" value="${c}">` },
      "reset": { hidden: "strict", html: (c) => `<input type="reset" value="${c}">` },
      "button": { hidden: "strict", html: (c) => `<button>${c}</button>` },
      "picture": { hidden: "strict", html: (c) => `<input type="image" alt="${c}">` },
      "a button's value": { hidden: "strict", html: (c) => `<button value="${c}">x</button>` },
      "changed by a script": { hidden: "strict", html: () => `<input type="button" class="i6">`, act: (page, c) => page.locator(".i6").evaluate((field, text) => (field.value = text), c) },
    },
  },
  V10: {
    what: "editable text",
    variants: {
      "as markup": { hidden: "balanced", html: (c) => `<div contenteditable>${c}</div>` },
      "typed": { hidden: "balanced", html: () => `<div contenteditable="true" class="j2">x</div>`, act: type(".j2") },
      "plain text only": { hidden: "balanced", html: () => `<div contenteditable="plaintext-only" class="j3">x</div>`, act: type(".j3") },
      "a text box by its role": { hidden: "balanced", html: (c) => `<div role="textbox"><p>${c}</p></div>` },
      "inserted": { hidden: "balanced", html: () => `<div contenteditable class="j5">x</div>`, act: async (page, c) => { await page.locator(".j5").click(); await page.keyboard.insertText(c); } },
      "a whole document": {
        hidden: "balanced",
        html: () => `<iframe class="j6"></iframe>`,
        act: (page, c) => page.locator(".j6").evaluate((frame, text) => { frame.contentDocument.designMode = "on"; frame.contentDocument.body.textContent = text; }, c),
      },
      "made so later": { hidden: "balanced", html: () => `<div class="j7">x</div>`, act: async (page, c) => { await page.locator(".j7").evaluate((element) => (element.contentEditable = "true")); await type(".j7")(page, c); } },
      "undone": { hidden: "balanced", html: () => `<div contenteditable class="j8">x</div>`, act: async (page, c) => { await type(".j8")(page, c); await page.keyboard.press("Control+z"); await page.keyboard.press("Control+Shift+z"); } },
      "editable by style": { hidden: "balanced", html: (c) => `<div style="-webkit-user-modify: read-write">${c}</div>` },
    },
  },
  V29: {
    what: "typed and abandoned",
    variants: {
      "in a field": { hidden: "balanced", html: () => `<form><input class="k1"></form>`, act: type(".k1") },
      "and taken away": { hidden: "balanced", html: () => `<input class="k2">`, act: async (page, c) => { await type(".k2")(page, c); await page.locator(".k2").evaluate((field) => field.remove()); } },
      "and emptied": { hidden: "balanced", html: () => `<input class="k3">`, act: async (page, c) => { await type(".k3")(page, c); await page.locator(".k3").fill(""); } },
      "a search": { hidden: "balanced", html: () => `<input type="search" class="k4">`, act: type(".k4") },
      "in a shadow tree": { hidden: "balanced", run: (box) => (box.attachShadow({ mode: "open" }).innerHTML = `<input class="k5">`), act: type(".k5") },
      "an e-mail address": { hidden: "always", html: () => `<input type="email" class="k6">`, act: type(".k6") },
    },
  },
  V30: {
    what: "filled in before anybody acts",
    variants: {
      "as markup": { hidden: "balanced", html: (c) => `<input value="${c}">` },
      "by a script": { hidden: "balanced", html: () => `<input>`, run: (box, c) => (box.firstChild.value = c) },
      "what it is reset to": { hidden: "balanced", html: () => `<input>`, run: (box, c) => (box.firstChild.defaultValue = c) },
      "a number": { hidden: "balanced", form: digits, html: (c) => `<input type="number" value="${c}">` },
      "in a template's copy": { hidden: "balanced", html: (c) => `<template><input value="${c}"></template>`, run: (box) => box.append(box.firstChild.content.cloneNode(true)) },
      "in a frame": { hidden: "balanced", html: (c) => `<iframe srcdoc="<input value=${c}>"></iframe>` },
    },
  },
};

/** Type into a field, then do something to it. */
function typeThen(selector, change) {
  return async (page, canary) => {
    await page.locator(selector).click();
    await page.keyboard.type(canary);
    await page.locator(selector).evaluate(change);
  };
}
