// Style sheets of other origins, whose rules a page may not see. Most servers that hand out such sheets let anybody read the file, so
// it is read once more, out of the browser's cache where that has it, and told like a sheet of the page's own.
import { config, MEDIA } from "../config";
import { guard, listen, type Stop } from "../guard";
import { reduceUrl } from "../hide/url";
import { readAgain, savesData } from "../native";
import * as stream from "../stream";
import { Cause } from "../stream";
import { noteLoaded } from "./asset";
import { isGroup } from "./rule";

const BYTES_MAX = 1_500_000;
/** Read for one page. */
const COUNT_MAX = 40;
/** In the list of what could not be read, behind the numbers of pictures and fonts. */
const NUMBER_MIN = 1_000;

/** By address; null while there is none. What was read serves as long as the page lives. */
const copies = new Map<string, CSSStyleSheet | null>();
/** Origins that let nobody read: asked once. */
const closed = new Set<string>();
/** Rules of copies that name files, until the page shows one of theirs. */
let naming: { rule: CSSRule; addresses: string[] }[] = [];
let arrived: (() => void) | null = null;

/** `tell` is called whenever a copy has come, or is known not to. */
export function startForeign(tell: () => void): Stop {
  arrived = tell;
  const stopListening = __ASSETS__ && listen(document.fonts, "loadingdone", noteShown);
  return () => {
    arrived = null;
    if (stopListening) stopListening();
  };
}

/** A copy of a sheet that may not be read, which may; null where it is not there, or not yet. */
export function copyOf({ href }: CSSStyleSheet): CSSStyleSheet | null {
  if (!href?.startsWith("http")) return null;
  const known = copies.get(href);
  if (known === undefined && copies.size < COUNT_MAX) {
    copies.set(href, null);
    void take(href);
  }
  return known ?? null;
}

async function take(href: string): Promise<void> {
  const number = NUMBER_MIN + copies.size;
  taken(href, number, await read(href).catch(() => (closed.add(new URL(href).origin), Cause.Cors)));
}

const taken = guard((href: string, number: number, copy: CSSStyleSheet | stream.Cause) => {
  if (typeof copy === "object") {
    copies.set(href, copy);
    if (__ASSETS__) {
      noteNaming(copy.cssRules, href);
      noteShown();
    }
  } else if (arrived && MEDIA !== "block") stream.unreadable(number, copy, reduceUrl(href, config));
  arrived?.();
});

async function read(href: string): Promise<CSSStyleSheet | stream.Cause> {
  if (savesData()) return Cause.SaveData;
  if (closed.has(new URL(href).origin)) return Cause.Cors;
  const answer = await readAgain(href, { mode: "cors", credentials: "omit", cache: "force-cache" });
  if (!answer.ok) return Cause.Failed;
  const text = await answer.text();
  if (text.length > BYTES_MAX) return Cause.TooLarge;
  const copy = new CSSStyleSheet();
  copy.replaceSync(text);
  return copy;
}

/** Keep the rules that name files: to write each rule as text is slow, and is done once. */
function noteNaming(rules: CSSRuleList, base: string): void {
  for (const rule of rules) {
    if (isGroup(rule)) noteNaming(rule.cssRules, base);
    else {
      const addresses = [...rule.cssText.matchAll(/url\("(?!data:)(.*?)"\)/g)].map(([, address]) => address!);
      // Of a font's files a browser takes one.
      const chosen = "selectorText" in rule ? addresses : [addresses.find((address) => address.includes("woff2")) ?? addresses[0]!];
      try {
        if (addresses.length) naming.push({ rule, addresses: chosen.map((address) => new URL(address, base).href) });
      } catch {
        // What is no address was never loaded.
      }
    }
  }
}

/** No browser says what such a sheet had it load: what the page shows tells which of its pictures and fonts are there. */
function noteShown(): void {
  naming = naming.filter(({ rule, addresses }) => {
    const shown = isShown(rule);
    if (shown) addresses.forEach(noteLoaded);
    return !shown;
  });
}

const unquoted = (family: string): string => family.replace(/["']/g, "");

/** Whether the document has an element for a rule, or has loaded a font from it. */
function isShown(rule: CSSRule): boolean {
  const { selectorText, style } = rule as CSSStyleRule;
  if (selectorText) {
    try {
      return !!document.querySelector(selectorText.replace(/::?(before|after|hover|focus(-\w+)?|active)/g, ""));
    } catch {
      // A selector that only the sheet's own parser takes.
      return false;
    }
  }
  if (!style) return false;
  const of = (name: string, otherwise: string) => style.getPropertyValue(name) || otherwise;
  return [...document.fonts].some(
    (font) =>
      font.status === "loaded" &&
      unquoted(font.family) === unquoted(of("font-family", "")) &&
      font.weight === of("font-weight", "normal") &&
      font.style === of("font-style", "normal") &&
      font.unicodeRange === of("unicode-range", "U+0-10FFFF"),
  );
}
