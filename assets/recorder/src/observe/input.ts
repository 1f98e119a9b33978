// The state of form controls, as far as the policy records forms. It is compared at each flush, so values set by scripts are
// seen without touching the page's own setters.
import { FORMS, TEXT } from "../config";
import { INPUT_BUCKET } from "../hide/attribute";
import { noteHidden, withoutEcho } from "../hide/echo";
import { FORM, hides, isDotted, noteWritten, silent, stateUnder } from "../hide/state";
import { redact } from "../hide/text";
import { guard, listen, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";
import { setTimer } from "../native";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type State = { value: stream.Value | null; checked: boolean | null; mixed: boolean; chosen: string };
/** What was told of a control, and its own state of which that was made. */
type Told = State & { raw: string | number | null };

const NOTHING = { checked: null, mixed: false, chosen: "" };

/** Typed letter by letter, an address or a number is told before it can be known as one: these are masked in every preset. */
const PERSONAL = /^(email|tel)$/;
const BUTTONS = /^(submit|button|reset|image|file|hidden)$/;
/** Chosen options of one select that are told. */
const CHOSEN_MAX = 500;
/** More controls than this are not compared at each flush, only at their events. */
const POLLED_MAX = 500;

/** And no more often than this. */
const POLLED_EVERY_MS = 50;

let controls = new Map<Control, Told>();
let polledAt = 0;

export const forgetControls = (): void => void (controls = new Map());

/** Whether there is any control to look at. */
export const hasControls = (): boolean => controls.size > 0;

/** Whether an element is a control whose state may be told. */
export function control(element: Element): boolean {
  if (!__FORMS__ || FORMS === "off") return false;
  const tag = element.localName;
  return tag === "textarea" || tag === "select" || (tag === "input" && !BUTTONS.test((element as HTMLInputElement).type));
}

/** Begin with these controls; a state that differs from an empty one is told. */
export function watchControls(found: Element[]): void {
  for (const element of found as Control[]) {
    controls.set(element, { ...NOTHING, value: "", checked: isToggle(element) ? false : null, raw: null });
    tell(element);
  }
}

/** Look at every control again, unless that was a moment ago. */
export function pollControls(): void {
  const now = performance.now();
  if (now - polledAt < POLLED_EVERY_MS) return;
  polledAt = now;
  let looked = 0;
  for (const element of controls.keys()) {
    if (!nodes.seen(element) || !nodes.live(element)) controls.delete(element);
    else if (++looked > POLLED_MAX) return;
    else tell(element);
  }
}

/** Tell a control's state, where it is another than was told. */
function tell(element: Control, byVisitor = false): void {
  const before = controls.get(element);
  const raw = rawOf(element);
  if (!before || before.raw === raw) return;
  const id = nodes.live(element);
  if (!id || silent(nodes.stateOf(id))) return;
  // Asked anew before anything is told: a field that became a secret one is silent from then on.
  const state = stateUnder(element, nodes.stateOf(id));
  if (silent(state)) return;
  if (FORMS === "record" && isDotted(element)) return noteHidden(element);
  const now = read(element, state);
  const same = now.value === before.value;
  controls.set(element, { ...now, raw });
  if (!same || now.checked !== before.checked) stream.input(id, same ? null : now.value, now.checked, byVisitor);
  if (now.mixed !== before.mixed) stream.state(id, stream.State.Mixed, now.mixed ? [1] : []);
  if (now.chosen !== before.chosen && (same || isUnclear(element as HTMLSelectElement))) {
    stream.state(id, stream.State.Chosen, now.chosen.split(",").filter(Boolean).slice(0, CHOSEN_MAX).map(Number));
  }
}

const chosenIn = (options: Iterable<HTMLOptionElement>): string => [...options].map(({ index }) => index).join();

/** A control's state, not hidden and quick to compare. */
function rawOf(element: Control): string | number {
  const { selectedOptions } = element as HTMLSelectElement;
  if (selectedOptions) return chosenIn(selectedOptions) + ":" + selectedOptions[0]?.text;
  const { checked, indeterminate, value } = element as HTMLInputElement;
  return isToggle(element) ? Number(checked) + 2 * Number(indeterminate) : value;
}

const isToggle = (element: Element): boolean => /^(checkbox|radio)$/.test((element as HTMLInputElement).type);

function read(element: Control, state: number): State {
  const mask = FORMS === "masked" || hides(state) || PERSONAL.test(element.type);
  const { checked, indeterminate } = element as HTMLInputElement;
  if (isToggle(element)) return { ...NOTHING, value: "", checked: !mask && checked, mixed: !mask && indeterminate };
  const selected = (element as HTMLSelectElement).selectedOptions;
  const value = selected ? (selected[0]?.text ?? "") : element.value;
  if (mask) return { ...NOTHING, value: value ? INPUT_BUCKET : "" };
  const chosen = selected ? chosenIn(selected) : "";
  return { ...NOTHING, value: withoutEcho(TEXT === "show" ? value : redact(value)), chosen };
}

/** Whether the text of the chosen option alone does not tell what is chosen. */
const isUnclear = ({ multiple, options, selectedOptions: [chosen] }: HTMLSelectElement): boolean =>
  multiple || (!!chosen && [...options].findIndex(({ text }) => text === chosen.text) !== chosen.index);

/**
 * Tell each control in its event; `before` is called with it first, `changed` where others may have changed too. `hide` is told
 * each element that turns out to be written into, before anything is.
 */
export function startInput(root: Document | ShadowRoot, before: (target: Node) => void, changed: () => void, hide: (element: Element) => void): Stop {
  // A box is checked before its click is told.
  return listen(root, "click input change reset beforeinput", (event) => {
    if (event.type === "beforeinput") {
      const element = nodes.targetOf(event) as Element;
      const id = nodes.live(element);
      if (FORMS === "record" || !id || control(element) || nodes.stateOf(id) & FORM) return;
      noteWritten(element);
      return hide(element);
    }
    // The controls change after the event.
    if (event.type === "reset") return void setTimer(guard(changed));
    const target = nodes.targetOf(event) as Control;
    if (event.type === "click" && !isToggle(target)) return;
    if (controls.get(target)?.raw === rawOf(target)) return;
    if (FORMS !== "record") noteHidden(target);
    before(target);
    tell(target, event.isTrusted);
  });
}
