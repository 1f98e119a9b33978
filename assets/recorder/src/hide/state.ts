// How one element is hidden: its own marks joined to what it inherits. The walk hands the state down, so nothing asks upwards.
import { config } from "../config";
import { secretField } from "./field";
import * as markers from "./markers";

/** Characters are hidden. */
export const MASK = 1;
/** Nothing but a box of its size. */
export const BLOCK = 2;
/** No events are told. */
export const IGNORE = 4;
/** Characters are hidden, no events are told, no form state either: inherited and kept for good. */
export const SENSITIVE = 8;
/** Its children are not told node by node. */
export const LEAF = 16;
/** The content of a form control or an editable element, where the policy does not record forms. */
export const FORM = 32;
/** Told as a box of its size: its attributes are not. */
export const BOX = 64;
/** From this bit on: the number of the `show` rule that applies. */
export const RULE_SHIFT = 8;

/** What holds of an element itself and is not handed down. */
export const LOCAL = LEAF | BOX;
const RULES = -1 << RULE_SHIFT;

/** Elements that once held a secret. */
const secret = new WeakSet<Element>();

let marks: [flag: number, selector: string][] = [];
let marked = "";

/** Take the policy's and the page's selectors into use. Throws on one that does not parse: then nothing is recorded. */
export function prepare(): void {
  marks = [
    [MASK, [markers.MASK, ...config.mask].join()],
    [BLOCK, [markers.BLOCK, ...config.block].join()],
    [IGNORE, [markers.IGNORE, ...config.ignore].join()],
    [SENSITIVE, markers.SENSITIVE],
  ];
  combine();
}

/** Hide more, at the page's wish: a selector of its own. Throws on one that does not parse. */
export function hideMore(kind: "mask" | "block" | "ignore", selector: string): void {
  document.createDocumentFragment().querySelector(selector);
  marks.push([{ mask: MASK, block: BLOCK, ignore: IGNORE }[kind], selector]);
  combine();
}

function combine(): void {
  marked = [...marks.map((mark) => mark[1]), ...config.show].join();
  document.createDocumentFragment().querySelector(marked);
}

/** The state of `element` under a parent of state `inherited`. */
export function stateUnder(element: Element, inherited: number): number {
  let state = inherited & ~LOCAL;
  if (element.matches(marked)) {
    for (const [flag, selector] of marks) if (element.matches(selector)) state |= flag;
    config.show.forEach((selector, place) => {
      if (element.matches(selector)) state = (state & ~RULES) | ((place + 1) << RULE_SHIFT);
    });
  }
  if (isSecret(element)) state |= SENSITIVE;
  if (config.forms !== "record" && isEditable(element)) state |= FORM | LEAF;
  if (state & (MASK | SENSITIVE | FORM)) state &= ~RULES;
  return state;
}

/** Whether characters below are hidden whatever the policy shows. */
export const hides = (state: number): boolean => (state & (MASK | SENSITIVE | FORM)) !== 0;

/** Whether nothing that happens here may be told. */
export const silent = (state: number): boolean => (state & (IGNORE | SENSITIVE | BLOCK)) !== 0;

const CONTROLS = /^(input|textarea|select|x-password)$/;

function isSecret(element: Element): boolean {
  if (secret.has(element)) return true;
  if (!CONTROLS.test(element.localName)) return false;
  const attribute = (name: string) => element.getAttribute(name) ?? "";
  const label = (element as HTMLInputElement).labels?.[0]?.textContent ?? "";
  const found = secretField({
    type: attribute("type"),
    autocomplete: attribute("autocomplete"),
    name: attribute("name"),
    id: element.id,
    label,
    placeholder: attribute("placeholder"),
    ariaLabel: attribute("aria-label"),
  });
  if (found) secret.add(element);
  return found !== null;
}

/** An element whose text the visitor writes. */
function isEditable(element: Element): boolean {
  const editable = element.getAttribute("contenteditable");
  return (editable !== null && editable !== "false") || /^(textbox|searchbox|combobox)$/.test(element.getAttribute("role") ?? "");
}
