// Everything that is observed on one page, started in order and stopped in reverse.
import { config } from "../config";
import { every, listen, type Stop } from "../guard";
import * as stream from "../stream";
import { startAssets } from "./asset";
import { forgetCanvases, startCanvas } from "./canvas";
import { startFocus } from "./focus";
import { forgetControls, hasControls, startInput } from "./input";
import { forgetLayers, startLayer } from "./layer";
import { startMedia } from "./media";
import * as mutation from "./mutation";
import { address, pollAddress, startNavigation } from "./navigation";
import { startPointer } from "./pointer";
import type { Root } from "./read";
import { startScroll, tellScrolled } from "./scroll";
import { startShadow } from "./shadow";
import { forgetSheets, pollSheets, pollWithin, startStyle, watchSheets } from "./style";
import { startViewport } from "./viewport";

/** What no event tells of is looked at this often: form controls at each look, all else at each turn. */
const LOOK_MS = 100;
const TURNS = 5;

/** Observe the page; `told` is called after whatever may have been told, and knows whether that was everything. */
export function startPage(told: (whole?: boolean) => void): Stop {
  const stops: Stop[] = [];
  const watched = new WeakSet<Root>();
  const flush = () => mutation.flush();
  forgetSheets();
  forgetLayers();
  if (__MEDIA__) forgetCanvases();
  if (__FORMS__) forgetControls();

  function watch(root: Root): void {
    watchSheets(root);
    if (watched.has(root)) return;
    watched.add(root);
    stops.push(startScroll(root, flush), startLayer(root, mutation.ask));
    if (__FORMS__) stops.push(startInput(root, flush));
    if (__MEDIA__) stops.push(startMedia(root, flush, (video) => mutation.attributeChanged(video, "poster")));
    const window = (root as Document).defaultView as (Window & typeof globalThis) | null;
    if (window) {
      stops.push(
        startStyle(window, flush),
        startShadow(window, mutation.shadowMade),
        startPointer(root as Document, flush),
        startFocus(root as Document, flush),
      );
      if (__MEDIA__) stops.push(startAssets(window, told));
    }
    stops.push(listen(root, "load", loaded));
    tellScrolled(root);
  }

  stops.push(
    mutation.startMutation(
      watch,
      (whole) => {
        if (whole) {
          pollSheets(mutation.attributeChanged);
          pollAddress();
        }
        told(whole);
      },
      address,
    ),
    startNavigation(flush),
    startViewport(flush),
  );
  if (__MEDIA__) stops.push(startCanvas(flush, told));
  if (document.hidden) stream.visibility(true);
  let looks = 0;
  stops.push(
    every(LOOK_MS, () => {
      const turn = ++looks % TURNS === 0;
      if (turn && !document.hidden) pollWithin(flush, mutation.attributeChanged);
      if (turn || (__FORMS__ && hasControls())) mutation.ask();
    }),
  );
  told(mutation.isWhole());
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
