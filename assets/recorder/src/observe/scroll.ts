// How far the page and the containers in it are scrolled.
import { later, listen, type Stop } from "../guard";
import { silent } from "../hide/state";
import * as nodes from "../node";
import * as stream from "../stream";

const SCROLL_EVERY_MS = 100;

/** Tell where an element, or a document, stands now. */
function tellScroll(target: Element | Document): void {
  const id = nodes.live(target);
  if (!id || silent(nodes.stateOf(id))) return;
  const window = (target as Document).defaultView;
  if (window) stream.scroll(id, window.scrollX, window.scrollY);
  else stream.scroll(id, (target as Element).scrollLeft, (target as Element).scrollTop);
}

/** Tell what is scrolled already: a late start, a restored page. */
export function tellScrolled(root: Document | ShadowRoot): void {
  const window = (root as Document).defaultView;
  if (window && (window.scrollX || window.scrollY)) tellScroll(root as Document);
}

export function startScroll(root: Document | ShadowRoot, before: () => void): Stop {
  const moved = new Set<Element | Document>();
  const call = later(() => {
    before();
    moved.forEach(tellScroll);
    moved.clear();
  }, SCROLL_EVERY_MS);
  const stop = listen(root, "scroll", (event) => {
    moved.add(event.target as Element | Document);
    call.ask();
  });
  return () => {
    stop();
    call.cancel();
  };
}
