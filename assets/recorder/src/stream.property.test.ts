// Whatever is written can be read: random sequences of ops survive encode and decode.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, type Op } from "../test/decode";
import * as stream from "./stream";

const text = fc.string({ unit: "grapheme", maxLength: 12 }).map((value) => value.replace(/\0/g, ""));
const node = fc.integer({ min: 1, max: 50_000_000 });
const size = fc.integer({ min: 0, max: 100_000_000 });
const bucket = fc.integer({ min: 0, max: 16 });
const value = fc.oneof(text, bucket);
const point = fc.integer({ min: -99_999, max: 99_999 });

type Said = { write: () => void; read: Partial<Op>[] };

const said = <T>(arbitrary: fc.Arbitrary<T>, say: (parts: T) => Said): fc.Arbitrary<Said> => arbitrary.map(say);

const op: fc.Arbitrary<Said> = fc.oneof(
  said(node, (id) => ({ write: () => stream.remove(id), read: [{ op: "remove", node: id }] })),
  said(fc.tuple(node, text, value), ([id, name, shown]) => ({
    write: () => stream.attribute(id, name, shown),
    read: [{ op: "attribute", node: id, name, value: shown }],
  })),
  said(fc.tuple(node, text, fc.nat()), ([id, shown, rule]) => ({
    write: () => stream.setText(id, shown, rule),
    read: [{ op: "set text", node: id, text: shown, rule }],
  })),
  said(fc.tuple(node, bucket), ([id, hidden]) => ({
    write: () => stream.setMasked(id, hidden),
    read: [{ op: "set masked", node: id, bucket: hidden }],
  })),
  said(fc.tuple(node, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), text), ([id, path, rules]) => ({
    write: () => stream.rule(id, path, rules),
    read: [{ op: "rule insert", node: id, path, css: rules }],
  })),
  said(fc.tuple(node, point, point), ([id, x, y]) => ({
    write: () => stream.press(stream.Press.Click, id, x, y),
    read: [{ op: "press", kind: 2, node: id, x, y }],
  })),
  said(fc.tuple(node, size, size), ([id, x, y]) => ({
    write: () => stream.scroll(id, x, y),
    read: [{ op: "scroll", node: id, x, y }],
  })),
  said(fc.tuple(node, fc.option(value), fc.boolean()), ([id, shown, byVisitor]) => ({
    write: () => stream.input(id, shown, null, byVisitor),
    read: [{ op: "input", node: id, value: shown, flags: (shown === null ? 0 : 1) | (byVisitor ? 8 : 0) }],
  })),
  said(fc.tuple(fc.nat({ max: 1 }), text), ([kind, words]) => ({
    write: () => stream.who(kind, words),
    read: [{ op: "who", kind, words }],
  })),
  said(fc.tuple(node, node, text, fc.array(fc.tuple(text, value), { maxLength: 4 }), text), ([parent, previous, tag, attributes, inner]) => ({
    write: () => {
      stream.add(parent, previous);
      stream.element(1, tag, attributes.map(([name]) => name), attributes.map(([, shown]) => shown), true);
      stream.text(inner, 3);
      stream.moved(parent);
      stream.end();
      stream.end();
    },
    read: [
      { op: "add", parent, previous },
      { op: "element", tag, namespace: 1, attributes, open: 1 },
      { op: "text", text: inner, rule: 3 },
      { op: "moved", node: parent },
      { op: "end" },
      { op: "end" },
    ],
  })),
);

test("any sequence of ops survives the wire", () => {
  fc.assert(
    fc.property(fc.array(op, { minLength: 1, maxLength: 30 }), (ops) => {
      stream.restart();
      for (const { write } of ops) write();
      const body = stream.take()!;
      const read = decode(body);
      expect(read).toMatchObject(ops.flatMap((said) => said.read));
      const numbers = read.flatMap((op) => (op["id"] === undefined ? [] : [op["id"]]));
      expect(numbers).toEqual(numbers.map((_, place) => place + 1));
    }),
  );
});
