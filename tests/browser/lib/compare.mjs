// One form for the live page and for its replay, so that they can be compared: tree, texts, the attributes that a style or a
// watcher can see, and what form controls show.
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

/** Runs in a page, on its own document or on the replayed one: a list of lines, one a node. */
export function toldLines(root) {
  const SEEN = /^(class|id|title|alt|placeholder|type|role|dir|lang|hidden|open|disabled|readonly|width|height|colspan|rowspan|tabindex|for|name|aria-(hidden|expanded|selected|checked|label|current))$/;
  const lines = [];
  const attributesOf = (node) => {
    const told = [];
    for (const { name, value } of node.attributes) {
      if (name.startsWith("data-hushreel") || name.startsWith("rr_")) continue;
      if (SEEN.test(name) || (name.startsWith("data-") && /^[a-z-]{0,24}$/i.test(value))) {
        // The player marks what the pointer is over, and that it is paused, by classes of its own.
        const shown = name === "class" ? value.split(/\s+/).filter((token) => token && token !== ":hover" && token !== "rrweb-paused").join(" ") : value;
        if (name !== "class" || shown) told.push(`${name}=${JSON.stringify(shown)}`);
      }
    }
    // Where a picture comes from is not the tree's business: whether it is there, its pixels tell. A canvas shows its as content.
    const style = node.style?.cssText.replace(node.localName === "canvas" ? /content: url\("[^"]*"\);? ?/ : "", "").replace(/url\([^)]*\)/g, "url()").trim();
    if (style) told.push(`style=${JSON.stringify(style)}`);
    return told.sort().join(" ");
  };
  const hasRules = ({ sheet }) => {
    try {
      return !!sheet?.cssRules.length && !sheet.disabled;
    } catch {
      return false;
    }
  };
  const valueOf = (node) => {
    if (node.localName === "select") return ` value=${JSON.stringify(node.selectedOptions[0]?.text ?? "")}`;
    if (!/^(input|textarea)$/.test(node.localName) || /^(password|hidden|file|submit|button|reset|image)$/.test(node.type)) return "";
    return /^(checkbox|radio)$/.test(node.type) ? ` checked=${node.checked}` : ` value=${JSON.stringify(node.value)}`;
  };
  const tell = (node, depth) => {
    const indent = " ".repeat(depth);
    if (node.nodeType === 3) return void lines.push(indent + JSON.stringify(node.data));
    if (node.nodeType === 8) return void lines.push(indent + "<!-- -->");
    // A frame from `srcdoc` is in no quirks mode without a type; in a replay it needs one for that.
    if (node.nodeType === 10) return depth ? undefined : void lines.push(indent + `<!${node.name}>`);
    let tag = node.localName ?? "#root";
    // Code, metadata and templates are places without content; rules in force are rules wherever they came from.
    if (/^(script|base)$/.test(tag)) tag = "noscript";
    if (/^(link|style)$/.test(tag)) tag = hasRules(node) ? "style" : "link";
    // The player's own rules stand beside the head, where no page has any.
    if (tag === "style" && node.parentNode.localName === "html") return;
    if (/^(noscript|style|link|meta|title|template|param|source|track)$/.test(tag)) return void lines.push(`${indent}<${tag}>`);
    lines.push(`${indent}<${tag} ${node.attributes ? attributesOf(node) : ""}${valueOf(node)}>`);
    if (node.shadowRoot) {
      lines.push(`${indent} #shadow`);
      node.shadowRoot.childNodes.forEach((child) => tell(child, depth + 2));
    }
    if (tag === "iframe" && node.contentDocument?.documentElement) {
      lines.push(`${indent} #frame`);
      node.contentDocument.childNodes.forEach((child) => tell(child, depth + 2));
    }
    if (tag !== "textarea") node.childNodes.forEach((child) => tell(child, depth + 1));
  };
  root.childNodes.forEach((child) => tell(child, 0));
  return lines;
}

/** The first line in which two pages differ, where `same` does not take it for the same; null where they are equal. */
export function firstDifference(live, replayed, same = () => false) {
  for (let line = 0; line < Math.max(live.length, replayed.length); line++) {
    if (live[line] === replayed[line]) continue;
    const both = live[line] !== undefined && replayed[line] !== undefined;
    if (!both || !same(live[line], replayed[line])) return { line, live: live[line] ?? "(nothing)", replayed: replayed[line] ?? "(nothing)" };
  }
  return null;
}

/** The share of pixels, 0 to 1, in which two screenshots of one size are alike. */
export function alike(one, other) {
  const [first, second] = [PNG.sync.read(one), PNG.sync.read(other)];
  if (first.width !== second.width || first.height !== second.height) return 0;
  const differing = pixelmatch(first.data, second.data, null, first.width, first.height, { threshold: 0.1 });
  return 1 - differing / (first.width * first.height);
}
