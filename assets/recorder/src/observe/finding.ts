// What the site's developers forgot to mark: a field that its names, or a number written into it, give away. Its kind and place are
// told, under every policy; its value never is, and no part of it is kept.
import { config } from "../config";
import { namesAreHidden } from "./style";
import { isKnownTag } from "./mention";
import { isMarkup } from "../hide/attribute";
import { numberKind } from "../hide/kind";
import { unmarked, isMarked, noteSecret } from "../hide/state";
import { listen, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";
import { address } from "./navigation";
import { attributeOf, type Root } from "./read";

/** Places told of one page. */
const PLACES_MAX = 20;
/** Rules that are looked for; the server counts no more. */
const RULES_MAX = 100;
/** Elements on the way to one. */
const STEPS_MAX = 5;

/** By their numbers on the wire. */
const KINDS = ["payment", "secret", "identity", "health", "card", "iban", "birth-number"];

const told = new Set<string>();

function tell(element: Element, kind: string): void {
  const selector = selectorOf(element);
  const place = kind + selector;
  if (told.has(place) || told.size >= PLACES_MAX) return;
  told.add(place);
  stream.sensitive(KINDS.indexOf(kind), selector, address().url);
}

/** The policy's rules that have matched on this page; nothing was told of them yet where this is null. */
let matched: Set<number> | null = null;

/** Another page, or the same one anew. */
export const forgetRules = (): void => void (matched = null);

/** Tell which of the policy's rules match by now in any of these trees: one that never does hides nothing. */
export function tellRules(roots: Root[]): void {
  const { mask, block, ignore, show } = config;
  const rules = [...mask, ...block, ...ignore, ...show].slice(0, RULES_MAX);
  if (!rules.length) return;
  const first = !matched;
  const known = (matched ??= new Set());
  const fresh = rules.map((_, place) => place).filter((place) => !known.has(place) && roots.some((root) => root.querySelector(rules[place]!)));
  fresh.forEach((place) => known.add(place));
  if (first || fresh.length) stream.rules(first, fresh);
}

/** Tell the fields that a walk found. */
export function tellUnmarked(): void {
  for (const [element, kind] of unmarked.splice(0)) if (element.isConnected) tell(element, kind);
}

/** Look at what stands in a field once it is left; one that holds a secret number is hidden from then on, which `hide` is told. */
export const startFinding = (root: Document | ShadowRoot, hide: (field: Element) => void, after: () => void): Stop =>
  listen(root, "change focusout", (event) => {
    const field = nodes.targetOf(event) as HTMLInputElement;
    const id = nodes.live(field);
    const kind = id && !isMarked(nodes.stateOf(id)) && typeof field.value === "string" && numberKind(field.value);
    if (!kind) return;
    tell(field, kind);
    noteSecret(field);
    hide(field);
    after();
  });

/** Where an element stands, in words that the policy shows of any element. */
function selectorOf(element: Element): string {
  let path = "";
  for (let at: Element | null = element, steps = 0; at && steps < STEPS_MAX; at = at.parentElement, steps++) {
    const { localName: tag } = at;
    let step = isMarkup(tag) && (!namesAreHidden || isKnownTag(at)) ? tag : "*";
    const [id] = namesOf(at, "id");
    if (id) step += "#" + id;
    else for (const name of namesOf(at, "class").slice(0, 2)) step += "." + name;
    const alike = [...(at.parentElement?.children ?? [])].filter((child) => child.localName === tag);
    if (!id && alike.length > 1 && step[0] !== "*") step += `:nth-of-type(${alike.indexOf(at) + 1})`;
    path = path ? step + " > " + path : step;
    if (id) break;
  }
  return path;
}

/** The names in an attribute that may be told and need no escape in a selector. */
function namesOf(element: Element, attribute: string): string[] {
  const shown = element.hasAttribute(attribute) && attributeOf(element, attribute, 0);
  return typeof shown === "string" ? shown.split(/\s+/).filter((name) => /^-?[a-z_][\w-]*$/i.test(name)) : [];
}
