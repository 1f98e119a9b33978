// How one element is hidden: its own marks joined to what it inherits. The walk hands the state down, so nothing asks upwards.
import { config, FORMS } from "../config";
import { noteHidden } from "./echo";
import { secretField } from "./field";
import * as markers from "./markers";
import { MASKED } from "./policy";

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

/** Fields that their names alone give away, and what as: nobody marked them. Whoever tells them takes them. */
export const unmarked: [field: Element, kind: string][] = [];

/** Elements that once held a secret. */
const secret = new WeakSet<Element>();
/** Others, by what was known of them when they were asked last. */
const harmless = new WeakMap<Element, string>();

/** Names and ids of password fields: one that is put in the place of another by a script is the same field. */
const secretNames = new Set<string>();
/** Elements that the visitor was seen writing into, though no attribute says so. */
const written = new WeakSet<Element>();
let anyWritten = false;

/** This element is written into. */
export const noteWritten = (element: Element): void => {
  written.add(element);
  anyWritten = true;
};

/** Nodes in the slots of a shadow tree that are hidden there, by what hides them. */
const slotted = new WeakMap<Node, number>();
let anySlotted = false;

/** Whether any slot hides what is shown in it. */
export const slotsHide = (): boolean => anySlotted;

/** What `node` inherits from a parent of state `state`, and from the slot it is shown in. */
export const inheritedBy = (node: Node, state: number): number => (anySlotted ? state | (slotted.get(node) ?? 0) : state);

/** A slot of this state was met: the answer is what is shown in it, where it is hidden there. */
export function noteSlot(slot: HTMLSlotElement, state: number): Node[] {
  const hiding = state & (MASK | BLOCK | IGNORE | SENSITIVE | FORM);
  if (!hiding && !anySlotted) return [];
  anySlotted = true;
  const nodes = slot.assignedNodes();
  for (const node of nodes) slotted.set(node, hiding);
  return nodes;
}

/** What a word of markup asks for: by class, or by attribute and the value it must have ("" for any). */
const byClass = new Map<string, number>();
const byAttribute = new Map<string, [value: string, flag: number][]>();

for (const [flag, words] of [
  [MASK, markers.MASK],
  [BLOCK, markers.BLOCK],
  [IGNORE, markers.IGNORE],
  [SENSITIVE, markers.SENSITIVE],
] as const) {
  for (const word of words.split(" ")) {
    const [name, value = ""] = word.split("=") as [string, string?];
    if (name[0] === ".") byClass.set(name.slice(1), flag);
    else byAttribute.set(name, [...(byAttribute.get(name) ?? []), [value, flag]]);
  }
}

/** The policy's and the page's selectors, and all of them as one. */
let marks: [flag: number, selector: string][] = [];
let marked = "";

/** Take the policy's selectors into use. Throws on one that does not parse: then nothing is recorded. */
export function prepare(): void {
  marks = [];
  for (const [flag, selectors] of [[MASK, config.mask], [BLOCK, config.block], [IGNORE, config.ignore]] as const) {
    if (selectors.length) marks.push([flag, selectors.join()]);
  }
  combine();
}

/** Hide more, at the page's wish: a selector of its own. Throws on one that does not parse. */
export function hideMore(kind: "mask" | "block" | "ignore", selector: string): void {
  document.createDocumentFragment().querySelector(selector);
  marks.push([{ mask: MASK, block: BLOCK, ignore: IGNORE }[kind], selector]);
  combine();
}

function combine(): void {
  marked = [...marks.map((mark) => mark[1]), ...(MASKED ? [] : config.show)].join();
  if (marked) document.createDocumentFragment().querySelector(marked);
}

/** What the classes of an element ask for; most pages use few different ones, again and again. */
let classes = new Map<string, number>();
const CLASSES_MAX = 2_000;

function classFlags(value: string): number {
  let flags = classes.get(value);
  if (flags === undefined) {
    flags = 0;
    for (const token of value.toLowerCase().split(/\s+/)) flags |= byClass.get(token) ?? 0;
    if (classes.size > CLASSES_MAX) classes = new Map();
    classes.set(value, flags);
  }
  return flags;
}

/** What an attribute asks for. A word of ours that nobody knows was meant to hide something. */
function markFlags(element: Element, name: string): number {
  const wanted = byAttribute.get(name);
  if (!wanted) return 0;
  const words = element.getAttribute(name)!.toLowerCase().trim().split(/\s+/);
  let flags = 0;
  for (const [word, flag] of wanted) if (!word || words.includes(word)) flags |= flag;
  return flags || name !== "data-hush" || words.includes("show") ? flags : SENSITIVE;
}

/** The state of `element` under a parent of state `inherited`; `names` are those of its attributes. */
export function stateUnder(element: Element, inherited: number, names: readonly string[] = element.getAttributeNames()): number {
  let state = inherited & ~LOCAL;
  const tag = element.localName;
  let field = isControl(tag);
  if (FORMS !== "record" && CHOICE.test(tag)) state |= FORM;
  for (const name of names) {
    if (name === "class") state |= classFlags(element.getAttribute(name)!);
    else if (name.startsWith("data-")) {
      state |= markFlags(element, name);
    } else if ((name === "contenteditable" || name === "role" || name === "style") && isEditable(element, name)) {
      field = true;
      if (FORMS !== "record") state |= FORM | LEAF;
    }
  }
  if (FORMS !== "record" && ((anyWritten && written.has(element)) || isDesigned(element))) state |= FORM | LEAF;
  if (marked && element.matches(marked)) {
    for (const [flag, selector] of marks) if (element.matches(selector)) state |= flag;
    if (!MASKED) config.show.forEach((selector, place) => {
      if (element.matches(selector)) state = (state & ~RULES) | ((place + 1) << RULE_SHIFT);
    });
  }
  if (field && isSecret(element, state)) state |= SENSITIVE;
  if (state & (MASK | SENSITIVE | FORM)) state &= ~RULES;
  return state;
}

/** Whether a change of this attribute can change how its element is hidden. */
export const mayMark = (element: Element, name: string): boolean =>
  marked !== "" || name === "class" || name === "role" || name === "contenteditable" || name === "slot" || name.startsWith("data-") || isControl(element.localName);

/** Whether characters below are hidden whatever the policy shows. */
export const hides = (state: number): boolean => (state & (MASK | SENSITIVE | FORM)) !== 0;

/** Whether nothing that happens here may be told. */
export const silent = (state: number): boolean => (state & (IGNORE | SENSITIVE | BLOCK)) !== 0;

/** Whether somebody asked for this to be hidden. */
export const isMarked = (state: number): boolean => (state & (MASK | BLOCK | IGNORE | SENSITIVE)) !== 0;

/** What can be chosen, and what was. */
const CHOICE = /^(select|option|optgroup|datalist|selectedcontent)$/;

const isControl = (tag: string): boolean => tag === "input" || tag === "textarea" || tag === "select" || tag === "x-password";

function isSecret(element: Element, state: number): boolean {
  if (secret.has(element)) return true;
  const attribute = (name: string) => element.getAttribute(name) ?? "";
  // The browser looks through the whole page for labels; without an id they can only be around.
  const label = (element.id ? (element as HTMLInputElement).labels?.[0] : element.closest("label"))?.textContent ?? "";
  const group = element.closest("fieldset,[role=group],[role=radiogroup]");
  const root = element.getRootNode() as Document;
  const around = attribute("aria-labelledby").split(/\s+/).map((id) => (id && root.getElementById?.(id)?.textContent) || "");
  const before = element.previousElementSibling ?? element.parentElement?.previousElementSibling;
  const cell = element.closest("td")?.previousElementSibling;
  const host = (root as Node as ShadowRoot).host as Element | undefined;
  for (const name of ["name", "id", "label", "aria-label", "autocomplete"]) around.push(host?.getAttribute(name) ?? "");
  around.push(wordsOf(element.previousSibling), wordsOf(before), wordsOf(cell));
  around.push(attribute("title"), group?.getAttribute("aria-label") ?? "", [...(group?.children ?? [])].find(({ localName }) => localName === "legend")?.textContent ?? "");
  const field = {
    type: attribute("type"),
    autocomplete: attribute("autocomplete"),
    name: attribute("name"),
    id: element.id,
    label: [label, ...around].join("\n"),
    placeholder: attribute("placeholder"),
    ariaLabel: attribute("aria-label"),
  };
  const known = Object.values(field).join("\n");
  if (harmless.get(element) === known + secretNames.size) return false;
  const found = secretField(field);
  const names = [field.name && "name " + field.name, field.id && "id " + field.id].filter(Boolean);
  if (found === "password") names.forEach((name) => secretNames.add(name));
  if (found || names.some((name) => secretNames.has(name))) {
    if (found && !TYPED.test(found) && !isMarked(state)) unmarked.push([element, found]);
    noteSecret(element);
    return true;
  }
  // Asked again once another password field is known.
  harmless.set(element, known + secretNames.size);
  return false;
}

/** A type or an autocomplete says what a field is, as a mark does. */
const TYPED = /^(password|hidden|file|autocomplete)$/;

/** This field is secret for good: what was written into it says so. */
export const noteSecret = (field: Element): void => {
  secret.add(field);
  noteHidden(field);
};

/** The words of a node that holds nothing but them, as a caption does. */
const wordsOf = (node: Node | null | undefined): string =>
  node && /^(#text|label|span|p|div|b|strong|em|td|th|dt|li|legend|small|h\d)$/i.test(node.nodeName) && !(node as Element).firstElementChild ? node.textContent!.slice(-CAPTION_MAX) : "";
const CAPTION_MAX = 100;

/** Whether a field shows dots in the place of what is written, as only style says. */
export const isDotted = (element: Element): boolean => !/^(none)?$/.test(getComputedStyle(element).getPropertyValue("-webkit-text-security"));

/** Whether a document as a whole is written into. */
const isDesigned = (element: Element): boolean => element.localName === "body" && element.ownerDocument.designMode === "on";

/** An element whose text the visitor writes, as this attribute may say. */
function isEditable(element: Element, name: string): boolean {
  if (name === "style") return element.getAttribute("style")!.includes("user-modify");
  const editable = element.getAttribute("contenteditable");
  return (editable !== null && editable !== "false") || /^(textbox|searchbox|combobox)$/.test(element.getAttribute("role") ?? "");
}
