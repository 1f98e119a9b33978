// A recorder as one would write it without a thought: whatever a page holds, does or says is sent as it is. Each leak test shows with it
// that its canary was there to be leaked.
(() => {
  const address = "/naive";
  const queue = [];
  const told = new WeakSet();
  const say = (kind, ...words) => queue.push([kind, ...words.map(String)]);
  const send = () => {
    if (queue.length) navigator.sendBeacon(address, JSON.stringify(queue.splice(0)));
  };
  const roots = new Set();

  function look(root) {
    watch(root);
    const documentOf = root.documentElement ? root : null;
    if (documentOf) {
      say("page", documentOf.URL, documentOf.referrer, documentOf.title, documentOf.cookie, documentOf.baseURI);
      say("html", documentOf.documentElement?.outerHTML);
    } else say("html", root.innerHTML);
    for (const sheet of [...(root.styleSheets ?? []), ...(root.adoptedStyleSheets ?? [])]) {
      try {
        for (const rule of sheet.cssRules) say("rule", rule.cssText);
      } catch {
        say("sheet", sheet.href);
      }
    }
    for (const element of root.querySelectorAll("*")) {
      if ("value" in element) say("value", element.value, element.checked, element.files?.[0]?.name);
      if (element.content) say("template", element.innerHTML);
      if (element.currentSrc) say("source", element.currentSrc);
      const shadow = element.shadowRoot ?? element.closedRoot;
      if (shadow) look(shadow);
      if (element.localName === "iframe") {
        try {
          if (element.contentDocument) look(element.contentDocument);
          else say("frame", element.src);
        } catch {
          say("frame", element.src);
        }
      }
    }
  }

  function watch(root) {
    if (roots.has(root)) return;
    roots.add(root);
    new MutationObserver(() => look(root)).observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
    for (const type of ["input", "change", "click", "copy", "paste", "drop", "keydown", "selectionchange", "message"]) root.addEventListener(type, note, true);
  }

  function note(event) {
    const target = event.composedPath()[0];
    say(event.type, target.value, target.innerText, event.key, event.clipboardData?.getData("text"), event.dataTransfer?.getData("text"), getSelection());
  }

  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attach.call(this, init);
    this.closedRoot = root;
    return root;
  };
  const natively = window.fetch;
  window.fetch = async (...words) => {
    say("fetch", words[0].url ?? words[0], JSON.stringify(words[1] ?? {}), words[1]?.body);
    const answer = await natively(...words);
    say("answer", await answer.clone().text(), JSON.stringify([...answer.headers]));
    return answer;
  };
  const { open, send: sendRequest, setRequestHeader } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (...words) {
    say("open", words[1]);
    this.addEventListener("load", () => say("answer", this.responseText));
    return open.apply(this, words);
  };
  XMLHttpRequest.prototype.setRequestHeader = function (...words) {
    say("header", words.join());
    return setRequestHeader.apply(this, words);
  };
  XMLHttpRequest.prototype.send = function (body) {
    say("body", body);
    return sendRequest.call(this, body);
  };
  const beacon = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (url, body) => {
    if (url !== address) say("beacon", url, body);
    return beacon(url, body);
  };
  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...words) {
      super(...words);
      say("socket", words[0]);
    }
    send(data) {
      say("socket", data);
      super.send(data);
    }
  };
  for (const level of ["log", "info", "warn", "error", "debug"]) {
    const native = console[level];
    console[level] = (...words) => {
      say("console", ...words.map((word) => (word instanceof Error ? word.stack : typeof word === "object" ? JSON.stringify(word) : word)));
      native(...words);
    };
  }
  addEventListener("error", (event) => say("error", event.message, event.error?.stack, event.filename));
  addEventListener("unhandledrejection", (event) => say("error", event.reason?.stack ?? event.reason));
  addEventListener("message", (event) => say("message", typeof event.data === "string" ? event.data : JSON.stringify(event.data)));
  for (const name of ["fillText", "strokeText"]) {
    const native = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...words) {
      say("canvas", words[0]);
      return native.apply(this, words);
    };
  }
  const state = () => {
    say("state", window.name, JSON.stringify(history.state), location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage));
    for (const { name } of performance.getEntriesByType("resource")) say("resource", name);
  };
  const again = () => {
    look(document);
    state();
    send();
  };
  addEventListener("DOMContentLoaded", again);
  addEventListener("load", again);
  addEventListener("pagehide", again);
  const timer = setInterval(again, 100);
  addEventListener("pagehide", () => clearInterval(timer));
  window.recorderRuns = () => document.readyState !== "loading";
  window.recorderSays = again;
  watch(document);
})();
