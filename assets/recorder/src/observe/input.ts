// The state of form controls, as far as the policy records forms. It is compared at each flush, so values set by scripts are
// seen without touching the page's own setters.
import { config } from "../config";
import { hides, silent, stateUnder } from "../hide/state";
import { redact } from "../hide/text";
import { listen, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";
import { INPUT_BUCKET } from "./read";
import { setTimer } from "../native";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Told = { value: stream.Value | null; checked: boolean | null };

/** Typed letter by letter, an address or a number is told before it can be known as one: these are masked in every preset. */
const PERSONAL = /^(email|tel)$/;
const BUTTONS = /^(submit|button|reset|image|file|hidden)$/;
/** More controls than this are not compared at each flush, only at their events. */
const POLLED_MAX = 500;

let controls = new Map<Control, Told>();
/** The control that the visitor changed last, until it is told. */
let touched: EventTarget | null = null;

export const forgetControls = (): void => void (controls = new Map());

/** Whether an element is a control whose state may be told. */
export function control(element: Element): boolean {
  if (!__FORMS__ || config.forms === "off") return false;
  const tag = element.localName;
  return tag === "textarea" || tag === "select" || (tag === "input" && !BUTTONS.test((element as HTMLInputElement).type));
}

/** Begin with these controls; a state that differs from an empty one is told. */
export function watchControls(found: Element[]): void {
  for (const element of found as Control[]) {
    controls.set(element, { value: "", checked: isToggle(element) ? false : null });
    tell(element);
  }
}

/** Look at every control again. */
export function pollControls(): void {
  let looked = 0;
  for (const element of controls.keys()) {
    if (!nodes.seen(element) || !nodes.live(element)) controls.delete(element);
    else if (++looked > POLLED_MAX) return;
    else tell(element);
  }
}

function tell(element: Control): void {
  const id = nodes.live(element);
  const before = controls.get(element);
  if (!id || !before) return;
  // Asked anew each time: a field that became a secret one is silent from then on.
  const state = stateUnder(element, nodes.stateOf(id));
  if (silent(state)) return;
  const now = read(element, state);
  if (now.value === before.value && now.checked === before.checked) return;
  controls.set(element, now);
  stream.input(id, now.value === before.value ? null : now.value, now.checked, element === touched);
}

const isToggle = (element: Control): boolean => /^(checkbox|radio)$/.test(element.type);

function read(element: Control, state: number): Told {
  const mask = config.forms === "masked" || hides(state) || PERSONAL.test(element.type);
  if (isToggle(element)) return { value: "", checked: mask ? false : (element as HTMLInputElement).checked };
  const selected = (element as HTMLSelectElement).selectedOptions?.[0];
  const value = element.localName === "select" ? (selected?.text ?? "") : element.value;
  if (mask) return { value: value ? INPUT_BUCKET : "", checked: null };
  return { value: config.text === "show" ? value : redact(value), checked: null };
}

/** Note which control the visitor changes; `changed` has it told in order with the page's other changes. */
export function startInput(root: Document | ShadowRoot, changed: () => void): Stop {
  // A box is checked before its click is told.
  return listen(root, "click input change reset", (event) => {
    if (event.type === "reset") {
      // The controls change after the event.
      setTimer(changed);
      return;
    }
    touched = event.isTrusted ? (event.composedPath()[0] ?? null) : null;
    changed();
    touched = null;
  });
}
