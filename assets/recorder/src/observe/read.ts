// Reading is hiding: one walk over live nodes, straight into the stream. What a state or a rule hides is never held elsewhere.
import { config, hidden } from "../config";
import { hideDoctype } from "../hide/doctype";
import { hideAttribute, isMarkup } from "../hide/attribute";
import { BLOCK, FORM, hides, LEAF, RULE_SHIFT, stateUnder } from "../hide/state";
import { bucket, redact } from "../hide/text";
import * as nodes from "../node";
import * as stream from "../stream";
import * as assets from "./asset";
import { control } from "./input";
import { shadowOf } from "./shadow";
import { mentionedOnly } from "./mention";
import { cssOf, learnSheets, namesAreHidden } from "./style";

/** The bucket of everything that is written by the visitor and masked: 8 characters, whatever was typed. */
export const INPUT_BUCKET = 3;

/** Deeper nodes are not told; the server's bound is 512. */
const DEPTH_MAX = 480;
const NAMESPACES: Record<string, number> = {
  "http://www.w3.org/2000/svg": 1,
  "http://www.w3.org/1998/Math/MathML": 2,
};
/** Elements that stand in the page as empty, unseen places: what they hold is code, metadata or not rendered. */
const EMPTY = /^(script|noscript|base|template|meta|title|param|source|track)$/;
/** Elements that load what we cannot see into. */
const FOREIGN = /^(object|embed|applet|frame|frameset|portal|fencedframe)$/;
const MEDIA = /^(img|video|audio|canvas|picture|image)$/;
const FORM_TEXT = /^(option|optgroup|datalist|select)$/;

/** A root that the walk came into: what it adopts and what happens in it is to be observed from now on. */
export type Root = Document | ShadowRoot;

/** A walk over nodes: what it met, for its caller to see to outside the run of nodes, and whom it tells of each node. */
export interface Walk {
  roots: Root[];
  controls: Element[];
  settle: (node: Node) => void;
}

/** Tell the whole page: its document, then everything below. */
export function readDocument(title: stream.Value, url: string, walk: Walk): void {
  nodes.forget();
  const id = stream.snapshot(innerWidth, innerHeight, url, title);
  nodes.place(document, id, 0, 0);
  walk.roots.push(document);
  learnSheets(document);
  readChildren(document, id, 0, walk, 0);
  stream.end();
}

/** Tell one node and what is below it. */
export function readNode(node: Node, parent: number, inherited: number, walk: Walk, depth: number): void {
  walk.settle(node);
  const known = nodes.live(node);
  if (known) {
    // A live node that came here keeps its number, unless it is hidden otherwise here.
    const state = node.nodeType === Node.ELEMENT_NODE ? stateUnder(node as Element, inherited) : inherited;
    if (sameHiding(state, nodes.stateOf(known))) {
      stream.moved(known);
      nodes.move(known, parent);
      return;
    }
    outdated.push(known);
  }
  switch (node.nodeType) {
    case Node.ELEMENT_NODE:
      readElement(node as Element, parent, inherited, walk, depth);
      break;
    case Node.TEXT_NODE:
      nodes.place(node, readText(node as Text, inherited), parent, inherited);
      break;
    case Node.DOCUMENT_TYPE_NODE: {
      const { name, publicId, systemId } = node as DocumentType;
      nodes.place(node, stream.doctype(...hideDoctype(name, publicId, systemId)), parent, inherited);
      break;
    }
    default:
      nodes.place(node, stream.comment(), parent, inherited);
  }
}

/** Numbers that were given up because their nodes are hidden otherwise now; the caller removes them. */
export let outdated: number[] = [];
export const clearOutdated = (): void => void (outdated = []);

const sameHiding = (one: number, other: number): boolean => (one & ~LEAF) === (other & ~LEAF);

function readChildren(parent: Node, id: number, state: number, walk: Walk, depth: number): void {
  if (depth > DEPTH_MAX) return;
  for (let child = parent.firstChild; child; child = child.nextSibling) {
    readNode(child, id, state, walk, depth + 1);
  }
}

function readElement(element: Element, parent: number, inherited: number, walk: Walk, depth: number): void {
  const tag = element.localName;
  const namespace = NAMESPACES[element.namespaceURI!] ?? 0;
  let state = stateUnder(element, inherited);
  if (state & BLOCK || FOREIGN.test(tag) || (config.media === "block" && MEDIA.test(tag))) {
    const box = element.getBoundingClientRect();
    const id = stream.block(namespace, FOREIGN.test(tag) ? "div" : nameOf(tag), box.width, box.height);
    nodes.place(element, id, parent, state | LEAF);
    return;
  }
  const names: string[] = [];
  const values: stream.Value[] = [];
  const empty = namespace === 0 && EMPTY.test(tag);
  if (!empty) {
    for (const name of element.getAttributeNames()) {
      const shown = attributeOf(element, name, state);
      if (shown !== null) {
        names.push(name);
        values.push(shown);
      }
    }
    // What is chosen of a `srcset` stands as its source.
    const chosen = tag === "img" && !element.hasAttribute("src") && imageOf(element as HTMLImageElement, state);
    if (chosen) {
      names.push("src");
      values.push(chosen);
    }
  }
  const rules = cssOf(element);
  if (empty || rules !== null || tag === "style" || tag === "textarea") state |= LEAF;
  const shadow = shadowOf(element);
  const inner = tag === "iframe" ? frameOf(element) : null;
  const written = state & FORM && state & LEAF && !/^(input|textarea|select)$/.test(tag);
  const open = !!(rules ?? shadow ?? inner ?? (written || (!(state & LEAF) && element.firstChild)));
  const told = empty && (tag === "script" || tag === "base") ? "noscript" : nameOf(tag);
  const id = stream.element(namespace, told, names, values, open);
  nodes.place(element, id, parent, state);
  if (control(element)) walk.controls.push(element);
  if (!open) return;
  if (rules !== null) stream.css(rules);
  if (written) stream.masked(INPUT_BUCKET);
  if (shadow) readRoot(shadow, stream.shadow(), id, state, walk, depth);
  if (inner) readRoot(inner, stream.frame(), id, state, walk, depth);
  if (!(state & LEAF)) readChildren(element, id, state, walk, depth);
  stream.end();
}

/** Tell what is below a shadow root or a frame's document, whose own token was just written. */
export function readRoot(root: Root, id: number, parent: number, state: number, walk: Walk, depth: number): void {
  nodes.place(root, id, parent, state & ~LEAF);
  walk.roots.push(root);
  learnSheets(root);
  readChildren(root, id, state & ~LEAF, walk, depth);
  stream.end();
}

/** The document inside a frame, where the page may read it. */
export function frameOf(frame: Element): Document | null {
  try {
    const inner = (frame as HTMLIFrameElement).contentDocument;
    return inner?.documentElement ? inner : null;
  } catch {
    return null;
  }
}

/** What an element is told as: an inline one of no meaning, where its tag is none that a developer writes. */
const nameOf = (tag: string): string => (isMarkup(tag) ? tag : "span");

/** What an attribute may show: its value, a bucket, or nothing. */
export function attributeOf(element: Element, name: string, state: number): stream.Value | null {
  const tag = element.localName;
  if (tag === "img" && name === "src") return imageOf(element as HTMLImageElement, state);
  if (__ASSETS__ && /^(image|feimage|input|video)$/i.test(tag) && /^(src|poster|(xlink:)?href)$/.test(name)) {
    const token = assets.tokenOf(element, name);
    if (token) return token;
  }
  const shown = hideAttribute(tag, name, valueOf(element, name), hides(state) ? hidden : config, (element as HTMLInputElement).type);
  return namesAreHidden && typeof shown === "string" ? mentionedOnly(name, shown) : shown;
}

/** An attribute's value: styles as the browser understood them, links with their full address. */
function valueOf(element: Element, name: string): string {
  const value = element.getAttribute(name) ?? "";
  if (__ASSETS__) assets.setBase(element.baseURI);
  if (name === "style") {
    const { cssText = value } = (element as HTMLElement).style ?? {};
    // See `mended` in style.ts; here the page's own words are at hand.
    return cssText.includes(": ;") ? value : cssText;
  }
  if (name !== "href") return value;
  const { href } = element as HTMLAnchorElement;
  return typeof href === "string" ? href : value;
}

/** An image's source: what stands for it, itself where it is inside the page, else an empty picture of its natural size, so that the layout holds. */
function imageOf(image: HTMLImageElement, state: number): stream.Value | null {
  const token = __ASSETS__ && image.naturalWidth && image.complete && assets.token(image.currentSrc || image.src, image);
  if (token) return token;
  const inline = hideAttribute("img", "src", image.getAttribute("src") ?? "", hides(state) ? hidden : config);
  if (inline !== null || !image.naturalWidth) return inline;
  const size = `width='${image.naturalWidth}' height='${image.naturalHeight}'`;
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' ${size}/%3E`;
}

/** What a text node may show under `state`: its characters and the rule that allows them, or a bucket. */
export function textOf(node: CharacterData, state: number): { shown: string; rule: number } | number {
  const text = node.data;
  const rule = state >>> RULE_SHIFT;
  const parent = node.parentElement;
  if (state & FORM) return INPUT_BUCKET;
  if (parent && config.forms !== "record" && FORM_TEXT.test(parent.localName)) {
    return /\S/.test(text) ? INPUT_BUCKET : blank(text);
  }
  if (hides(state) || (config.text === "mask" && !rule)) return /\S/.test(text) ? bucket(text.length) : blank(text);
  if (config.text === "show") return { shown: text, rule: 0 };
  return { shown: redact(text), rule: config.text === "mask" ? rule : 0 };
}

/** White space between elements is layout, not content: it is told as the one space that it renders as. */
const blank = (text: string): { shown: string; rule: number } => ({ shown: text && " ", rule: 0 });

function readText(node: Text, state: number): number {
  const told = textOf(node, state);
  return typeof told === "number" ? stream.masked(told) : stream.text(told.shown, told.rule);
}
