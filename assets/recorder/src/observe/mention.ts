// Names that the site's own style sheets mention. Where page text is masked, only these are told of class, id and the like:
// a heading's id or a customer's class is text too.
import { isOwnNames } from "../hide/layout";

/** A class, an id, or an attribute's value in a selector. What matches in values besides does no harm: it is the sheet's own. */
const MENTION = /[.#]((?:[\w-]|\\.|[^\0-\x7f])+)|=\s*["']?([\w-]+)/g;

let mentioned = new Set<string>();
/** Names that were left out because no sheet had mentioned them yet. */
let leftOut = new Set<string>();
let late: string[] = [];

export function forgetNames(): void {
  mentioned = new Set();
  leftOut = new Set();
  late = [];
}

/** Take in what a sheet or a rule mentions. */
export function learnNames(css: string): void {
  for (const [, name, value] of css.matchAll(MENTION)) {
    const token = (name ?? value)!.replace(/\\(.)/g, "$1");
    if (mentioned.has(token)) continue;
    mentioned.add(token);
    if (leftOut.delete(token)) late.push(token);
  }
}

/** Of a list of names in attribute `attribute`, those that a sheet mentions; null where none is. Other attributes pass. */
export function mentionedOnly(attribute: string, value: string): string | null {
  if (!isOwnNames(attribute)) return value;
  const kept = value.split(/\s+/).filter((token) => {
    if (mentioned.has(token)) return true;
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
