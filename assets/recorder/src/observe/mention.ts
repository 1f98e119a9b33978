// What may be called by its name where page text is masked: what the site's own style sheets mention, and what browsers know. A heading's
// id, a customer's class, a tag or a property made of a name are text too.
import { isNames, isOwnNames, isShape } from "../hide/layout";
import { mentions } from "../hide/mention";

/** Words of attributes that no property of style knows. */
const KEYWORDS =
  /^(true|false|mixed|any|page|step|date|time|datetime-local|month|week|polite|assertive|listbox|menu|tree|grid|dialog|horizontal|vertical|ascending|descending|text|numeric|decimal|tel|search|email|url|password|number|checkbox|radio|range|color|file|submit|button|reset|image|col|row|colgroup|rowgroup|lazy|eager|hint|manual|plaintext-only|open|closed|hard|soft|until-found|(userSpaceOn|objectBounding)(Use|Box)|stylesheet|icon|main|navigation|banner|contentinfo|region|form|heading|list|listitem|link|tab|tablist|tabpanel|option|switch|slider|alert|status|tooltip|img|group|separator|article|screen|print|all|not|only|and|(min|max)-(width|height)|prefers-(color-scheme|reduced-motion)|dark|light|reduce|landscape|portrait|orientation|hover|calc|var|rgba?|hsla?|clamp|matrix|translate[XYZ]?|rotate[XYZ]?|scale[XYZ]?|skew[XY]|(linear|radial)-gradient|data|vmin|vmax|rem|deg|meet|slice|x(Min|Mid|Max)Y(Min|Mid|Max)|over|out|atop|xor|arithmetic)$/i;

/** A word is a keyword of style where one of these knows it; none of them takes a word of the page's own. */
const PROPERTIES =
  "color display position overflow-x text-align font-weight font-style font-stretch flex-direction flex-wrap align-items justify-content border-top-style transition-timing-function white-space background-size background-repeat background-position cursor visibility pointer-events box-sizing text-transform float clear vertical-align object-fit mix-blend-mode user-select width text-decoration-line resize writing-mode direction table-layout text-anchor stroke-linecap stroke-linejoin dominant-baseline overflow-wrap text-rendering".split(
    " ",
  );

/** Properties whose values may be words of the page's own. */
const FREE = /^--|family|name|grid|counter|transition|animation|will-|list-style|container|timeline|page|quotes|content|anchor|feature|variation|palette/;

let mentioned = new Set<string>();
/** What sheets mention that are about to be told; a link that is switched off has no sheet any more, so they go by their owners. */
let expected = new Map<unknown, Set<string>>();
/** Names that were left out because no sheet had mentioned them yet. */
let leftOut = new Set<string>();
let late: string[] = [];
/** Words that were asked for. */
const words = new Map<string, boolean>();

export function forgetNames(): void {
  mentioned = new Set();
  expected = new Map();
  leftOut = new Set();
  late = [];
}

/** Take in what a sheet or a rule mentions, as it is told: whoever reads the recording knows the same names. */
export function learnNames(css: string): void {
  for (const token of mentions(css)) {
    if (mentioned.has(token)) continue;
    mentioned.add(token);
    if (leftOut.delete(token)) late.push(token);
  }
}

/** Let names count that a sheet mentions before it is told. */
export const expectNames = (sheet: CSSStyleSheet, css: string): void => void expected.set(sheet.ownerNode ?? sheet, new Set(mentions(css)));

/** The sheet is told now, or was switched off before it could be: nothing more is expected of it. */
export const settleNames = (owner: Element | CSSStyleSheet): void => void expected.delete(owner);

function isMentioned(name: string): boolean {
  if (mentioned.has(name)) return true;
  for (const names of expected.values()) if (names.has(name)) return true;
  return false;
}

/** Whether a tag may be told: the browser knows it, a script has defined it, or a sheet mentions it. */
export function isKnownTag(element: Element): boolean {
  const { localName: tag, namespaceURI, ownerDocument } = element;
  if (tag.includes("-") && namespaceURI!.endsWith("xhtml")) return isMentioned(tag) || !!ownerDocument.defaultView?.customElements.get(tag);
  // These are all of one class.
  if (namespaceURI!.endsWith("MathML")) return /^(m(ath|[inos]|text|space|row|frac|sqrt|root|style|error|padded|phantom|su[bp]|subsup|under|over|underover|multiscripts|prescripts|t[rd]|table|enclose|action)|semantics|none|annotation(-xml)?)$/.test(tag);
  return !/^\[object (HTMLUnknown|SVG)Element\]$/.test(Object.prototype.toString.call(element));
}

/** Whether every word in a value is one that browsers or the site's sheets know. Two letters are no word; in a sheet, one with a dash is the sheet's own. */
function isPlain(value: string, own?: RegExp): boolean {
  for (const [word] of value.replace(/#[\da-f]{3,8}\b/gi, "").matchAll(/[a-z_\x80-\uffff-][\w\x80-\uffff-]{2,}/gi)) {
    if (!/[a-z_\x80-\uffff]{3}/i.test(word) || isMentioned(word) || own?.test(word)) continue;
    let known = words.get(word);
    if (known === undefined) {
      known = KEYWORDS.test(word) || PROPERTIES.some((property) => CSS.supports(property, word));
      words.set(word, known);
    }
    if (!known) return false;
  }
  return true;
}

/** Declarations without those that may hold a word of the page's own and do. */
const plainStyle = (css: string): string =>
  css
    .split(";")
    .filter((declaration) => !(declaration.includes("url(") || FREE.test(declaration.split(":")[0]!.trim())) || isPlain(declaration))
    .join(";");

/** Rules whose properties of the site's own hold no word that nobody knows. */
export const plainRules = (css: string): string => css.replace(/(--[\w-]+\s*:)([^;{}]*)/g, (all, name: string, value: string) => (isPlain(value, DASHED) ? all : name + " "));

const DASHED = /^[a-z-]\w*-/;

/** What is told of an attribute's value; null for nothing. */
export function knownOnly(attribute: string, value: string): string | null {
  const name = attribute.toLowerCase();
  if (name === "style") return plainStyle(value);
  // Another site's name may be anybody's.
  if (value[0] === "#" && name.endsWith("href")) return isMentioned(value.slice(1)) ? value : null;
  if (name === "href") return value.replace(/^(https?:\/\/)([^/]+)/, (all, scheme: string, host: string) => (host === location.host ? all : scheme + "elsewhere.invalid"));
  if (!isOwnNames(name)) return (isNames(name) || isShape(name)) && !isPlain(value) ? null : value;
  const kept = value.split(/\s+/).filter((token) => {
    if (isMentioned(token)) return true;
    leftOut.add(token);
    return false;
  });
  return kept.length ? kept.join(" ") : null;
}

/** Elements of `root` whose names were left out and are mentioned now; each name is asked for once, over all `roots`. */
export function mentionedLate(roots: Iterable<ParentNode>): [element: Element, attribute: string][] {
  const found: [Element, string][] = [];
  if (!late.length) return found;
  for (const root of roots) {
    for (const token of late) {
      const name = CSS.escape(token);
      for (const element of root.querySelectorAll("." + name)) found.push([element, "class"]);
      for (const element of root.querySelectorAll("#" + name)) found.push([element, "id"]);
    }
  }
  late = [];
  return found;
}
