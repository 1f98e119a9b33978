// What changed in the page. Observers only mark nodes; a flush reads the page as it is then, with the marks that hold then,
// so text and mark set in one task are seen together, and what came and went between two flushes costs nothing.
import { hideAttribute } from "../hide/attribute";
import { config } from "../config";
import { LEAF, stateUnder } from "../hide/state";
import { guard, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";
import { pollControls, watchControls } from "./input";
import * as read from "./read";
import { shadowOf } from "./shadow";
import { adoptSheets } from "./style";

const OPTIONS = { subtree: true, childList: true, characterData: true, attributes: true };
/** A flush waits for the next frame, or this long where none comes (a hidden tab). */
const FRAME_MS_MAX = 100;

let pending = new Set<Node>();
let attributes = new Map<Element, Set<string>>();
let texts = new Set<CharacterData>();
let observer: MutationObserver | null = null;
let watchRoot: (root: read.Root) => void = () => {};
let done: () => void = () => {};
let timer = 0;
let animation = 0;

/** Begin with a snapshot. `watch` is told of each root that the page has or gets; `told` after each flush. */
export function startMutation(
  watch: (root: read.Root) => void,
  told: () => void,
  address: () => { url: string; title: stream.Value },
): Stop {
  watchRoot = watch;
  done = told;
  observer = new MutationObserver(guard(note));
  const walk = newWalk();
  const { url, title } = address();
  read.readDocument(title, url, walk);
  settle(walk);
  return () => {
    observer?.disconnect();
    observer = null;
    cancel();
    clear();
  };
}

/** A walk that settles what was pending. */
const newWalk = (): read.Walk => ({ roots: [], controls: [], settle: (node) => pending.delete(node) });

function clear(): void {
  pending = new Set();
  attributes = new Map();
  texts = new Set();
}

function cancel(): void {
  clearTimeout(timer);
  cancelAnimationFrame(animation);
  timer = animation = 0;
}

/** Ask for a flush soon. */
export function ask(): void {
  if (timer || !observer) return;
  timer = window.setTimeout(flushSafely, FRAME_MS_MAX);
  animation = requestAnimationFrame(flushSafely);
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
  for (const { target, type, addedNodes, removedNodes, attributeName } of records) {
    if (!nodes.seen(target)) continue;
    if (type === "attributes") mark(target as Element, attributeName!);
    else if (type === "characterData") texts.add(target as CharacterData);
    else {
      for (const node of addedNodes) pending.add(node);
      for (const node of removedNodes) pending.add(node);
    }
  }
  ask();
}

const flushSafely = guard(() => flush());

/** Tell what changed since the last flush. Cheap where nothing did. */
export function flush(): void {
  cancel();
  if (!observer) return;
  const waiting = observer.takeRecords();
  if (waiting.length) {
    note(waiting);
    cancel();
  }
  const fresh = stream.upcoming();
  const walk = newWalk();
  for (const element of attributes.keys()) remark(element);
  placeAll(walk);
  removeAll();
  settle(walk);
  tellAttributes(fresh);
  tellTexts(fresh);
  clear();
  if (__FORMS__) pollControls();
  done();
}

/** An attribute may be a mark: where it hides or shows what is below, all of that is told anew. */
function remark(element: Element): void {
  const id = nodes.live(element);
  const parent = id && nodes.parentOf(id);
  if (!parent) return;
  const was = nodes.stateOf(id);
  const state = stateUnder(element, nodes.stateOf(parent));
  if ((was & ~LEAF) !== (state & ~LEAF)) pending.add(element);
}

/** Additions and moves come first: a child moved out of what is removed must be gone from there. */
function placeAll(walk: read.Walk): void {
  let clean: Node | null = null;
  for (const node of pending) {
    if (!isPlaced(node)) continue;
    if (node.parentNode !== clean) {
      // Ancestors before descendants, or a swap of nesting would make a circle.
      for (let top = topmost(node); top !== node && pending.has(node); top = topmost(node)) placeRun(top, walk);
      clean = node.parentNode;
    }
    if (pending.has(node)) placeRun(node, walk);
  }
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
  const settled = (sibling: Node) => !pending.has(sibling) && nodes.live(sibling) !== 0;
  let first = node;
  while (first.previousSibling && !settled(first.previousSibling)) first = first.previousSibling;
  const state = nodes.stateOf(id);
  stream.add(id, nodes.live(first.previousSibling));
  for (let next: Node | null = first; next && !settled(next); next = next.nextSibling) {
    const known = nodes.live(next);
    if (known && renewed.has(known)) {
      read.outdated.push(known);
      nodes.drop(known);
    }
    read.readNode(next, id, state, walk, 0);
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
}

function tellAttributes(fresh: number): void {
  for (const [element, names] of attributes) {
    const id = nodes.live(element);
    if (!id || id >= fresh) continue;
    const state = nodes.stateOf(id);
    for (const name of names) {
      // A picture that was chosen of a `srcset` has no source of its own.
      const shown = element.hasAttribute(name) || name === "src" ? read.attributeOf(element, name, state) : null;
      // What could never have been shown need not be taken back.
      if (shown !== null || hideAttribute(element.localName, name, "", config) !== null) {
        stream.attribute(id, name, shown);
      }
    }
  }
}

function tellTexts(fresh: number): void {
  for (const node of texts) {
    const id = nodes.live(node);
    if (!id || id >= fresh || node.nodeType !== Node.TEXT_NODE) continue;
    const told = read.textOf(node, nodes.stateOf(id));
    if (typeof told === "number") stream.setMasked(id, told);
    else stream.setText(id, told.shown, told.rule);
  }
}

/** A frame has a new document: the old one goes, the new one comes. */
export function reloadFrame(frame: Element): void {
  flush();
  const id = nodes.live(frame);
  const inner = read.frameOf(frame);
  if (!id || !inner || nodes.stateOf(id) & LEAF || nodes.live(inner)) return;
  const walk = newWalk();
  stream.add(id, 0);
  read.readRoot(inner, stream.frame(), id, nodes.stateOf(id), walk, 0);
  stream.end();
  settle(walk);
}

/** A host got a shadow root after it was told. */
export function shadowMade(host: Element): void {
  const id = nodes.live(host);
  if (id && shadowOf(host) && !(nodes.stateOf(id) & LEAF)) again(host);
}

