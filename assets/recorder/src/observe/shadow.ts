// Shadow roots: open ones by asking, closed ones where we saw them being made.
import { guard, type Stop } from "../guard";
import * as nodes from "../node";

const closed = new WeakMap<Element, ShadowRoot>();

/** The shadow root of an element, as far as it can be known. */
export const shadowOf = (element: Element): ShadowRoot | null => element.shadowRoot ?? closed.get(element) ?? null;

/** Hosts whose roots came with the page's markup after they were told themselves: no script made them, and no mutation tells of them. */
export function declaredLate(document: Document): Element[] {
  return [...document.querySelectorAll("*")].filter(({ shadowRoot }) => shadowRoot && !nodes.seen(shadowRoot));
}

/** Note the roots that a window's scripts make; `made` is told their hosts. */
export function startShadow(window: Window & typeof globalThis, made: (host: Element) => void): Stop {
  const prototype = window.Element.prototype;
  const native = prototype.attachShadow;
  const note = guard((host: Element, root: ShadowRoot) => {
    if (root.mode === "closed") closed.set(host, root);
    made(host);
  });
  prototype.attachShadow = function (this: Element, init: ShadowRootInit) {
    const root = native.call(this, init);
    note(this, root);
    return root;
  };
  return () => void (prototype.attachShadow = native);
}
