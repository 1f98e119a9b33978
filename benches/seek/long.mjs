// An hour on one page of a shop, told by the recorder's own encoder under a clock of its own and sent through the real door: a list
// that changes all the time, a pointer, scrolling and typing. Each change is kept, so that the page of any moment is known.
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { loadStream } from "../../tests/browser/lib/door.mjs";

export const MINUTES = 60;
export const EVENTS = 100_000;
const CARDS = 110;
const EVERY_MS = (MINUTES * 60_000) / EVENTS;
/** A batch goes after so long on the page's clock. */
const BATCH_MS = 2_000;
const NAMES = "ash beech birch cedar cherry elm hazel larch maple oak pear pine plum rowan spruce walnut willow yew".split(" ");
const CSS = `body{margin:0;font:15px sans-serif}header{display:flex;gap:16px;padding:12px;background:#eef}main{height:640px;overflow:auto}
ul{margin:0;padding:12px;display:grid;grid-template-columns:repeat(4,1fr);gap:8px;list-style:none}.card{padding:8px;border:1px solid #ccc}
.card.chosen{background:#efe;border-color:#6a6}.card h3{margin:0 0 4px;font-size:15px}.price b{font-size:18px}.tags{color:#666;font-size:12px}`;

/** The same numbers at each run. */
function dice(seed) {
  return (below) => (seed = (seed * 48271) % 2147483647) % below;
}

/** The page as the visitor had it, changed op by op. */
class Page {
  cards = [];
  #random = dice(11);
  #made = 0;
  #typed = "";
  #scrolled = 0;

  constructor(stream) {
    this.stream = stream;
  }

  /** Tell the page whole. */
  begin() {
    const { stream } = this;
    const open = (tag, names = [], values = []) => stream.element(0, tag, names, values, true);
    const words = (tag, text, names = [], values = []) => {
      open(tag, names, values);
      stream.text(text, 0);
      stream.end();
    };
    stream.snapshot(1280, 800, "https://shop.example.com/products", "All products");
    stream.doctype("html", "", "");
    open("html", ["lang"], ["en"]);
    open("head");
    open("style");
    stream.css(CSS);
    stream.end();
    stream.end();
    this.body = open("body");
    open("header");
    words("h1", "All products");
    for (const place of ["Tables", "Chairs", "Lamps", "Shelves"]) words("a", place, ["href"], [`https://shop.example.com/${place.toLowerCase()}`]);
    this.field = stream.element(0, "input", ["class", "type"], ["search", "search"], false);
    stream.end();
    this.main = open("main");
    this.list = open("ul");
    for (let card = 0; card < CARDS; card++) this.cards.push(this.#card());
    for (let level = 0; level < 4; level++) stream.end();
    stream.end();
  }

  /** One more thing happens. */
  step(number) {
    const { stream, cards } = this;
    const random = this.#random;
    const card = cards[random(cards.length)];
    switch (number % 20) {
      case 3:
      case 13:
        return stream.move(card.id, random(1200), random(700), false);
      case 7:
        this.#scrolled = random(1_500);
        return stream.scroll(this.main, 0, this.#scrolled);
      case 9:
        if (number % 1_000 !== 9) return stream.move(card.id, random(1200), random(700), false);
        return stream.press(2, card.id, random(1200), random(700));
      case 11: {
        card.chosen = !card.chosen;
        return stream.attribute(card.id, "class", card.chosen ? "card chosen" : "card");
      }
      case 15: {
        // The last card goes, and another comes first.
        stream.remove(cards.pop().id);
        stream.add(this.list, 0);
        cards.unshift(this.#card());
        return stream.end();
      }
      case 17:
        this.#typed = this.#typed.length > 12 ? "" : this.#typed + NAMES[random(NAMES.length)][0];
        return stream.input(this.field, this.#typed, null, true);
      default:
        card.price = `${random(400)}.${10 + random(90)}`;
        return stream.setText(card.text, card.price, 0);
    }
  }

  /** What a watcher must see. `shownPage` reads the same from a replay. */
  shown() {
    const cards = this.cards.map(({ name, price, chosen }) => `${name} ${price} ${chosen}`);
    return [this.#typed, this.#scrolled, ...cards].join("\n");
  }

  #card() {
    const { stream } = this;
    const random = this.#random;
    const [name, price] = [`${NAMES[random(NAMES.length)]} ${this.#made++}`, `${random(400)}.${10 + random(90)}`];
    const id = stream.element(0, "li", ["class"], ["card"], true);
    stream.element(0, "h3", [], [], true);
    stream.text(name, 0);
    stream.end();
    stream.element(0, "p", ["class"], ["price"], true);
    stream.element(0, "b", [], [], true);
    const text = stream.text(price, 0);
    stream.end();
    stream.text(" EUR", 0);
    stream.end();
    stream.element(0, "p", ["class"], ["tags"], true);
    stream.text("oiled, solid", 0);
    stream.end();
    stream.element(0, "button", ["type"], ["button"], true);
    stream.text("Add to cart", 0);
    stream.end();
    stream.end();
    return { id, text, name, price, chosen: false };
  }
}

/** Runs in the replay document: what `Page.shown` says, of the replayed page. */
export function shownPage(page) {
  const cards = [...page.querySelectorAll(".card")].map((card) => `${card.querySelector("h3").textContent} ${card.querySelector("b").textContent} ${card.classList.contains("chosen")}`);
  return [page.querySelector(".search")?.value, Math.round(page.querySelector("main")?.scrollTop ?? -1), ...cards].join("\n");
}

/** When each step happens, in milliseconds since the page began. */
const timeOf = (number) => Math.round((number + 1) * EVERY_MS);

/** What is shown at each of these moments, in the same order. */
export async function shownAt(moments) {
  const page = new Page(await loadStream());
  const order = moments.map((at, place) => ({ at, place })).sort((one, other) => one.at - other.at);
  const shown = [];
  page.stream.restart();
  page.begin();
  let number = 0;
  for (const { at, place } of order) {
    while (number < EVENTS && timeOf(number) < at) page.step(number++);
    page.stream.clear();
    shown[place] = page.shown();
  }
  return shown;
}

/** Record the hour at a site of `hushreel`; the recording's id. */
export async function recordHour(hushreel, { key }, origin) {
  const stream = await loadStream();
  const [recording, page, secret] = [randomBytes(16), randomBytes(8), randomBytes(16)];
  const core = await (await fetch(`${hushreel.address}/r/${key}.js`)).text();
  const policy = Buffer.from(/"policy":"([0-9a-f]{16})"/.exec(core)[1], "hex");
  const id = recording.toString("hex");
  const began = performance.now();
  const visit = new Page(stream);
  let seq = 0;
  const setClock = (at) => stream.setOrigin(performance.now() - at);
  async function send(last) {
    const body = stream.take();
    // The page began an hour ago; what is sent is sent now.
    const sentAt = MINUTES * 60_000 + Math.round(performance.now() - began);
    const head = stream.header(false, last, policy, secret, page, seq, sentAt);
    const address = `${hushreel.address}/i/v1/${key}/${id}/${page.toString("hex")}/${seq++}`;
    const batch = gzipSync(Buffer.concat([head, body]));
    for (;;) {
      const answer = await fetch(address, { method: "POST", body: batch, headers: { Origin: origin, "Content-Type": "text/plain" } });
      if (answer.status === 204) return;
      const text = await answer.text();
      if (answer.status !== 429 && answer.status !== 503) throw new Error(`batch ${seq - 1}: ${answer.status} ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get("retry-after") ?? 1)));
    }
  }
  stream.restart();
  setClock(0);
  visit.begin();
  await send(false);
  let sent = 0;
  for (let number = 0; number < EVENTS; number++) {
    const at = timeOf(number);
    setClock(at);
    visit.step(number);
    if (at - sent < BATCH_MS) continue;
    await send(false);
    sent = at;
  }
  setClock(MINUTES * 60_000);
  stream.finish();
  await send(true);
  return id;
}
