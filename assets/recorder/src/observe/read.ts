// Reading is hiding: one walk over live nodes, straight into the stream. What a state or a rule hides is never held elsewhere.
// A walk has a deadline: what it does not reach is left to the next one, list by list.
import { config, FORMS, hidden, MEDIA, TEXT } from "../config";
import { hideDoctype } from "../hide/doctype";
import { withoutEcho } from "../hide/echo";
import { hideAttribute, INPUT_BUCKET, isMarkup } from "../hide/attribute";
import { BLOCK, BOX, FORM, hides, inheritedBy, LEAF, LOCAL, noteSlot, RULE_SHIFT, SENSITIVE, stateUnder } from "../hide/state";
import { MASKED } from "../hide/policy";
import { bucket, redactBetween, type Hidden } from "../hide/text";
import * as nodes from "../node";
import * as stream from "../stream";
import * as assets from "./asset";
import { meetCanvas } from "./canvas";
import { frameOf, framesMoved, meetFrame } from "./frame";
import { control } from "./input";
import { hint } from "./layer";
import { shadowOf } from "./shadow";
import { meetMedia } from "./media";
import { isKnownTag, knownOnly } from "./mention";
import { cssOf, learnSheets, namesAreHidden } from "./style";

/** Deeper nodes are not told; the server's bound is 512. */
const DEPTH_MAX = 480;
/** The clock is looked at once in so many nodes. */
const NODES_A_LOOK = 16;

const NAMESPACES: Record<string, number> = {
  "http://www.w3.org/1999/xhtml": 0,
  "http://www.w3.org/2000/svg": 1,
  "http://www.w3.org/1998/Math/MathML": 2,
};

/** A root that the walk came into: what it adopts and what happens in it is to be observed from now on. */
export type Root = Document | ShadowRoot;

/** A walk over nodes: what it met, for its caller to see to outside the run of nodes. */
export interface Walk {
  roots: Root[];
  controls: Element[];
  /** Nodes that wait to be told: what the walk meets waits no more. */
  pending: Set<Node>;
  /** When it has to stop, by the page's clock. */
  until: number;
  /** It has to stop: every list that is open ends where it is. */
  over: boolean;
  /** Told where each list ended that was not told to its end. */
  rest: (parent: Node, from: Node) => void;
}

/** What kind of element a tag is: one look at a table instead of many patterns. */
const enum Is {
  /** An empty, unseen place: what it holds is code, metadata or not rendered. */
  Empty = 1,
  /** It loads what we cannot see into. */
  Foreign = 2,
  Media = 4,
  /** Its text belongs to a form. */
  FormText = 8,
  /** It may have style rules. */
  Css = 16,
  Frame = 32,
  /** Its children are no nodes to us. */
  Leaf = 64,
  /** It may be a form control. */
  Control = 128,
  /** It may have a shadow root. */
  Host = 256,
  Canvas = 512,
  Plays = 1024,
  /** It shows a picture that an attribute names. */
  Loads = 2048,
  /** It shows nodes that stand elsewhere. */
  Slot = 4096,
}

interface Kind {
  is: number;
  /** What it is told as: an inline element of no meaning, where its tag is none that a developer writes. */
  told: string;
  /** What was made of its attributes' values so far, shown and hidden. */
  known: [Map<string, Known>, Map<string, Known>];
}

/** Values of one attribute that were hidden before: names and keywords come again and again. */
type Known = Map<string, Hidden>;

const KNOWN_MAX = 500;
const KNOWN_LENGTH_MAX = 200;

const PATTERNS: [is: number, tags: RegExp][] = [
  [Is.Empty | Is.Leaf, /^(script|noscript|noframes|noembed|base|template|meta|title|param|source|track)$/],
  [Is.Foreign, /^(object|embed|applet|frame|frameset|portal|fencedframe)$/],
  [Is.Media, /^(img|video|audio|canvas|picture|image)$/],
  [Is.FormText, /^(option|optgroup|datalist|select)$/],
  [Is.Css, /^(style|link)$/],
  [Is.Frame, /^iframe$/],
  [Is.Leaf, /^(style|textarea)$/],
  [Is.Control, /^(input|textarea|select)$/],
  [Is.Canvas, /^canvas$/],
  [Is.Plays, /^(video|audio)$/],
  [Is.Slot, /^slot$/],
  [Is.Loads, /^(image|feimage|input|video)$/i],
  [Is.Host, /-|^(article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/],
];

/** By namespace, then tag. */
const kinds: Map<string, Kind>[] = [new Map(), new Map(), new Map()];

function kindOf(element: Element, namespace: number): Kind {
  const tag = element.localName;
  let kind = kinds[namespace]!.get(tag);
  if (!kind) {
    let is = 0;
    for (const [flag, tags] of PATTERNS) if (tags.test(tag)) is |= flag;
    if (namespace && is & Is.Empty && tag !== "script") is &= ~(Is.Empty | Is.Leaf);
    const told = is & Is.Foreign ? "div" : is & Is.Empty && /^(script|base)$/.test(tag) ? "noscript" : isMarkup(tag) && (!namesAreHidden || isKnownTag(element)) ? tag : "span";
    kinds[namespace]!.set(tag, (kind = { is, told, known: [new Map(), new Map()] }));
  }
  return kind;
}

const namespaceOf = (element: Element): number => NAMESPACES[element.namespaceURI!] ?? 0;

/** Tell the whole page: its document, then everything below. */
export function readDocument(title: stream.Value, url: string, walk: Walk): void {
  nodes.forget();
  const id = stream.snapshot(innerWidth, innerHeight, url, title);
  nodes.place(document, id, 0, 0);
  walk.roots.push(document);
  learnSheets(document);
  readChildren(document, document.firstChild, id, 0, walk, 0);
  stream.end();
}

/** Tell one node and what is below it. */
export function readNode(node: Node, parent: number, inherited: number, walk: Walk, depth: number): void {
  if (walk.pending.size) walk.pending.delete(node);
  const known = nodes.live(node);
  const type = node.nodeType;
  inherited = inheritedBy(node, inherited);
  if (known) {
    // A live node that came here keeps its number, unless it is hidden otherwise here.
    const state = type === Node.ELEMENT_NODE ? stateUnder(node as Element, inherited) : inherited;
    if (sameHiding(state, nodes.stateOf(known))) {
      stream.moved(known);
      nodes.move(known, parent);
      framesMoved(node);
      return;
    }
    outdated.push(known);
  }
  if (type === Node.ELEMENT_NODE) {
    readElement(node as Element, parent, inherited, walk, depth);
  } else if (type === Node.TEXT_NODE) {
    const shown = textOf(node as Text, inherited);
    const id = typeof shown === "number" ? stream.masked(shown) : stream.text(shown, ruleOf(inherited));
    nodes.place(node, id, parent, inherited);
  } else if (type === Node.DOCUMENT_TYPE_NODE) {
    const { name, publicId, systemId } = node as DocumentType;
    nodes.place(node, stream.doctype(...hideDoctype(name, publicId, systemId)), parent, inherited);
  } else nodes.place(node, stream.comment(), parent, inherited);
}

/** Numbers that were given up because their nodes are hidden otherwise now; the caller removes them. */
export let outdated: number[] = [];
export const clearOutdated = (): void => void (outdated = []);

const sameHiding = (one: number, other: number): boolean => (one & ~LOCAL) === (other & ~LOCAL);

let looked = 0;

/** Whether a walk has to stop. */
export const late = (walk: Walk): boolean =>
  walk.over || (++looked % NODES_A_LOOK === 0 && (walk.over = performance.now() > walk.until));

/** Tell the children of a node from `first` on, as far as time allows. */
export function readChildren(parent: Node, first: Node | null, id: number, state: number, walk: Walk, depth: number): void {
  if (depth > DEPTH_MAX) return;
  for (let child = first; child; child = child.nextSibling) {
    if (late(walk)) return walk.rest(parent, child);
    readNode(child, id, state, walk, depth + 1);
  }
}

function readElement(element: Element, parent: number, inherited: number, walk: Walk, depth: number): void {
  const tag = element.localName;
  const namespace = namespaceOf(element);
  const kind = kindOf(element, namespace);
  const { is } = kind;
  const attributes = element.hasAttributes() ? element.getAttributeNames() : NONE;
  let state = stateUnder(element, inherited, attributes);
  if (state & BLOCK || is & Is.Foreign || (is & Is.Media && MEDIA === "block")) {
    const box = element.getBoundingClientRect();
    nodes.place(element, stream.block(namespace, kind.told, box.width, box.height), parent, state | LEAF | BOX);
    return;
  }
  names.length = values.length = 0;
  if (!(is & Is.Empty)) {
    for (const name of attributes) {
      if (name === "open" || name === "popover") hint(element);
      const shown = shownOf(element, kind, name, state);
      if (shown !== null) {
        names.push(name);
        values.push(shown);
      }
    }
    // What is chosen of a `srcset` stands as its source.
    const chosen = !MASKED && tag === "img" && !element.hasAttribute("src") && imageOf(element as HTMLImageElement, state);
    if (chosen) {
      names.push("src");
      values.push(chosen);
    }
  }
  if (__MEDIA__ && is & Is.Canvas) meetCanvas(element);
  if (__MEDIA__ && is & Is.Plays) {
    meetMedia(element);
    const poster = names.includes("poster") ? null : shownOf(element, kind, "poster", state);
    if (poster !== null) {
      names.push("poster");
      values.push(poster);
    }
  }
  const rules = is & Is.Css ? cssOf(element) : null;
  if (rules !== null || is & Is.Leaf) state |= LEAF;
  const shadow = is & Is.Host ? shadowOf(element) : null;
  const inner = is & Is.Frame ? frameOf(element) : null;
  if (is & Is.Frame) meetFrame(element, inner);
  const written = state & FORM && state & LEAF && !(is & Is.Control);
  const first = state & LEAF ? null : element.firstChild;
  const open = !!(rules ?? shadow ?? inner ?? (written || first));
  const id = stream.element(namespace, kind.told, names, values, open);
  nodes.place(element, id, parent, state);
  if (is & Is.Control && control(element)) walk.controls.push(element);
  if (is & Is.Slot) for (const node of noteSlot(element as HTMLSlotElement, state)) if (nodes.live(node)) walk.pending.add(node);
  if (!open) return;
  if (rules !== null) stream.css(rules);
  if (written) stream.masked(INPUT_BUCKET);
  if (shadow) readRoot(shadow, stream.shadow(), id, state, walk, depth);
  if (inner) readRoot(inner, stream.frame(), id, state, walk, depth);
  if (first) readChildren(element, first, id, state, walk, depth);
  stream.end();
}

/** Attributes of the element at hand, kept to be filled again. */
const names: string[] = [];
const values: stream.Value[] = [];
const NONE: readonly string[] = [];

/** Tell what is below a shadow root or a frame's document, whose own token was just written. */
export function readRoot(root: Root, id: number, parent: number, state: number, walk: Walk, depth: number): void {
  nodes.place(root, id, parent, state & ~LEAF);
  walk.roots.push(root);
  learnSheets(root);
  readChildren(root, root.firstChild, id, state & ~LEAF, walk, depth);
  stream.end();
}

/** What an attribute may show: its value, a bucket, or nothing. */
export const attributeOf = (element: Element, name: string, state: number): stream.Value | null =>
  shownOf(element, kindOf(element, namespaceOf(element)), name, state);

function shownOf(element: Element, kind: Kind, name: string, state: number): stream.Value | null {
  const tag = element.localName;
  if (!MASKED && tag === "img" && name === "src") return imageOf(element as HTMLImageElement, state);
  if (__ASSETS__ && !(state & SENSITIVE) && kind.is & Is.Loads && (tag === "video" ? /^poster$/ : /^(src|(xlink:)?href)$/).test(name) && element.hasAttribute(name)) {
    const token = assets.tokenOf(element, name);
    if (token) return token;
  }
  if (__MEDIA__ && tag === "video" && name === "poster") return posterOf(element as HTMLVideoElement, state);
  const value = valueOf(element, name);
  if (value === null) return null;
  const covered = hides(state);
  // What an input's value says depends on its type, and a relative address on the document.
  const known = value.length > KNOWN_LENGTH_MAX || tag === "input" || value.includes("url(") ? null : knownOf(kind, name, covered);
  let shown = known?.get(value);
  if (shown === undefined) {
    if (__ASSETS__) assets.setBase(element.baseURI);
    shown = hideAttribute(tag, name, value, covered ? hidden : config, (element as HTMLInputElement).type);
    if (known && known.size < KNOWN_MAX) known.set(value, shown);
  }
  if (typeof shown !== "string") return shown;
  if (namesAreHidden) return knownOnly(name, shown);
  const rest = withoutEcho(shown);
  // Words may have a gap; whatever else repeats a field is left out.
  return rest === shown || hideAttribute(tag, name, rest, config, (element as HTMLInputElement).type) === rest ? rest : null;
}

function knownOf(kind: Kind, name: string, covered: boolean): Known {
  const known = kind.known[covered ? 1 : 0];
  let values = known.get(name);
  if (!values) known.set(name, (values = new Map()));
  return values;
}

/** An attribute's value, null where it has none: styles as the browser understood them, links with their full address. */
function valueOf(element: Element, name: string): string | null {
  const value = element.getAttribute(name);
  // Scripts may set the media of a sheet beside its attribute.
  if (name === "media") return ((element as HTMLStyleElement).sheet?.media?.mediaText || value);
  if (value === null) return null;
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
  if (state & SENSITIVE) return emptyPicture(image.naturalWidth, image.naturalHeight);
  const token = __ASSETS__ && image.naturalWidth && image.complete && assets.token(image.currentSrc || image.src, image);
  if (token) return token;
  const inline = hideAttribute("img", "src", image.getAttribute("src") ?? "", hides(state) ? hidden : config);
  return inline ?? emptyPicture(image.naturalWidth, image.naturalHeight);
}

/** A video's picture: it gives the box its size, which the video itself, not being there, does not. */
function posterOf(video: HTMLVideoElement, state: number): stream.Value | null {
  const inline = hideAttribute("video", "poster", video.getAttribute("poster") ?? "", hides(state) ? hidden : config);
  return emptyPicture(video.videoWidth, video.videoHeight) ?? inline;
}

const emptyPicture = (width: number, height: number): string | null =>
  width ? `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='${width}' height='${height}'/%3E` : null;

/** What a text node may show under `state`: its characters, or a bucket. */
export function textOf(node: CharacterData, state: number): stream.Value {
  const text = node.data;
  if (state & FORM) return INPUT_BUCKET;
  const covered = MASKED || hides(state) || (TEXT === "mask" && !(state >>> RULE_SHIFT));
  if (!covered && TEXT === "show" && FORMS === "record") return withoutEcho(text);
  const parent = FORMS !== "record" && node.parentElement;
  const inForm = parent && kindOf(parent, namespaceOf(parent)).is & Is.FormText;
  // White space between elements is layout, not content: it is told as the one space that it renders as.
  if (inForm || covered) return /\S/.test(text) ? (inForm ? INPUT_BUCKET : bucket(text.length)) : text && " ";
  return withoutEcho(TEXT === "show" ? text : redactBetween(beside(node, "previousSibling", "lastChild"), text, beside(node, "nextSibling", "firstChild")));
}

/** Elements that begin no line of their own. */
const INLINE = /^(a|abbr|b|bdi|bdo|code|data|em|font|i|kbd|label|mark|output|q|s|samp|small|span|strong|sub|sup|time|u|var|wbr)$/;
/** So much text beside a node can belong to the same number or address; so many nodes are looked at for it. */
const BESIDE_MAX = 40;
const STEPS_MAX = 12;

/** The text before or behind a node in the same line. */
function beside(node: Node, sibling: "previousSibling" | "nextSibling", end: "lastChild" | "firstChild"): string {
  let text = "";
  let at: Node | null = node;
  for (let steps = 0; at && steps < STEPS_MAX && text.length < BESIDE_MAX; steps++) {
    let next: Node | null = at[sibling];
    if (!next) {
      at = at.parentElement && INLINE.test(at.parentElement.localName) ? at.parentElement : null;
      continue;
    }
    while (next.firstChild && INLINE.test((next as Element).localName)) next = next[end]!;
    if (next.nodeType === Node.TEXT_NODE) text = sibling === "nextSibling" ? text + (next as Text).data : (next as Text).data + text;
    else if (next.nodeType !== Node.COMMENT_NODE && !INLINE.test((next as Element).localName)) break;
    at = next;
  }
  return sibling === "nextSibling" ? text.slice(0, BESIDE_MAX) : text.slice(-BESIDE_MAX);
}

/** The rule by which a text is shown. */
export const ruleOf = (state: number): number => (!MASKED && TEXT === "mask" && !hides(state) ? state >>> RULE_SHIFT : 0);
