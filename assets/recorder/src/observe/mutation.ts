// What changed in the page. Observers only mark nodes; a flush reads the page as it is then, with the marks that hold then,
// so text and mark set in one task are seen together, and what came and went between two flushes costs nothing.
import { hideAttribute } from "../hide/attribute";
import { config, FORMS } from "../config";
import { BOX, FORM, inheritedBy, LEAF, LOCAL, mayMark, noteSlot, slotsHide, stateUnder } from "../hide/state";
import { guard, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";
import { frameOf, meetFrame } from "./frame";
import { pollControls, watchControls } from "./input";
import { hint, pollLayers } from "./layer";
import { isOutside } from "./navigation";
import { tellMet } from "./media";
import { FLUSH_EVERY_MS, shed } from "../pace";
import * as read from "./read";
import { shadowOf } from "./shadow";
import { adoptSheets } from "./style";
import { cancelFrame, clearTimer, nextFrame, Observer, setTimer } from "../native";

const OPTIONS = { subtree: true, childList: true, characterData: true, attributes: true };
/** A flush waits for the next frame, or this long where none comes (a hidden tab). */
const FRAME_MS_MAX = 100;
/** A flush stops after this long, and goes on when the page had this long for itself. */
const SLICE_MS = 8;
const PAUSE_MS = 4;
/** A page that is left has no later slice: what it has not told yet may take this long. */
export const LAST_MS = 100;

let pending = new Set<Node>();
let attributes = new Map<Element, Set<string>>();
let texts = new Set<CharacterData>();
/** Lists that were not told to their end, and where to go on; null where the page took that node away. */
let unfinished = new Map<Node, Node | null>();
/** The snapshot is not told to its end yet. */
let partial = false;
let observer: MutationObserver | null = null;
let watchRoot: (root: read.Root) => void = () => {};
let reopened: (document: Document) => void = () => {};
let done: (whole: boolean, changed: boolean) => void = () => {};
let left: () => void = () => {};
let timer = 0;
let animation = 0;

/** Begin with a snapshot. `watch` is told of each root that the page has or gets; `told` after each flush, with whether it told
 * everything, and whether anything had changed; `renewed` of each document that may have lost its listeners, as one does that is written
 * anew; `outside` where the address became one that is not recorded. */
export function startMutation(
  watch: (root: read.Root) => void,
  told: (whole: boolean, changed: boolean) => void,
  address: () => { url: string; title: stream.Value },
  renewed: (document: Document) => void,
  outside: () => void,
): Stop {
  watchRoot = watch;
  reopened = renewed;
  left = outside;
  done = told;
  observer = new Observer(guard(note));
  const walk = newWalk();
  const { url, title } = address();
  read.readDocument(title, url, walk);
  partial = walk.over;
  if (partial) stream.part(true);
  settle(walk);
  pollLayers();
  if (walk.over) goOnLater();
  return () => {
    observer?.disconnect();
    observer = null;
    cancel();
    clear();
  };
}

/** A walk of one slice that settles what was pending. */
const newWalk = (ms: number = SLICE_MS): read.Walk => ({
  roots: [],
  controls: [],
  pending,
  until: performance.now() + ms,
  over: false,
  rest: (parent, from) => unfinished.set(parent, from),
});

function clear(): void {
  pending = new Set();
  attributes = new Map();
  texts = new Set();
  unfinished = new Map();
}

function cancel(): void {
  clearTimer(timer);
  cancelFrame(animation);
  timer = animation = 0;
}

function goOnLater(): void {
  cancel();
  if (observer) timer = setTimer(flushSafely, PAUSE_MS);
}

/** Whether every list is told to its end. */
export const isWhole = (): boolean => !unfinished.size;

/** Ask for a flush soon: at the next frame, or later where the page needs its time for itself. */
export function ask(): void {
  if (timer || !observer) return;
  const wait = FLUSH_EVERY_MS[shed()];
  timer = setTimer(flushSafely, wait || FRAME_MS_MAX);
  if (!wait) animation = nextFrame(flushSafely);
}

/** Flush now, where no flush was asked for: a frame for it alone would be the page's work. */
export function look(): void {
  if (shed()) ask();
  else if (!timer) flush();
}

/** An event is about to be told of this node: what waits is told first if it bears on where the node stands or what hides it. All
 * else waits for its frame, so that the page's own listeners are not kept. */
export function flushFor(target: Node): void {
  const waiting = observer?.takeRecords();
  if (waiting?.length) note(waiting);
  if (!nodes.live(target)) return flush();
  for (let at: Node | null = target; at; at = nodes.up(at)) {
    const names = attributes.get(at as Element);
    if (pending.has(at) || (names && canMark(at as Element, names))) return flush();
  }
}

/** Tell a node anew, because something that no observer sees changed: a late shadow root, a frame's new document. */
export function again(node: Node): void {
  pending.add(node);
  const known = nodes.live(node);
  if (known) renewed.add(known);
  ask();
}

/** An attribute reads otherwise now, without a mutation: an image got its size. */
export function attributeChanged(element: Element, name: string): void {
  mark(element, name);
  ask();
}

/** Nodes to be told anew even if they are hidden as before. */
const renewed = new Set<number>();

function mark(element: Element, name: string): void {
  const names = attributes.get(element);
  if (names) names.add(name);
  else attributes.set(element, new Set([name]));
}

function note(records: MutationRecord[]): void {
  for (const record of records) {
    const { target, type } = record;
    if (!nodes.seen(target)) continue;
    if (FORMS !== "record" && target.ownerDocument !== document) noteDesigned(target.ownerDocument);
    if (type === "attributes") mark(target as Element, record.attributeName!);
    else if (type === "characterData") texts.add(target as CharacterData);
    else {
      const { addedNodes, removedNodes } = record;
      if (removedNodes.length && target.nodeType === Node.DOCUMENT_NODE) reopened(target as Document);
      for (let at = addedNodes.length; at--; ) pending.add(addedNodes[at]!);
      for (let at = removedNodes.length; at--; ) {
        const node = removedNodes[at]!;
        pending.add(node);
        if (unfinished.get(target) === node) unfinished.set(target, null);
      }
    }
  }
  ask();
}

/** A frame's document may have become one that is written into. */
function noteDesigned(inner: Document | null): void {
  if (inner?.designMode === "on" && inner.body && !(nodes.stateOf(nodes.live(inner.body)) & FORM)) mark(inner.body, "contenteditable");
}

const flushSafely = guard(() => flush());

/**
 * Tell what changed since the last flush. Cheap where nothing did. What one slice has no time for is told in the next: marks and
 * additions first, removals once all additions are told, so that each part leaves the told page whole.
 */
export function flush(ms?: number): void {
  cancel();
  if (!observer) return;
  if (isOutside()) return left();
  const waiting = observer.takeRecords();
  if (waiting.length) {
    note(waiting);
    cancel();
  }
  const fresh = stream.upcoming();
  const walk = newWalk(ms);
  const changed = pending.size + attributes.size + texts.size + unfinished.size > 0;
  for (const [element, names] of attributes) {
    if (names.has("slot") && element.parentElement) assign(element.parentElement);
    if (canMark(element, names)) remark(element);
  }
  placeAll(walk);
  if (!walk.over) goOn(walk);
  if (!walk.over) removeAll();
  settle(walk);
  if (!walk.over) tellAttributes(fresh, walk);
  if (!walk.over) tellTexts(fresh, walk);
  if (walk.over) goOnLater();
  else {
    clear();
    if (partial) stream.part((partial = false));
    if (__FORMS__) pollControls();
    pollLayers();
  }
  done(!walk.over, changed);
}

/** An attribute may be a mark: where it hides or shows what is below, all of that is told anew. */
function remark(element: Element): void {
  const id = nodes.live(element);
  const parent = id && nodes.parentOf(id);
  if (!parent) return;
  const was = nodes.stateOf(id);
  const state = stateUnder(element, inheritedBy(element, nodes.stateOf(parent)));
  if ((was & ~LOCAL) !== (state & ~LOCAL)) pending.add(element);
}

/** What is shown in each slot of a host: a slot may hide it. */
function assign(host: Element): void {
  if (!slotsHide()) return;
  for (const slot of shadowOf(host)?.querySelectorAll("slot") ?? []) {
    const id = nodes.live(slot);
    if (id) noteSlot(slot, nodes.stateOf(id));
  }
}

function canMark(element: Element, names: Set<string>): boolean {
  for (const name of names) if (mayMark(element, name)) return true;
  return false;
}

/** Additions and moves come first: a child moved out of what is removed must be gone from there. */
function placeAll(walk: read.Walk): void {
  let clean: Node | null = null;
  for (const node of pending) {
    if (walk.over) return;
    if (!isPlaced(node)) continue;
    if (node.parentNode !== clean) {
      // Ancestors before descendants, or a swap of nesting would make a circle.
      for (let top = topmost(node); top !== node && pending.has(node) && !walk.over; top = topmost(node)) placeRun(top, walk);
      clean = node.parentNode;
    }
    if (pending.has(node) && !walk.over) placeRun(node, walk);
  }
}

/** Go on with the lists that were not told to their end. */
function goOn(walk: read.Walk): void {
  for (const parent of unfinished.keys()) {
    const id = nodes.live(parent);
    const from = id ? cursorOf(parent) : null;
    unfinished.delete(parent);
    if (!from) continue;
    stream.add(id, nodes.live(from.previousSibling));
    read.readChildren(parent, from, id, nodes.stateOf(id), walk, 0);
    stream.end();
    if (walk.over) return;
  }
}

/** Where an unfinished list goes on; null where nothing is left of it, undefined where a list is finished. */
function cursorOf(parent: Node): Node | null | undefined {
  let cursor = unfinished.get(parent);
  if (cursor === null) {
    cursor = parent.firstChild;
    while (cursor && (pending.has(cursor) || nodes.live(cursor))) cursor = cursor.nextSibling;
    unfinished.set(parent, cursor);
  }
  return cursor;
}

/** Whether a pending node stands in a page that we tell. */
const isPlaced = (node: Node): boolean => node.isConnected && nodes.up(node) !== null;

function topmost(node: Node): Node {
  let top = node;
  for (let above = nodes.up(node); above; above = nodes.up(above)) if (pending.has(above)) top = above;
  return top;
}

/** Tell a run of pending siblings, from the first one behind a settled sibling. */
function placeRun(node: Node, walk: read.Walk): void {
  const parent = node.parentNode!;
  const id = nodes.live(parent);
  if (!id || nodes.stateOf(id) & LEAF) {
    pending.delete(node);
    return;
  }
  const state = nodes.stateOf(id);
  assign(parent as Element);
  const cursor = cursorOf(parent);
  if (cursor && (cursor === node || cursor.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)) {
    // Its turn comes with the rest of the list. What is told already must not stay where it was, or a circle could close.
    if (nodes.live(node)) {
      stream.add(id, nodes.live(cursor.previousSibling));
      read.readNode(node, id, state, walk, 0);
      stream.end();
    }
    pending.delete(node);
    return;
  }
  const settled = (sibling: Node) => !pending.has(sibling) && nodes.live(sibling) !== 0;
  let first = node;
  while (first.previousSibling && !settled(first.previousSibling)) first = first.previousSibling;
  stream.add(id, nodes.live(first.previousSibling));
  for (let next: Node | null = first; next && next !== cursor && !settled(next); next = next.nextSibling) {
    const known = nodes.live(next);
    if (known && renewed.has(known)) {
      read.outdated.push(known);
      nodes.drop(known);
    }
    read.readNode(next, id, state, walk, 0);
    if (read.late(walk)) break;
  }
  stream.end();
}

function removeAll(): void {
  for (const node of pending) {
    if (isPlaced(node)) continue;
    const id = nodes.live(node);
    if (id) {
      stream.remove(id);
      nodes.drop(id);
    }
  }
  for (const id of read.outdated) {
    stream.remove(id);
    nodes.drop(id);
  }
  read.clearOutdated();
  renewed.clear();
}

/** Observe the roots and controls that a walk met, and tell their state. */
function settle(walk: read.Walk): void {
  for (const root of walk.roots) {
    observer?.observe(root, OPTIONS);
    watchRoot(root);
    adoptSheets(root);
  }
  if (__FORMS__) watchControls(walk.controls);
  if (__MEDIA__) tellMet();
}

function tellAttributes(fresh: number, walk: read.Walk): void {
  for (const [element, names] of attributes) {
    if (read.late(walk)) return;
    attributes.delete(element);
    const id = nodes.live(element);
    if (!id || id >= fresh) continue;
    const state = nodes.stateOf(id);
    if (state & BOX) continue;
    for (const name of names) {
      if (name === "open") hint(element);
      const shown = read.attributeOf(element, name, state);
      // What could never have been shown need not be taken back.
      if (shown !== null || hideAttribute(element.localName, name, "", config) !== null) {
        stream.attribute(id, name, shown);
      }
    }
  }
}

function tellTexts(fresh: number, walk: read.Walk): void {
  for (const node of texts) {
    if (read.late(walk)) return;
    texts.delete(node);
    const id = nodes.live(node);
    if (!id || id >= fresh || node.nodeType !== Node.TEXT_NODE) continue;
    const state = nodes.stateOf(id);
    const shown = read.textOf(node, state);
    if (typeof shown === "number") stream.setMasked(id, shown);
    else stream.setText(id, shown, read.ruleOf(state));
  }
}

/** A frame has a new document: the old one goes, the new one comes. */
export function reloadFrame(frame: Element): void {
  flush();
  const id = nodes.live(frame);
  const inner = frameOf(frame);
  if (!observer || !id || !inner || nodes.stateOf(id) & LEAF || nodes.live(inner)) return;
  const walk = newWalk();
  meetFrame(frame, inner);
  stream.add(id, 0);
  read.readRoot(inner, stream.frame(), id, nodes.stateOf(id), walk, 0);
  stream.end();
  settle(walk);
  if (walk.over) goOnLater();
}

/** A host got a shadow root after it was told. */
export function shadowMade(host: Element): void {
  const id = nodes.live(host);
  if (id && shadowOf(host) && !(nodes.stateOf(id) & LEAF)) again(host);
}

