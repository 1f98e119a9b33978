// Reads a batch as the server does, for tests: the grammar's third witness. It stands outside the recorder, which only writes.

export type Value = string | number;

/** An op with its parts by name; node tokens that introduce a node carry its number as `id`. */
export interface Op {
  op: string;
  at: number;
  [part: string]: unknown;
}

/** The parts each op reads, in order. `id` introduces a node, `node` names one, `open` opens a list. */
const FORMS: Record<number, [name: string, ...parts: string[]]> = {
  0: ["end"],
  2: ["snapshot", "open", "id", "width:number", "height:number", "url:string", "title:value"],
  3: ["add", "open", "parent:node", "previous:node"],
  4: ["add", "open", "parent:node"],
  5: ["remove", "node:node"],
  6: ["attribute", "node:node", "name:string", "value:value"],
  7: ["attribute gone", "node:node", "name:string"],
  8: ["set text", "node:node", "text:string", "rule:number"],
  9: ["set masked", "node:node", "bucket:number"],
  10: ["sheet", "node:node", "css:string"],
  11: ["rule insert", "node:node", "path:list", "css:string"],
  12: ["rule delete", "node:node", "path:list"],
  13: ["adopted insert", "sheet:number", "path:list", "css:string"],
  14: ["adopted delete", "sheet:number", "path:list"],
  15: ["adopted sheet", "sheet:number", "css:string"],
  16: ["adopt", "root:node", "sheets:list"],
  17: ["move", "node:node", "x:x", "y:y"],
  18: ["touch move", "node:node", "x:x", "y:y"],
  19: ["press", "kind:number", "node:node", "x:x", "y:y"],
  20: ["scroll", "node:node", "x:number", "y:number"],
  21: ["input", "node:node", "flags:number", "value:input"],
  22: ["focus", "node:node"],
  23: ["blur", "node:node"],
  24: ["viewport", "width:number", "height:number"],
  25: ["visibility", "hidden:number"],
  26: ["page", "url:string", "title:value"],
  27: ["gap", "high:number", "low:number", "ops:number", "ms:number"],
  28: ["finish"],
  53: ["asset", "number:number", "hash:hash", "form:number", "width:number", "height:number"],
  54: ["unreadable", "number:number", "cause:number", "url:string"],
  55: ["sensitive", "kind:number", "selector:string", "url:string"],
  56: ["rules", "first:number", "places:list"],
  57: ["who", "kind:number", "words:string"],
  29: ["media", "node:node", "kind:number", "ms:number", "loudness:number", "speed:number", "muted:number"],
  30: ["layer", "node:node", "layer:number"],
  31: ["canvas", "node:node", "picture:string"],
  48: ["state", "node:node", "kind:number", "values:list"],
  42: ["vital", "kind:number", "number:number"],
  43: ["error", "name:string", "message:value", "url:string", "line:number", "column:number"],
  44: ["log", "level:number", "message:value"],
  45: ["request", "kind:number", "url:string", "status:number", "ms:number", "bytes:number"],
  46: ["event", "name:string", "properties:pairs"],
  47: ["tag", "name:string", "value:value"],
  49: ["zoom", "scale:number", "left:number", "top:number", "width:number", "height:number"],
  50: ["part", "more:number"],
  51: ["cost", "tenths:number", "tasks:number", "longest:number"],
  52: ["shed", "level:number"],
  32: ["text", "id", "text:string", "rule:number"],
  33: ["masked", "id", "bucket:number"],
  34: ["comment", "id"],
  35: ["doctype", "id", "name:string", "public:string", "system:string"],
  36: ["shadow", "open", "id"],
  37: ["frame", "open", "id"],
  38: ["moved", "node:node"],
  39: ["css", "css:string"],
  40: ["block", "id", "tag:string", "namespace:number", "width:number", "height:number"],
};

/** The ops of a body, in order. Throws on what the grammar does not know. */
export function decode(body: Uint8Array): Op[] {
  const head = column(body);
  let next = head.number();
  let now = head.number();
  const lengths = [head.number(), head.number(), head.number(), head.number()];
  const [codes, ids, numbers, refs] = lengths.map((length) => column(head.take(length))) as [Column, Column, Column, Column];
  const strings = new TextDecoder("utf-8", { fatal: true }).decode(head.take(Infinity)).split("\0").slice(0, -1);
  const shapes: { tag: string; namespace: number; names: string[] }[] = [];
  let used = 0;
  let node = 0;
  const pointer = { x: 0, y: 0 };
  let depth = 0;

  const value = (): Value => {
    const reference = refs.number();
    if (reference === 1) return numbers.number();
    const place = reference ? reference - 3 : used++;
    if (place < 0 || place >= used || strings[place] === undefined) throw new Error("unknown string");
    return strings[place];
  };
  const readers: Record<string, (op: Op) => unknown> = {
    number: () => numbers.number(),
    node: () => (node += ids.signed()),
    list: () => Array.from({ length: numbers.number() }, () => numbers.number()),
    value,
    pairs: () => Array.from({ length: numbers.number() }, () => [value(), value()]),
    string: () => {
      const text = value();
      if (typeof text !== "string") throw new Error("a mask where only text can stand");
      return text;
    },
    hash: () => Array.from({ length: 4 }, () => numbers.number().toString(16).padStart(8, "0")).join(""),
    x: () => (pointer.x += numbers.signed()),
    y: () => (pointer.y += numbers.signed()),
    input: (op) => ((op["flags"] as number) & 1 ? value() : null),
  };

  const ops: Op[] = [];
  while (!codes.empty()) {
    const code = codes.number();
    if (code === 1) {
      now += numbers.number();
      continue;
    }
    if (code === 41) {
      const tag = readers["string"]!({ op: "", at: 0 }) as string;
      const namespace = numbers.number();
      const names = Array.from({ length: numbers.number() }, () => readers["string"]!({ op: "", at: 0 }) as string);
      shapes.push({ tag, namespace, names });
      continue;
    }
    const op: Op = { op: "element", at: now };
    if (code >= 64) {
      const shape = shapes[(code - 64) >> 1];
      if (!shape) throw new Error("unknown shape");
      const { tag, namespace, names } = shape;
      Object.assign(op, { id: next++, tag, namespace, open: code & 1, attributes: names.map((name) => [name, value()]) });
      depth += code & 1;
    } else {
      const form = FORMS[code];
      if (!form) throw new Error(`unknown op ${code}`);
      op.op = form[0];
      for (const part of form.slice(1)) {
        const [name, kind] = part.split(":") as [string, string?];
        if (name === "open") depth++;
        else if (name === "id") op["id"] = next++;
        else op[name] = readers[kind!]!(op);
      }
      if (code === 0 && --depth < 0) throw new Error("an end without a beginning");
    }
    ops.push(op);
  }
  if (depth) throw new Error("a run of nodes does not end");
  if (![ids, numbers, refs].every((rest) => rest.empty()) || used !== strings.length) throw new Error("a column holds more");
  return ops;
}

/** What stands before a body. */
export function split(batch: Uint8Array) {
  const head = column(batch);
  const [version, flags] = head.take(2) as unknown as [number, number];
  const hex = (length: number) => Array.from(head.take(length), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fields = { version, flags, policy: hex(8), secret: hex(16), page: hex(8), seq: head.number(), sentAt: head.number() };
  return { ...fields, body: head.take(Infinity) };
}

type Column = ReturnType<typeof column>;

function column(bytes: Uint8Array) {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("a column ends too early");
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  return {
    number,
    signed: () => {
      const value = number();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    },
    take: (length: number) => bytes.subarray(at, (at = Math.min(bytes.length, at + length))),
    empty: () => at === bytes.length,
  };
}
