// What stands in the top layer: modal dialogs, popovers, what fills the screen. No mutation tells of it, but something hints at it
// each time: an attribute, or an event. Who gave a hint is asked at the next flush, and from then on until it has left.
import { listen, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";

/** Each element that may be there, and what was told of it; in the order in which they came. */
let told = new Map<Element, stream.Layer>();

export const forgetLayers = (): void => void (told = new Map());

/** Ask this element at the next flush. */
export function hint(element: Element): void {
  if (!told.has(element)) told.set(element, stream.Layer.None);
}

/** Look again at whoever is there or may be. */
export function pollLayers(): void {
  for (const [element, before] of told) {
    const id = nodes.live(element);
    const now = id ? layerOf(element) : stream.Layer.None;
    if (id && now !== before) stream.layer(id, now);
    if (now) told.set(element, now);
    else told.delete(element);
  }
}

// What fills the screen is modal too.
const layerOf = (element: Element): stream.Layer =>
  is(element, "fullscreen")
    ? stream.Layer.Fullscreen
    : is(element, "popover-open")
      ? stream.Layer.Popover
      : is(element, "modal")
        ? stream.Layer.Modal
        : stream.Layer.None;

/** Whether an element is in a state; older browsers do not know each. */
function is(element: Element, state: string): boolean {
  try {
    return element.matches(":" + state);
  } catch {
    return false;
  }
}

export function startLayer(root: Document | ShadowRoot, ask: () => void): Stop {
  if (root.fullscreenElement) hint(root.fullscreenElement);
  // Neither event bubbles out of a shadow root, so each root is listened to.
  return listen(root, "toggle fullscreenchange", (event) => {
    const target = nodes.targetOf(event) as Element;
    if (target.nodeType !== Node.ELEMENT_NODE) return;
    hint(target);
    ask();
  });
}
