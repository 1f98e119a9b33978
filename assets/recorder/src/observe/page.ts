// Everything that is observed on one page, started in order and stopped in reverse.
import { MEDIA } from "../config";
import { every, guard, listen, type Stop } from "../guard";
import { setTimer } from "../native";
import * as nodes from "../node";
import * as stream from "../stream";
import { startAssets } from "./asset";
import { forgetCanvases, startCanvas } from "./canvas";
import { forgetRules, startFinding, tellUnmarked, tellRules } from "./finding";
import { startFocus } from "./focus";
import { startForeign } from "./foreign";
import { forgetFrames, pollFrames } from "./frame";
import { forgetControls, hasControls, startInput } from "./input";
import { forgetLayers, startLayer } from "./layer";
import { startMedia } from "./media";
import * as mutation from "./mutation";
import { address, pollAddress, startNavigation } from "./navigation";
import { startPointer } from "./pointer";
import type { Root } from "./read";
import { startScroll, tellScrolled } from "./scroll";
import { declaredLate, startShadow } from "./shadow";
import { forgetSheets, pollSheets, pollWithin, sheetLoaded, sheetsArrived, startStyle, watchSheets } from "./style";
import { startRequest } from "./request";
import { startTrouble } from "./trouble";
import { startViewport } from "./viewport";
import { startVital } from "./vital";

/** What no event tells of is looked at this often, */
const LOOK_MS = 500;
/** and form controls, where there are any, this often. */
const CONTROLS_MS = 100;

/** Sheets and the address: after each change of the page, and no more often than this where a flush found none. */
const POLL_MS = 400;

/** When they were looked at last. */
let polled = -POLL_MS;

/** Observe the page; `told` is called after whatever may have been told, and knows whether that was everything; `again` where the
 * page wrote itself anew; `outside` where its address became one that is not recorded. */
export function startPage(told: (whole?: boolean) => void, again: () => void, outside: () => void): Stop {
  const stops: Stop[] = [];
  const watched = new Map<Root, Stop[]>();
  const flush = () => mutation.flush();
  forgetSheets();
  forgetLayers();
  forgetFrames();
  forgetRules();
  if (__MEDIA__) forgetCanvases();
  if (__FORMS__) forgetControls();

  function watch(root: Root): void {
    watchSheets(root);
    if (watched.has(root)) return;
    const stops: Stop[] = [];
    watched.set(root, stops);
    stops.push(startScroll(root, flush), startLayer(root, mutation.ask), startFinding(root, (field) => mutation.attributeChanged(field, "name"), told));
    if (__FORMS__) stops.push(startInput(root, mutation.flushFor, flush, (element) => mutation.attributeChanged(element, "contenteditable")));
    if (__MEDIA__) stops.push(startMedia(root, flush, (video) => mutation.attributeChanged(video, "poster")));
    const window = (root as Document).defaultView as (Window & typeof globalThis) | null;
    if (window) {
      stops.push(
        startStyle(window, mutation.ask),
        startShadow(window, mutation.shadowMade),
        startPointer(root as Document, mutation.flushFor),
        startFocus(root as Document, mutation.flushFor),
      );
      if ((root as Document).readyState === "loading") {
        stops.push(listen(root, "DOMContentLoaded", () => declaredLate(root as Document).forEach(mutation.shadowMade)));
      }
      if (__ASSETS__) stops.push(startAssets(window, told));
    }
    stops.push(listen(root, "load", loaded));
    tellScrolled(root);
  }

  function unwatch(root: Root): void {
    for (const stop of watched.get(root) ?? []) stop();
    watched.delete(root);
  }

  /** `document.open` takes the listeners of a document away; of the page's own, those of its window as well. */
  function reopened(page: Document): void {
    const frame = page.defaultView?.frameElement;
    if (page === document) setTimer(guard(again));
    else if (frame) {
      // It is told as another document: no player would take a second root into one before the first has left.
      unwatch(page);
      nodes.drop(nodes.live(page));
      setTimer(guard(() => mutation.reloadFrame(frame)));
    }
  }

  stops.push(
    startForeign(() => {
      sheetsArrived();
      polled = -POLL_MS;
      mutation.ask();
    }),
    mutation.startMutation(
      watch,
      (whole, changed) => {
        const now = performance.now();
        if (whole && (changed || now - polled > POLL_MS)) {
          polled = now;
          pollSheets(mutation.attributeChanged);
          pollAddress();
        }
        if (whole) tellUnmarked();
        told(whole);
      },
      address,
      reopened,
      outside,
    ),
    startNavigation(flush),
    startViewport(flush),
  );
  stops.push(startVital(flush, told), startTrouble(flush, told));
  if (__META__) stops.push(startRequest(flush, told));
  if (__MEDIA__) stops.push(startCanvas(flush, told));
  if (document.hidden) stream.visibility(true);
  let looked = 0;
  stops.push(
    every(
      () => (__FORMS__ && hasControls() ? CONTROLS_MS : LOOK_MS),
      () => {
        const now = performance.now();
        if (now - looked > LOOK_MS - CONTROLS_MS / 2) {
          looked = now;
          if (!document.hidden) pollWithin(flush, mutation.attributeChanged);
          for (const root of watched.keys()) if (!nodes.live(root)) unwatch(root);
          pollFrames(mutation.reloadFrame, mutation.again);
        }
        mutation.look();
      },
    ),
  );
  if (mutation.isWhole()) {
    tellUnmarked();
    tellRules([...watched.keys()]);
  }
  told(mutation.isWhole());
  return () => {
    polled = -POLL_MS;
    mutation.flush(mutation.LAST_MS);
    if (mutation.isWhole()) tellRules([...watched.keys()]);
    while (stops.length) stops.pop()!();
    for (const root of watched.keys()) unwatch(root);
  };
}

/** What loads late changes without a mutation: a sheet, a frame's document, an image's size. */
function loaded(event: Event): void {
  const target = event.target as Element;
  const tag = target.localName;
  if (tag === "link" || tag === "style") {
    sheetLoaded(target);
    polled = -POLL_MS;
    mutation.ask();
  }
  else if (tag === "iframe") mutation.reloadFrame(target);
  else if (tag === "img" && MEDIA === "block") mutation.again(target);
  else if (tag === "img") mutation.attributeChanged(target, "src");
}
