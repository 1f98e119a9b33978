// Runs in a world of its own beside the page: finds where something may be written, and plants a word there that stands nowhere else.
globalThis.lint = (() => {
  const MARKED = __MARKED__;
  const SHOW = __SHOW__;
  const PLACES_MAX = 400;
  const TEXT_MAX = 200;
  const pick = (signs) => signs[crypto.getRandomValues(new Uint32Array(1))[0] % signs.length];
  const word = () => Array.from({ length: 6 }, () => pick("bdfgklmnprtvz") + pick("aeiou")).join("");
  const digits = () => Array.from({ length: 7 }, (_, at) => pick(at ? "0123456789" : "123456789")).join("");

  /** The page's own document and every root that scripts reach from it, with the way there. */
  function roots(root = document, way = "", out = []) {
    out.push({ root, way });
    for (const element of root.querySelectorAll("*")) {
      let inner = element.shadowRoot;
      try {
        inner ??= element.contentDocument;
      } catch {
        // Another origin's.
      }
      if (inner?.querySelectorAll) roots(inner, `${way}${selector(element, root)} >>> `, out);
    }
    return out;
  }

  const one = (root, text) => root.querySelectorAll(text).length === 1;

  /** The shortest words that name this element alone within its root. */
  function selector(element, root) {
    if (element.id && one(root, `#${CSS.escape(element.id)}`)) return `#${CSS.escape(element.id)}`;
    const tag = element.localName;
    const name = element.getAttribute("name");
    if (name && one(root, `${tag}[name="${CSS.escape(name)}"]`)) return `${tag}[name="${CSS.escape(name)}"]`;
    if (one(root, tag)) return tag;
    const parent = element.parentElement;
    const alike = [...(parent ?? root).children].filter((child) => child.localName === tag);
    const own = alike.length > 1 ? `${tag}:nth-of-type(${alike.indexOf(element) + 1})` : tag;
    return parent ? `${selector(parent, root)} > ${own}` : own;
  }

  /** Up through shadow roots and frames. */
  function* ancestors(element) {
    for (let at = element; at; ) {
      yield at;
      const root = at.getRootNode();
      at = at.parentElement ?? root.host ?? root.defaultView?.frameElement;
    }
  }
  const matches = (element, text) => {
    try {
      return !!text && element.matches(text);
    } catch {
      return false;
    }
  };
  const isMarked = (element) => [...ancestors(element)].some((one) => matches(one, MARKED));
  const shownBy = (element) => SHOW.find((text) => [...ancestors(element)].some((one) => matches(one, text))) ?? null;

  const wordsOf = (node) => (node && /^(#text|label|span|p|div|b|strong|em|td|th|dt|li|legend|small|h\d)$/i.test(node.nodeName) && !node.firstElementChild ? node.textContent.slice(-100) : "");

  /** What the field's names and surroundings say of it, as the recorder looks at them. */
  function facts(element) {
    const attribute = (name) => element.getAttribute?.(name) ?? "";
    const root = element.getRootNode();
    const group = element.closest("fieldset,[role=group],[role=radiogroup]");
    const around = [...(element.labels ?? [])].map((label) => label.textContent);
    around.push(element.closest("label")?.textContent ?? "");
    around.push(...attribute("aria-labelledby").split(/\s+/).map((id) => (id && root.getElementById?.(id)?.textContent) || ""));
    for (const name of ["name", "id", "label", "aria-label", "autocomplete"]) around.push(root.host?.getAttribute(name) ?? "");
    around.push(wordsOf(element.previousSibling), wordsOf(element.previousElementSibling ?? element.parentElement?.previousElementSibling));
    around.push(wordsOf(element.closest("td")?.previousElementSibling), attribute("title"));
    around.push(group?.getAttribute("aria-label") ?? "", [...(group?.children ?? [])].find(({ localName }) => localName === "legend")?.textContent ?? "");
    const label = around.map((text) => text.trim()).filter(Boolean).join("\n").slice(0, TEXT_MAX);
    return {
      kind: attribute("type"), autocomplete: attribute("autocomplete"), name: attribute("name"), id: element.id, label,
      placeholder: attribute("placeholder"), aria_label: attribute("aria-label"), pattern: attribute("pattern"),
    };
  }

  const places = [];
  const elements = [];
  function place(element, at, vector, what, more = {}) {
    if (element && places.length >= PLACES_MAX) return null;
    const made = { selector: at, vector, what, canary: word(), marked: !!element && isMarked(element), shown_by: element && shownBy(element), tag: element?.localName ?? "", attribute: "", field: null, secret: false, ...more };
    places.push(made);
    elements.push(element);
    return made;
  }

  const TYPED = /^(|text|search|email|tel|url|password)$/;
  const NUMBERS = { number: digits, range: () => null, color: () => null, date: () => null, "datetime-local": () => null, month: () => null, time: () => null, week: () => null };

  function planField(element, at) {
    const tag = element.localName;
    const field = facts(element);
    const type = tag === "input" ? field.kind.toLowerCase() : "";
    if (tag === "input" && /^(button|submit|reset|image|file)$/.test(type)) return;
    if (tag === "select") return place(element, at, "V7", "chosen in a select", { field });
    if (type === "checkbox" || type === "radio") return place(element, at, "V8", `the value of a ${type}`, { field });
    if (type === "hidden") return place(element, at, "V6", "a hidden field", { field, secret: true });
    if (type in NUMBERS) {
      const canary = NUMBERS[type]();
      return canary && place(element, at, "V3", `typed into a ${type} field`, { field, canary });
    }
    if (tag === "textarea") return place(element, at, "V5", "typed into a textarea", { field, typed: true });
    if (tag !== "input") return place(element, at, "V10", "typed into editable text", { field, typed: true });
    if (type === "password") return place(element, at, "V1", "typed into a password field", { field, typed: true, secret: true });
    return place(element, at, "V3", `typed into a ${TYPED.test(type) && type ? type : "text"} field`, { field, typed: true });
  }

  function fields() {
    for (const { root, way } of roots()) {
      for (const element of root.querySelectorAll("input,textarea,select,[contenteditable],[role=textbox],[role=searchbox]")) {
        if (element.matches("[contenteditable=false]") || (element.localName !== "input" && element.closest("textarea") !== element && element.parentElement?.isContentEditable)) continue;
        planField(element, way + selector(element, root));
      }
    }
    return places;
  }

  const heard = (element, name) => element.dispatchEvent(new (element.ownerDocument.defaultView.Event)(name, { bubbles: true, composed: true }));

  /** Ready to be typed into; false where nothing can be. */
  function focus(at) {
    const element = elements[at];
    if (!element.isConnected) return false;
    element.removeAttribute("maxlength");
    element.scrollIntoView?.({ block: "center" });
    element.focus();
    let root = element.getRootNode();
    if (root.activeElement !== element) return false;
    if (element.value) element.select?.();
    return true;
  }

  /** After typing: what a page's script took away again, or nobody can type, is set as a browser fills it in. */
  function typed(at) {
    const element = elements[at];
    const { canary, vector } = places[at];
    const tag = element.localName;
    if (tag === "input" || tag === "textarea") {
      if (!element.value.includes(canary)) element.value = canary;
      heard(element, "change");
      // What a button that shows the password does.
      if (vector === "V1") element.type = "text";
    } else if (!element.textContent.includes(canary) && element.isContentEditable) element.append(canary);
  }

  /** What is chosen, switched or there already. */
  function set() {
    places.forEach((place, at) => {
      const element = elements[at];
      if (place.typed || !place.field) return;
      const type = place.field.kind.toLowerCase();
      if (element.localName === "select") {
        element.append(new (element.ownerDocument.defaultView.Option)(place.canary, place.canary));
        element.value = place.canary;
      } else if (type === "checkbox" || type === "radio") {
        element.value = place.canary;
        element.checked = true;
      } else element.value = place.canary;
      heard(element, "input");
      heard(element, "change");
    });
  }

  const MARKERS = /^data-(hush|recording|sl$|sentry|openreplay|clarity|hj|matomo|private)/;
  const WORDY = /^(title|alt|placeholder|label|summary|content|aria-(label|description|placeholder|roledescription|valuetext)|data-.+)$/;

  /** Words in attributes. */
  function attributes() {
    const from = places.length;
    for (const { root, way } of roots()) {
      for (const element of root.querySelectorAll("*")) {
        const tag = element.localName;
        const button = tag === "button" || (tag === "input" && /^(button|submit|reset)$/i.test(element.type));
        if (/^(script|style|link|noscript)$/.test(tag) || (tag === "meta" && !element.content)) continue;
        for (const name of element.getAttributeNames()) {
          if (!(WORDY.test(name) || (name === "value" && (button || tag === "li"))) || MARKERS.test(name)) continue;
          if (tag === "meta" && /^(viewport|referrer|color-scheme|theme-color)$/i.test(element.name)) continue;
          if (tag === "meta" && element.httpEquiv) continue;
          const vector = name === "value" ? "V9" : tag === "meta" ? "V53" : "V13";
          // The place is named before it is changed, and by what it had.
          place(element, way + selector(element, root), vector, `attribute ${name}`, { attribute: name });
        }
      }
    }
    for (let at = from; at < places.length; at++) elements[at].setAttribute(places[at].attribute, places[at].canary);
  }

  /** The address, as a page's own script changes it, and the title. */
  function address(listed) {
    const url = new URL(location.href);
    for (const name of listed) url.searchParams.set(name, place(null, `?${name}`, "V19", `page address, parameter ${name}`, { attribute: name }).canary);
    url.searchParams.set("hushreel-lint", place(null, "?hushreel-lint", "V19", "page address, query").canary);
    url.hash = place(null, "#", "V19", "page address, hash").canary;
    url.pathname = `${url.pathname.replace(/\/$/, "")}/${place(null, "/", "V19", "page address, path").canary}`;
    history.replaceState(history.state, "", url);
    document.title = place(null, "title", "V20", "document title").canary;
  }

  /** Pages of the same origin that this one leads to; none that ends a login or changes something. */
  const links = () =>
    [...document.querySelectorAll("a[href]")]
      .filter((link) => link.origin === location.origin && !link.hasAttribute("download") && !/log-?out|sign-?out|odhl|delete|remove|smaz|unsubscribe|preset\//i.test(link.href))
      .filter((link) => !/\.(pdf|zip|png|jpe?g|gif|svg|webp|mp4|docx?|xlsx?|csv|xml|json)$/i.test(link.pathname))
      .map((link) => link.origin + link.pathname + link.search);

  return { fields, focus, typed, set, attributes, address, links, places: () => places };
})();
