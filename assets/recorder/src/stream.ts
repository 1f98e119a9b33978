// The wire grammar, written: ops go straight into five columns, no op is ever an object. Twin of `src/stream/` on the server.
//
// Batch    version=1 u8 | flags u8 (1 consent granted, 2 page's last) | policy hash 8 | secret 16 | page id 8 | seq | sent_at | body
// Body     first node | began | lengths of ops, ids, numbers, refs | ops | ids | numbers | refs | literals (each ends with NUL)
//
// Numbers are LEB128 varints of at most 53 bits; `±` marks zigzag. Times are milliseconds since the page began.
// Each column is read from its front by the ops in their order:
//   ids      a node: ± difference to the node named last (the first: to 0)
//   refs     a string: 0 the next literal · 1 masked, its bucket in numbers (only where `value` stands) · 3+n the batch's n-th literal
//   numbers  everything else; a point is ± difference to the last point, x then y
// A bucket b hides up to 2^b characters. Nodes get the next number in the order in which their tokens stand.
//
//   code name           reads                         | code name           reads
//      0 end                                          |   21 input          node flags¹ [value]
//      1 time           milliseconds passed           |   22 focus          node
//      2 snapshot       width height url title:value  |   23 blur           node
//      3 add            parent previous               |   24 viewport       width height
//      4 add first      parent                        |   25 visibility     hidden(0|1)
//      5 remove         node                          |   26 page           url title:value
//      6 attribute      node name value               |   27 gap            page id high low, ops, milliseconds
//      7 attribute gone node name                     |   28 finish
//      8 set text       node text rule²               |   32 text           text rule²
//      9 set masked     node bucket                   |   33 masked         bucket
//     10 sheet          node css                      |   34 comment
//     11 rule insert    node path³ css                |   35 doctype        name public system
//     12 rule delete    node path³                    |   36 shadow root    opens a list
//     13 adopted insert sheet path³ css               |   37 frame document opens a list
//     14 adopted delete sheet path³                   |   38 moved          node
//     15 adopted sheet  sheet css                     |   39 css            css, of the open element
//     16 adopt          root, count, sheets           |   40 block          tag namespace⁴ width height
//     17 move           node point                    |   41 shape          tag namespace⁴ count names; no node
//     18 touch move     node point                    |   64+2s   element of shape s: a value for each name
//     19 press          kind⁵ node point              |   65+2s   the same, and opens a list
//     20 scroll         node x y                      |   49 zoom           hundredths left top width height
//                                                     |   53 asset          number¹² hash¹³ form¹⁴ width height
//                                                     |   54 unreadable     number¹² cause¹⁵ url
//                                                     |   55 sensitive      kind¹⁸ selector url
//                                                     |   56 rules          first(0|1) list³: of the policy's mask, block, ignore, show
//                                                     |   57 who            kind¹⁹ words
//     29 media          node kind⁸ milliseconds loudness speed muted(0|1)
//     30 layer          node layer⁶                   |   48 state          node kind⁷ list³
//     31 canvas         node picture⁹                 |   51 cost           tenths of ms, tasks, tenths of the longest¹⁰
//                                                     |   52 shed           level¹¹
//                                                     |   50 part           more(0|1)¹⁶
//     42 vital          kind¹⁶ number                 |   45 request        kind¹⁷ url status milliseconds bytes
//     43 error          name message:value url line column
//     44 log            level(0 to 4) message:value   |   47 tag            name value
//     46 event          name count, as often: name value
// ¹ 1 has a value, 2 has a checked state, 4 is checked, 8 by the visitor · ² 0 the preset, n the policy's n-th `show` selector
// ³ count, then indexes · ⁴ 0 HTML, 1 SVG, 2 MathML · ⁵ 0 down 1 up 2 click 3 double click 4 context menu 5 touch start 6 end 7 cancel
// ⁶ of the top layer: 0 none 1 modal dialog 2 popover 3 fills the screen
// ⁷ 0 the chosen options of a select, by place · 1 a box that is neither checked nor not, or is not so any more ([1] or [])
//   2 the focus is drawn around it ([])
// ⁸ 0 play 1 pause 2 seeked 3 louder or quieter 4 faster or slower; loudness and speed in hundredths
// ⁹ `data:` of webp, jpeg or png in base 64; empty for an empty canvas
// ¹⁰ of the page's main thread, since the last one · ¹¹ what the recorder gives up so as not to be noticed, see `Shed` in pace.ts
// ¹² of the page's assets: what stands as `hush:NUMBER` in style and attributes · ¹³ four numbers, the first 16 bytes of the
// SHA-256 of its bytes · ¹⁴ 0 as it is, 1 a vector picture drawn as pixels, 2 one that had no size of its own · ¹⁵ as `Cause`
// ¹⁶ 0 first byte 1 first paint 2 largest paint 3 interaction, in milliseconds; 4 layout shift, in thousandths
// ¹⁷ 0 fetch 1 XMLHttpRequest 2 beacon
// ¹⁶ 1 right behind a snapshot that is not whole yet: what follows up to 0 is the rest of it
// ¹⁸ 0 payment 1 secret 2 identity 3 health, by a field's names; 4 card 5 IBAN 6 birth number, by what was written
// ¹⁹ 0 a random id that the browser keeps, 32 hexadecimal digits · 1 the site's own pseudonym for whoever is signed in
// 2, 3 and 4 open a list; 0 closes the innermost. 32 to 41 and 64 and above stand only in lists, the others only outside.

/** A text position: what is shown, or the bucket of what is masked. */
export type Value = string | number;

/** What the pointer did; the numbers of ⁵. */
export const enum Press {
  Down,
  Up,
  Click,
  DoubleClick,
  ContextMenu,
  TouchStart,
  TouchEnd,
  TouchCancel,
}

/** How an element stands in the top layer; the numbers of ⁶. */
export const enum Layer {
  None,
  Modal,
  Popover,
  Fullscreen,
}

/** What a browser measures of a page; the numbers of ¹⁶. */
export const enum Vital {
  FirstByte,
  FirstPaint,
  LargestPaint,
  Interaction,
  Shift,
}

/** State of a control that `input` does not tell; the numbers of ⁷. */
export const enum State {
  Chosen,
  Mixed,
  Ring,
}

/** Why the bytes of an asset could not be read; the numbers of ¹⁵. */
export const enum Cause {
  /** Another origin does not let this page read it. */
  Cors,
  TooLarge,
  /** What this page may read was used up. */
  Budget,
  /** The visitor saves data. */
  SaveData,
  /** It answered with an error, or not at all. */
  Failed,
  /** It is no picture that can be stored. */
  Type,
  /** The page's own policy forbids to read it. */
  Forbidden,
  /** The page came without TLS: there the browser names nothing by its hash. */
  Insecure,
}

/** How the bytes of an asset stand for it; the numbers of ¹⁴. */
export const enum Form {
  AsItIs,
  Drawn,
  DrawnUnsized,
}

/** Bytes that grow: an array of numbers would take four times the room. */
interface Column {
  bytes: Uint8Array<ArrayBuffer>;
  size: number;
}

/** An element's tag and the names of its attributes, name by name; `number` counts the batch's shapes, -1 for one that is not told yet. */
interface Shape {
  number: number;
  next: Map<string, Shape>;
}

const column = (): Column => ({ bytes: new Uint8Array(64), size: 0 });
const newShape = (): Shape => ({ number: -1, next: new Map() });

/** New nodes are numbered from here; survives a batch, not a page. */
let nextNode = 1;
let firstNode: number;
let began: number;
let now: number;
let lastId: number;
let lastX: number;
let lastY: number;
let ops: Column;
let ids: Column;
let numbers: Column;
let refs: Column;
let literals: string[];
let characters: number;
let strings: Map<string, number>;
let shapes: Shape;
let shapesTold: number;
let told: number;

/** Forget the batch so far; the next one begins with the next op. */
export function clear(): void {
  firstNode = nextNode;
  began = -1;
  lastId = lastX = lastY = characters = told = shapesTold = 0;
  ops = column();
  ids = column();
  numbers = column();
  refs = column();
  literals = [];
  strings = new Map();
  shapes = newShape();
}

/** Begin a page: nodes are numbered from 1 again. */
export function restart(): void {
  nextNode = 1;
  clear();
}

/** About how many bytes the batch has so far. */
export const size = (): number => characters + ops.size + ids.size + numbers.size + refs.size;

/** How many ops that happened (not node tokens) the batch has so far. */
export const count = (): number => told;

/** The number that the next node token takes. */
export const upcoming = (): number => nextNode;

/** The batch's body, and begin another; null where nothing happened. */
export function take(): Uint8Array<ArrayBuffer> | null {
  if (began < 0) return null;
  const text = new TextEncoder().encode(literals.length ? literals.join("\0") + "\0" : "");
  const columns = [ops, ids, numbers, refs];
  const head = column();
  put(head, firstNode);
  put(head, began);
  for (const { size } of columns) put(head, size);
  const parts = [...[head, ...columns].map(({ bytes, size }) => bytes.subarray(0, size)), text];
  const body = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  clear();
  return body;
}

/** The header of a batch, to stand before its body. */
export function header(
  granted: boolean,
  last: boolean,
  policy: Uint8Array,
  secret: Uint8Array,
  page: Uint8Array,
  seq: number,
  sentAt: number,
): Uint8Array {
  const out = column();
  for (const byte of [1, (granted ? 1 : 0) | (last ? 2 : 0), ...policy, ...secret, ...page]) push(out, byte);
  put(out, seq);
  put(out, sentAt);
  return out.bytes.subarray(0, out.size);
}

function push(column: Column, byte: number): void {
  if (column.size === column.bytes.length) {
    const { bytes } = column;
    (column.bytes = new Uint8Array(2 * bytes.length)).set(bytes);
  }
  column.bytes[column.size++] = byte;
}

function put(column: Column, value: number): void {
  while (value > 127) {
    push(column, (value % 128) | 128);
    value = Math.floor(value / 128);
  }
  push(column, value);
}

const number = (value: number): void => put(numbers, value);
const signed = (column: Column, value: number): void => put(column, value < 0 ? -2 * value - 1 : 2 * value);

function id(node: number): void {
  signed(ids, node - lastId);
  lastId = node;
}

function string(text: string): void {
  const known = strings.get(text);
  if (known !== undefined) {
    put(refs, known + 3);
    return;
  }
  strings.set(text, literals.length);
  push(refs, 0);
  literals.push(text.includes("\0") ? text.replace(/\0/g, "\ufffd") : text);
  characters += text.length + 1;
}

function value(shown: Value): void {
  if (typeof shown === "string") string(shown);
  else {
    push(refs, 1);
    number(shown);
  }
}

function point(x: number, y: number): void {
  signed(numbers, (x = Math.round(x)) - lastX);
  signed(numbers, (y = Math.round(y)) - lastY);
  lastX = x;
  lastY = y;
}

function list(values: readonly number[]): void {
  number(values.length);
  values.forEach(number);
}

/** A length in CSS pixels, or another number that has bounds. */
const pixels = (length: number): void => number(Math.max(0, Math.min(1e8, Math.round(length) || 0)));

/** Begin an op that happened: its code, and the time when it moved on. */
function op(code: number): void {
  const at = Math.max(0, Math.round(performance.now() - origin));
  if (began < 0) began = now = at;
  else if (at > now) {
    push(ops, 1);
    number(at - now);
    now = at;
  }
  push(ops, code);
  told++;
}

/** Where the page's times begin, by `performance.now()`: 0, or later where a page came back from the back/forward cache. */
let origin = 0;
export const setOrigin = (at: number): void => void (origin = at);
export const elapsed = (): number => Math.max(0, Math.round(performance.now() - origin));

// Node tokens.
export const end = (): void => void push(ops, 0);
export const text = (shown: string, rule: number): number => (push(ops, 32), string(shown), number(rule), nextNode++);
export const masked = (bucket: number): number => (push(ops, 33), number(bucket), nextNode++);
export const comment = (): number => (push(ops, 34), nextNode++);
export const doctype = (name: string, publicId: string, systemId: string): number => (
  push(ops, 35), string(name), string(publicId), string(systemId), nextNode++
);
export const shadow = (): number => (push(ops, 36), nextNode++);
export const frame = (): number => (push(ops, 37), nextNode++);
export const moved = (node: number): void => (push(ops, 38), id(node));
export const css = (rules: string): void => (push(ops, 39), string(rules));
export const block = (namespace: number, tag: string, width: number, height: number): number => (
  push(ops, 40), string(tag), number(namespace), pixels(width), pixels(height), nextNode++
);

/** An element; with `open`, its child list follows until `end`. The lists are read at once and may be used again. */
export function element(namespace: number, tag: string, names: readonly string[], values: readonly Value[], open: boolean): number {
  let shape = shapes;
  // No tag and no name begins with a digit.
  for (let at = -1; at < names.length; at++) {
    const name = at < 0 ? (namespace ? namespace + tag : tag) : names[at]!;
    let next = shape.next.get(name);
    if (!next) shape.next.set(name, (next = newShape()));
    shape = next;
  }
  if (shape.number < 0) {
    shape.number = shapesTold++;
    push(ops, 41);
    string(tag);
    number(namespace);
    number(names.length);
    names.forEach(string);
  }
  put(ops, 64 + 2 * shape.number + (open ? 1 : 0));
  for (const shown of values) value(shown);
  return nextNode++;
}

// What happened.
export const snapshot = (width: number, height: number, url: string, title: Value): number => (
  op(2), pixels(width), pixels(height), string(url), value(title), nextNode++
);
export const add = (parent: number, previous: number): void =>
  previous ? (op(3), id(parent), id(previous)) : (op(4), id(parent));
export const remove = (node: number): void => (op(5), id(node));
export const attribute = (node: number, name: string, shown: Value | null): void =>
  shown === null ? (op(7), id(node), string(name)) : (op(6), id(node), string(name), value(shown));
export const setText = (node: number, shown: string, rule: number): void => (
  op(8), id(node), string(shown), number(rule)
);
export const setMasked = (node: number, bucket: number): void => (op(9), id(node), number(bucket));
export const sheet = (owner: number, rules: string): void => (op(10), id(owner), string(rules));

/** A rule came (`css`) or went (null); a constructed sheet has a negative number. */
export function rule(sheetOrOwner: number, path: readonly number[], rules: string | null): void {
  const adopted = sheetOrOwner < 0;
  op((adopted ? 13 : 11) + (rules === null ? 1 : 0));
  if (adopted) number(-sheetOrOwner);
  else id(sheetOrOwner);
  list(path);
  if (rules !== null) string(rules);
}

export const adoptedSheet = (sheetNumber: number, rules: string): void => (op(15), number(sheetNumber), string(rules));
export const adopt = (root: number, sheets: readonly number[]): void => (op(16), id(root), list(sheets));
export const move = (node: number, x: number, y: number, touch: boolean): void => (
  op(touch ? 18 : 17), id(node), point(x, y)
);
export const press = (kind: Press, node: number, x: number, y: number): void => (
  op(19), number(kind), id(node), point(x, y)
);
export const scroll = (node: number, x: number, y: number): void => (op(20), id(node), pixels(x), pixels(y));

/** The state of a form control; null where a control has no such part, or it is not to be told. */
export function input(node: number, shown: Value | null, checked: boolean | null, byVisitor: boolean): void {
  op(21);
  id(node);
  number((shown !== null ? 1 : 0) | (checked !== null ? 2 : 0) | (checked ? 4 : 0) | (byVisitor ? 8 : 0));
  if (shown !== null) value(shown);
}

export const focus = (node: number): void => (op(22), id(node));
export const blur = (node: number): void => (op(23), id(node));
export const viewport = (width: number, height: number): void => (op(24), pixels(width), pixels(height));
export const visibility = (hidden: boolean): void => (op(25), number(hidden ? 1 : 0));
export const page = (url: string, title: Value): void => (op(26), string(url), value(title));
export const gap = (high: number, low: number, lost: number, ms: number): void => (
  op(27), number(high), number(low), number(lost), number(ms)
);
export const finish = (): void => op(28);
export const part = (more: boolean): void => (op(50), number(more ? 1 : 0));
// What the recorder says of itself is nothing that happened on the page: a gap does not count it.
export const cost = (tenths: number, tasks: number, longest: number): void => (
  op(51), told--, number(tenths), number(tasks), number(longest)
);
export const shed = (level: number): void => (op(52), told--, number(level));
export const state = (node: number, kind: State, values: readonly number[]): void => (
  op(48), id(node), number(kind), list(values)
);
export const media = (node: number, kind: number, at: number, loudness: number, speed: number, muted: boolean): void => (
  op(29), id(node), number(kind), pixels(at), pixels(loudness), pixels(speed), number(muted ? 1 : 0)
);
export const canvas = (node: number, picture: string): void => (op(31), id(node), string(picture));
export const zoom = (scale: number, left: number, top: number, width: number, height: number): void => (
  op(49), pixels(scale * 100), pixels(left), pixels(top), pixels(width), pixels(height)
);
export const vital = (kind: Vital, measured: number): void => (op(42), number(kind), pixels(measured));
export const error = (name: string, message: Value, url: string, line: number, column: number): void => (
  op(43), string(name), value(message), string(url), pixels(line), pixels(column)
);
export const log = (level: number, message: Value): void => (op(44), number(level), value(message));
export const request = (kind: number, url: string, status: number, ms: number, bytes: number): void => (
  op(45), number(kind), string(url), pixels(status), pixels(ms), pixels(bytes)
);

/** An event that the page's own code told. */
export function event(name: string, properties: [name: string, shown: Value][]): void {
  op(46);
  string(name);
  number(properties.length);
  for (const [property, shown] of properties) {
    string(property);
    value(shown);
  }
}

export const tag = (name: string, shown: Value): void => (op(47), string(name), value(shown));
export const layer = (node: number, kind: Layer): void => (op(30), id(node), number(kind));

/** The bytes of asset `place` are known by this hash, four numbers of 32 bits. */
export const asset = (place: number, hash: ArrayLike<number>, form: Form, width: number, height: number): void => {
  op(53);
  number(place);
  for (let word = 0; word < 4; word++) number(hash[word]!);
  number(form);
  number(width);
  number(height);
};
export const unreadable = (place: number, cause: Cause, url: string): void => (
  op(54), number(place), number(cause), string(url)
);

/** A field that nobody marked; findings only, the server keeps it out of the recording. */
export const sensitive = (kind: number, selector: string, url: string): void => (
  op(55), number(kind), string(selector), string(url)
);

/** Who it is: the browser's random id, or the site's pseudonym. The server keeps neither among what happened. */
export const who = (kind: number, words: string): void => (op(57), number(kind), string(words));

/** Which of the policy's rules have matched something on this page; `first` of each page once, whether any has or not. */
export const rules = (first: boolean, places: readonly number[]): void => (op(56), number(first ? 1 : 0), list(places));

clear();
