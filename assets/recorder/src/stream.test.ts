// The golden batch: every op once, as the server's twin must read it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import * as stream from "./stream";

const GOLDEN = new URL("../../../tests/fixtures/stream/every-op.batch", import.meta.url);

function everyOp(): Uint8Array {
  let clock = 5;
  vi.spyOn(performance, "now").mockImplementation(() => (clock += 7));
  stream.restart();
  const root = stream.snapshot(1440, 900, "https://shop.example/:any", 4);
  stream.doctype("html", "", "");
  const html = stream.element(0, "html", ["lang"], ["cs"], true);
  stream.element(0, "style", [], [], true);
  stream.css("p { color: red; }");
  stream.end();
  stream.element(0, "p", ["class", "title"], ["lead", 5], true);
  stream.text("Příliš žluťoučký kůň 🐎", 0);
  stream.masked(6);
  stream.comment();
  stream.end();
  const host = stream.element(0, "x-card", ["class", "title"], ["lead", "shown"], true);
  stream.shadow();
  stream.element(1, "svg", [], [], false);
  stream.end();
  stream.end();
  stream.element(0, "iframe", [], [], true);
  stream.frame();
  stream.element(2, "math", [], [], false);
  stream.end();
  stream.end();
  stream.block(0, "img", 320.4, 200);
  stream.end();
  stream.end();
  stream.add(html, host);
  stream.moved(host);
  stream.end();
  stream.add(html, 0);
  const paragraph = stream.element(0, "p", ["class", "title"], ["lead", 0], false);
  stream.end();
  stream.remove(paragraph);
  stream.attribute(host, "class", "wide");
  stream.attribute(host, "title", 3);
  stream.attribute(host, "title", null);
  stream.setText(6, "nul \0 becomes visible", 2);
  stream.setMasked(7, 16);
  stream.sheet(4, "p { color: blue; }");
  stream.rule(4, [1, 0], "a { }");
  stream.rule(4, [1], null);
  stream.rule(-1, [0], "b { }");
  stream.rule(-1, [0], null);
  stream.adoptedSheet(1, "i { }");
  stream.adopt(root, [1, 2]);
  stream.move(html, 10, 20, false);
  stream.move(html, 12, 18, true);
  stream.press(stream.Press.Click, host, -3, 7.6);
  stream.scroll(root, 0, 4096);
  stream.input(host, "typed", null, true);
  stream.input(host, 3, true, false);
  stream.input(host, null, false, true);
  stream.focus(host);
  stream.blur(host);
  stream.viewport(390, 844);
  stream.visibility(true);
  stream.page("https://shop.example/product/:id", "Product");
  stream.gap(0xdeadbeef, 0xfeedface, 17, 900);
  stream.asset(1, [0x01020304, 0, 0xffffffff, 7], stream.Form.AsItIs, 0, 0);
  stream.asset(2, [1, 2, 3, 4], stream.Form.DrawnUnsized, 24, 16);
  stream.unreadable(3, stream.Cause.Cors, "https://cdn.example/:any");
  stream.sensitive(4, "form#pay > input:nth-of-type(2)", "https://shop.example/checkout");
  stream.rules(true, [0, 3]);
  stream.who(0, "00112233445566778899aabbccddeeff");
  stream.who(1, "customer-4711");
  stream.finish();
  stream.part(true);
  stream.media(host, 0, 1250.4, 50, 150, true);
  stream.canvas(host, "data:image/webp;base64,AAAA");
  stream.zoom(1.5, 10, 20, 260, 400.4);
  stream.vital(stream.Vital.LargestPaint, 1234.4);
  stream.error("TypeError", 5, "https://shop.example/app.js", 12, 34);
  stream.log(3, "careful");
  stream.request(1, "https://shop.example/api/:id", 404, 87.5, 1200);
  stream.event("cart.add", [["sku", "fern"], ["note", 4]]);
  stream.tag("plan", "free");
  stream.layer(host, stream.Layer.Popover);
  stream.state(host, stream.State.Chosen, [0, 3]);
  stream.state(host, stream.State.Mixed, [1]);
  stream.state(host, stream.State.Ring, []);
  stream.cost(123, 4, 56);
  stream.shed(2);
  expect(stream.count()).toBe(51);
  const body = stream.take()!;
  const bytes = (fill: number, length: number) => new Uint8Array(length).fill(fill);
  const head = stream.header(true, true, bytes(1, 8), bytes(2, 16), bytes(3, 8), 300, 2 ** 40);
  return new Uint8Array([...head, ...body]);
}

test("every op has the bytes that the server's twin reads", () => {
  const bytes = everyOp();
  if (process.env["UPDATE_GOLDEN"] || !existsSync(GOLDEN)) {
    mkdirSync(new URL(".", GOLDEN), { recursive: true });
    writeFileSync(GOLDEN, bytes);
  }
  expect(Buffer.from(bytes).equals(readFileSync(GOLDEN))).toBe(true);
});

test("a batch in which nothing happened is no batch", () => {
  stream.restart();
  expect(stream.take()).toBeNull();
});
