// Style rules, read from the CSSOM so that every way they change is seen: text, links, inserted rules, adopted sheets.
import { config, TEXT } from "../config";
import { guard, type Stop } from "../guard";
import { hideCss } from "../hide/css";
import * as nodes from "../node";
import * as stream from "../stream";
import * as assets from "./asset";
import { copyOf } from "./foreign";
import { expectNames, forgetNames, learnNames, mentionedLate, plainRules, settleNames } from "./mention";
import { forgetTurns, isGroup, noteRule, pollRules, rulesIn } from "./rule";

/** Constructed sheets by the negative number that they were told under. */
const constructed = new WeakMap<CSSStyleSheet, number>();
let lastSheet = 0;
/** The sheet of each style and link element, as it was told last. */
let owners = new Map<Element, CSSStyleSheet | null>();
/** What each root adopts, as it was told last. */
let adopted = new Map<Document | ShadowRoot, CSSStyleSheet[]>();

/** Elements whose sheet, or one that it imports, could not be read when it was told. */
let lacking = new Set<Element>();
let lacks = false;

/** Of each sheet that was told: how many rules it had, and for which media it holds. */
const shapes = new WeakMap<CSSStyleSheet, { count: number; media: string }>();

/** Forget what was told: a new snapshot begins. */
export function forgetSheets(): void {
  for (const sheets of adopted.values()) for (const sheet of sheets) constructed.delete(sheet);
  adopted = new Map();
  owners = new Map();
  lacking = new Set();
  forgetNames();
  ahead = new WeakMap();
  forgetTurns();
  early = new Set();
}

/** Whether only names that a sheet mentions are told. */
export const namesAreHidden = TEXT === "mask";

/** What sheets came to, hidden, when they were looked at for names: mostly they are told a moment later as they are. */
let ahead = new WeakMap<CSSStyleSheet, { rules: string; shown: string }>();

function shownOf(rules: string, sheet: CSSStyleSheet | null | undefined): string {
  const known = sheet && ahead.get(sheet);
  if (known?.rules === rules) {
    if (sheet!.ownerNode) ahead.delete(sheet!);
    return known.shown;
  }
  if (__ASSETS__) assets.setBase(sheet?.href ?? sheet?.ownerNode?.baseURI ?? document.baseURI);
  return hideCss(rules, config);
}

/** Rules of `sheet`, hidden. */
function hide(css: string, sheet: CSSStyleSheet | null | undefined): string {
  const shown = shownOf(css, sheet);
  if (!namesAreHidden) return shown;
  const told = plainRules(shown);
  learnNames(told);
  return told;
}

/** Take in what the sheets of a root will mention once they are told, before its elements are. */
export function learnSheets(root: Document | ShadowRoot): void {
  if (!namesAreHidden) return;
  for (const sheet of [...root.styleSheets, ...(root.adoptedStyleSheets ?? [])]) {
    const rules = sheet.disabled || constructed.has(sheet) ? null : rulesOf(sheet);
    if (rules === null) continue;
    const shown = shownOf(rules, sheet);
    ahead.set(sheet, { rules, shown });
    expectNames(sheet, plainRules(shown));
  }
}

/** The text of one rule; an imported sheet stands in its place, so that rules keep their indexes. */
function ruleText(rule: CSSRule): string {
  const { styleSheet, layerName, supportsText, media } = rule as CSSImportRule;
  if (styleSheet === undefined) {
    if (!isGroup(rule)) {
      const text = rule.cssText;
      noteRule(rule, text);
      return text.includes(": ;") ? mended(rule as CSSStyleRule) : text;
    }
    noteRule(rule);
    const rules = [...rule.cssRules].map(ruleText).join("\n");
    // Most groups are media; a group of another kind is read twice, once for its own first words.
    if ("media" in rule) return `@media ${(rule as CSSMediaRule).conditionText}{${rules}}`;
    const text = rule.cssText;
    return text.includes(": ;") ? text.replace(/\{[^]*/, "{") + rules + "}" : text;
  }
  noteRule(rule);
  const imported = (styleSheet && rulesOf(styleSheet)) ?? "";
  const rules = `@media ${media.mediaText || "all"}{${__ASSETS__ && styleSheet ? absolute(imported, styleSheet.href!) : imported}}`;
  const supported = supportsText ? `@supports ${supportsText[0] === "(" ? supportsText : `(${supportsText})`}{${rules}}` : rules;
  return layerName == null ? supported : `@layer ${layerName}{${supported}}`;
}

/** Rules that came before any element that they are for. */
let early = new Set<CSSStyleRule>();

const elementFor = (rule: CSSStyleRule): Element | null =>
  ((rule.parentStyleSheet?.ownerNode?.getRootNode() ?? document) as ParentNode).querySelector(rule.selectorText);

/**
 * Chromium writes a shorthand with a variable in it as parts without values (`font-size: ;`) where a later declaration changes one
 * of them. What they come to on an element that the rule is for stands in for them.
 */
function mended(rule: CSSStyleRule): string {
  const { cssText, selectorText, style, cssRules } = rule;
  // Fonts and moments of an animation match no element.
  if (!selectorText) return cssText;
  const element = elementFor(rule);
  if (!element && document.readyState !== "complete") early.add(rule);
  const shown = element && getComputedStyle(element);
  const own = style.cssText.replace(/([\w-]+): ;/g, (_, name) => (shown ? `${name}:${shown.getPropertyValue(name)};` : ""));
  return `${selectorText}{${own}${[...(cssRules ?? [])].map(ruleText).join("\n")}}`;
}

/** Addresses of an imported sheet are its own, not those of the sheet it stands in. */
const absolute = (css: string, base: string): string =>
  css.replace(/url\((["']?)(?!#|data:)([^"')]+)\1\)/g, (all, _, address: string) => {
    try {
      return `url("${new URL(address, base).href}")`;
    } catch {
      return all;
    }
  });

/** All rules of a sheet; null where nobody may read them, or not yet. */
function rulesOf(sheet: CSSStyleSheet): string | null {
  try {
    const rules = [...sheet.cssRules].map(ruleText);
    shapes.set(sheet, { count: rules.length, media: sheet.media.mediaText });
    return rules.join("\n");
  } catch {
    const copy = copyOf(sheet);
    lacks ||= !copy;
    return copy && rulesOf(copy);
  }
}

/** The sheet that an element's rules are in force from now; null for a disabled or missing one. */
function sheetOf(element: Element): CSSStyleSheet | null {
  const { sheet } = element as HTMLStyleElement;
  return sheet && !sheet.disabled ? sheet : null;
}

/** The rules of a style or link element, hidden; null where it has no sheet that can be read. */
export function cssOf(element: Element): string | null {
  if (!/^(style|link)$/.test(element.localName)) return null;
  const sheet = sheetOf(element);
  owners.set(element, sheet);
  if (!sheet) {
    settleNames(element);
    return null;
  }
  lacks = false;
  const rules = rulesOf(sheet);
  if (lacks) lacking.add(element);
  const told = rules === null ? null : hide(rules, sheet);
  settleNames(element);
  return told;
}

/** What could not be read may be there now: the next look at the sheets tells them anew. */
export function sheetsArrived(): void {
  for (const element of lacking) owners.set(element, null);
  lacking = new Set();
}

/** An element's sheet has all that it imports, which may be more than it had when it was told. */
export function sheetLoaded(element: Element): void {
  const sheet = sheetOf(element);
  if (sheet && Array.from(rulesIn(sheet)).some((rule) => "styleSheet" in rule)) owners.set(element, null);
}

/** All rules of a constructed sheet; under its media, where it has some. */
function constructedText(sheet: CSSStyleSheet): string {
  const rules = rulesOf(sheet) ?? "";
  const { media } = shapes.get(sheet)!;
  return hide(media ? `@media ${media}{${rules}}` : rules, sheet);
}

/** Tell which constructed sheets a root adopts, where that changed. */
export function adoptSheets(root: Document | ShadowRoot): void {
  const before = adopted.get(root);
  const all = root.adoptedStyleSheets;
  // Nearly every look; a list of the browser's own is slow to go through.
  if (!before?.length && !all?.length) return;
  const now = all?.filter((sheet) => !sheet.disabled);
  if (!now || (before ? same(now, before) : !now.length)) return;
  const id = nodes.live(root);
  if (!id) {
    adopted.delete(root);
    return;
  }
  for (const sheet of now) {
    if (constructed.has(sheet)) continue;
    constructed.set(sheet, --lastSheet);
      stream.adoptedSheet(-lastSheet, constructedText(sheet));
  }
  all.forEach(settleNames);
  adopted.set(root, [...now]);
  stream.adopt(id, now.map((sheet) => -constructed.get(sheet)!));
}

/** Remember a root, so that a later look finds what it adopts. */
export const watchSheets = (root: Document | ShadowRoot): void => {
  if (!adopted.has(root)) adopted.set(root, []);
};

/**
 * Look at every sheet again. No event tells of `adoptedStyleSheets` or `disabled`; a loaded link and a rewritten style element
 * have another sheet than before.
 */
export function pollSheets(renamed: (element: Element, attribute: string) => void): void {
  for (const [element, told] of owners) {
    const id = nodes.live(element);
    if (!id) owners.delete(element);
    else if (sheetOf(element) !== told) {
      const rules = cssOf(element);
      if (rules !== null || told) stream.sheet(id, rules ?? "");
    }
  }
  for (const rule of early) {
    if (elementFor(rule)) {
      early.delete(rule);
      retell(rule);
    }
  }
  for (const root of adopted.keys()) adoptSheets(root);
  for (const [element, attribute] of mentionedLate(adopted.keys())) renamed(element, attribute);
}

/**
 * Look for what scripts changed within sheets: rules in turn, and what came or went without a wrapped method, or for other media.
 * `before` runs first where something is told.
 */
export function pollWithin(before: () => void, renamed: (element: Element, attribute: string) => void): void {
  const sheets = new Set<CSSStyleSheet>();
  for (const sheet of owners.values()) if (sheet) sheets.add(sheet);
  for (const list of adopted.values()) for (const sheet of list) sheets.add(sheet);
  for (const sheet of sheets) {
    const shape = shapes.get(sheet);
    const owner = sheet.ownerNode as Element | null;
    if (!shape) continue;
    const media = sheet.media.mediaText;
    if (rulesIn(sheet).length !== shape.count || (!owner && media !== shape.media)) {
      before();
      if (!owner) stream.adoptedSheet(-constructed.get(sheet)!, constructedText(sheet));
      else if (nodes.live(owner)) stream.sheet(nodes.live(owner), cssOf(owner) ?? "");
    } else if (media !== shape.media) {
      shape.media = media;
      renamed(owner!, "media");
    }
  }
  pollRules(sheets, (rule) => {
    before();
    retell(rule);
  });
}

/** Tell a rule anew, in its place. */
function retell(changed: CSSRule): void {
  const path = pathTo(changed);
  if (!path) return;
  stream.rule(path.sheet, path.indexes, null);
  stream.rule(path.sheet, path.indexes, hide(ruleText(path.rule!), path.rule!.parentStyleSheet));
}

const same = (one: readonly CSSStyleSheet[], other: readonly CSSStyleSheet[]): boolean =>
  one.length === other.length && one.every((sheet, place) => sheet === other[place]);

/** See the rules that a window's scripts insert, delete and replace: told at once, in the page's own call, so without a look at
 * anything else. A sheet that is not told yet is told as a whole later. `changed` asks for what names in the rules bring. */
export function startStyle(window: Window & typeof globalThis, changed: () => void): Stop {
  const stops: Stop[] = [];

  /** Put a note behind a native method; the page gets the native's own result and errors. */
  function wrap<T extends object>(prototype: T | undefined, name: keyof T & string, tell: (self: T, values: unknown[]) => void): void {
    const native = prototype?.[name] as ((...values: unknown[]) => unknown) | undefined;
    if (!prototype || !native) return;
    const safely = guard(tell);
    prototype[name] = function (this: T, ...values: unknown[]) {
      const result = native.apply(this, values);
      safely(this, values);
      return result;
    } as T[typeof name];
    stops.push(() => void (prototype[name] = native as T[typeof name]));
  }

  /** Tell that the list of rules of a sheet or a group has another one, or one less where there is no `rule`, at this place. */
  const listed = (self: CSSStyleSheet | CSSGroupingRule, at: number, rule?: CSSRule) => {
    const path = pathTo(self);
    if (!path) return;
    changed();
    if (path.whole) return retell(path.rule!);
    const shape = shapes.get(self as CSSStyleSheet);
    if (shape) shape.count = self.cssRules.length;
    stream.rule(path.sheet, [...path.indexes, at], rule ? hide(ruleText(rule), rule.parentStyleSheet) : null);
  };
  const inserted = (self: CSSStyleSheet | CSSGroupingRule, [, index]: unknown[]) => {
    const at = (index as number) >>> 0;
    listed(self, at, self.cssRules[at]);
  };
  const deleted = (self: CSSStyleSheet | CSSGroupingRule, [index]: unknown[]) => listed(self, (index as number) >>> 0);
  const replaced = (self: CSSStyleSheet) => {
    const number = constructed.get(self);
    if (number) stream.adoptedSheet(-number, constructedText(self));
  };
  const sheet = window.CSSStyleSheet?.prototype;
  wrap(sheet, "insertRule", inserted);
  wrap(sheet, "deleteRule", deleted);
  wrap(sheet, "replaceSync", replaced);
  const native = sheet?.replace;
  if (native) {
    sheet.replace = function (this: CSSStyleSheet, text: string) {
      const promise = native.call(this, text);
      promise.then(guard(() => replaced(this)), () => undefined);
      return promise;
    };
    stops.push(() => void (sheet.replace = native));
  }
  const grouping = window.CSSGroupingRule?.prototype;
  wrap(grouping, "insertRule", inserted);
  wrap(grouping, "deleteRule", deleted);
  return () => stops.forEach((stop) => stop());
}

/** Where a sheet or a rule stands: the told sheet, and the indexes on the way down to `rule`. */
interface Path {
  sheet: number;
  indexes: number[];
  rule: CSSRule | null;
  /** What was asked for is within `rule`, which is told as one. */
  whole: boolean;
}

function pathTo(place: CSSStyleSheet | CSSRule): Path | null {
  let rule = "cssText" in place ? place : null;
  let sheet = rule ? rule.parentStyleSheet : (place as CSSStyleSheet);
  let top = rule;
  let indexes: number[] = [];
  let whole = false;
  while (rule || sheet?.ownerRule) {
    // What is imported, and what is nested in a style rule, is told with the rule that holds it.
    if (!rule || (rule.parentRule && "selectorText" in rule.parentRule)) {
      rule = top = rule?.parentRule ?? sheet!.ownerRule!;
      sheet = rule.parentStyleSheet;
      indexes = [];
      whole = true;
      continue;
    }
    const list = (rule.parentRule as CSSGroupingRule | null)?.cssRules ?? rulesIn(rule.parentStyleSheet);
    const index = Array.prototype.indexOf.call(list, rule);
    if (index < 0) return null;
    indexes.unshift(index);
    sheet = rule.parentStyleSheet;
    rule = rule.parentRule;
  }
  const owner = sheet?.ownerNode;
  const told = owner ? owners.get(owner as Element) === sheet && nodes.live(owner) : sheet && constructed.get(sheet);
  if (!told) return null;
  if (!owner && shapes.get(sheet!)?.media) indexes.unshift(0);
  return { sheet: told, indexes, rule: top, whole };
}
