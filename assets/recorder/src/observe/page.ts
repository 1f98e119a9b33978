// Everything that is observed on one page, started in order and stopped in reverse.
import { config } from "../config";
import { listen, type Stop } from "../guard";
import * as stream from "../stream";
import { startAssets } from "./asset";
import { startFocus } from "./focus";
import { forgetControls, startInput } from "./input";
import * as mutation from "./mutation";
import { address, pollAddress, startNavigation } from "./navigation";
import { startPointer } from "./pointer";
import type { Root } from "./read";
import { startScroll, tellScrolled } from "./scroll";
import { startShadow } from "./shadow";
import { forgetSheets, pollSheets, startStyle, watchSheets } from "./style";
import { startViewport } from "./viewport";

/** What no event tells of is looked at this often. */
const POLL_MS = 500;

/** Observe the page; `told` is called after whatever may have been told. */
export function startPage(told: () => void): Stop {
  const stops: Stop[] = [];
  const watched = new WeakSet<Root>();
  const flush = () => mutation.flush();
  forgetSheets();
  if (__FORMS__) forgetControls();

  function watch(root: Root): void {
    watchSheets(root);
    if (watched.has(root)) return;
    watched.add(root);
    stops.push(startScroll(root, flush));
    if (__FORMS__) stops.push(startInput(root, flush));
    const window = (root as Document).defaultView as (Window & typeof globalThis) | null;
    if (window) {
      stops.push(
        startStyle(window, flush),
        startShadow(window, mutation.shadowMade),
        startPointer(root as Document, flush),
        startFocus(root as Document, flush),
      );
      if (__ASSETS__) stops.push(startAssets(window, told));
    }
    stops.push(listen(root, "load", loaded));
    tellScrolled(root);
  }

  stops.push(
    mutation.startMutation(
      watch,
      () => {
        pollSheets(mutation.attributeChanged);
        pollAddress();
        told();
      },
      address,
    ),
    startNavigation(flush),
    startViewport(flush),
  );
  if (document.hidden) stream.visibility(true);
  const poll = setInterval(mutation.ask, POLL_MS);
  stops.push(() => clearInterval(poll));
  told();
  return () => {
    flush();
    while (stops.length) stops.pop()!();
  };
}

/** What loads late changes without a mutation: a sheet, a frame's document, an image's size. */
function loaded(event: Event): void {
  const target = event.target as Element;
  const tag = target.localName;
  if (tag === "link") mutation.ask();
  else if (tag === "iframe") mutation.reloadFrame(target);
  else if (tag === "img" && config.media === "block") mutation.again(target);
  else if (tag === "img") mutation.attributeChanged(target, "src");
}
