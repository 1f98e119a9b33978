// What the timeline, the event list and the details know of a recording, gathered while its events arrive. Pure: draws nothing.
import { originOf, shortAddress } from '../address';
import { Nodes, type Target } from './nodes';
import type { ReplayEvent } from './protocol';
import { EventType, type Fields, Interaction, isFields, isNode, listOf, MASK, type Node, NodeType, numberOr, Source, textOr } from './rrweb';

/** Something worth a line in the event list and a mark on the timeline. */
export type Moment =
  | { readonly at: number; readonly kind: 'page'; readonly url: string; readonly load: boolean }
  | { readonly at: number; readonly kind: 'click'; readonly target: Target }
  /** Clicks that tell of trouble, and a page that was soon left for the one before: found once a recording is finished. */
  | { readonly at: number; readonly kind: 'rage'; readonly target: Target; readonly clicks: number }
  | { readonly at: number; readonly kind: 'dead'; readonly target: Target }
  | { readonly at: number; readonly kind: 'error-click'; readonly target: Target }
  | { readonly at: number; readonly kind: 'quick-back'; readonly url: string }
  | { readonly at: number; readonly kind: 'input'; readonly target: Target; readonly toggle: boolean }
  | { readonly at: number; readonly kind: 'resize'; readonly width: number; readonly height: number }
  /** The visitor looked at another tab, or came back. */
  | { readonly at: number; readonly kind: 'tab'; readonly hidden: boolean }
  | ({ readonly at: number; readonly kind: 'gap' } & Lost)
  /** The recorder gave way to the page; 0 it does no more, 3 recording ended. */
  | { readonly at: number; readonly kind: 'shed'; readonly level: number }
  /** What the page's own code told: an error, or an event of its own. */
  | { readonly at: number; readonly kind: 'error'; readonly name: string; readonly message: string }
  | { readonly at: number; readonly kind: 'event'; readonly name: string };

/** What the recorder took of the visitor's main thread, in milliseconds: in all, and its longest task. */
export interface Cost {
  readonly ms: number;
  readonly longestMs: number;
}

/** What never reached the server: changes within a time, or whole batches of which no more is known. */
export interface Lost {
  readonly ops: number;
  readonly ms: number;
  readonly batches: number;
}

export interface Page {
  readonly at: number;
  /** As people read it: without the host of the first page. */
  readonly url: string;
  readonly title: string;
}

/** How much of what was shown is hidden. */
export interface Hidden {
  readonly texts: number;
  readonly inputs: number;
  readonly blocked: number;
}

/** Typing into one field within this time is one moment. */
const TYPING_MS = 5000;

/** Grows by `add`; everything else is for reading. Times are milliseconds since the first event. */
export class RecordingModel {
  readonly moments: Moment[] = [];
  readonly pages: Page[] = [];
  /** When the visitor did anything at all, ascending. */
  readonly activity: number[] = [];
  end = 0;
  cost: Cost = { ms: 0, longestMs: 0 };

  readonly #nodes = new Nodes();
  readonly #hidden = { texts: new Set<string>(), inputs: new Set<string>(), blocked: new Set<string>() };
  #start: number | undefined;
  #home = '';
  #loads = 0;
  #viewport = '';
  #typing: { node: number; at: number } | undefined;

  get hidden(): Hidden {
    const { texts, inputs, blocked } = this.#hidden;
    return { texts: texts.size, inputs: inputs.size, blocked: blocked.size };
  }

  /** Take in further events, in the order of their time. */
  add(events: readonly ReplayEvent[]): void {
    for (const event of events) {
      this.#start ??= event.timestamp;
      const at = event.timestamp - this.#start;
      this.end = Math.max(this.end, at);
      if (!isFields(event.data)) continue;
      if (event.type === EventType.Meta) this.#meta(at, event.data);
      else if (event.type === EventType.FullSnapshot) this.#snapshot(event.data);
      else if (event.type === EventType.Incremental) this.#incremental(at, event.data);
      else if (event.type === EventType.Custom) this.#custom(at, event.data);
    }
  }

  /** The page in sight at `at`. */
  pageAt(at: number): Page | undefined {
    return this.pages.findLast((page) => page.at <= at) ?? this.pages[0];
  }

  #meta(at: number, data: Fields): void {
    this.#resized(at, data, this.pages.length > 0);
    const url = this.#short(textOr(data.href, ''));
    // A keyframe only repeats the page that is in sight; addresses cannot tell, for hidden ones are all alike.
    if (data.keyframe === true) return;
    this.#loads += 1;
    this.#page(at, url, '', true);
  }

  #page(at: number, url: string, title: string, load: boolean): void {
    this.pages.push({ at, url, title });
    this.moments.push({ at, kind: 'page', url, load });
    this.#active(at);
    this.#typing = undefined;
  }

  #snapshot(data: Fields): void {
    this.#nodes.clear();
    if (isNode(data.node)) this.#nodes.add(data.node, undefined, undefined, (node) => this.#look(node));
  }

  #incremental(at: number, data: Fields): void {
    switch (data.source) {
      case Source.Mutation:
        this.#mutation(data);
        break;
      case Source.MouseInteraction:
        this.#active(at);
        if (data.type === Interaction.Click) this.moments.push({ at, kind: 'click', target: this.#nodes.target(numberOr(data.id, -1)) });
        break;
      case Source.MouseMove:
      case Source.TouchMove:
      case Source.Drag:
        for (const position of listOf(data.positions)) if (isFields(position)) this.#active(at + numberOr(position.timeOffset, 0));
        break;
      case Source.Scroll:
        this.#active(at);
        break;
      case Source.ViewportResize:
        this.#active(at);
        this.#resized(at, data, true);
        break;
      case Source.Input:
        this.#input(at, data);
        break;
    }
  }

  #mutation(data: Fields): void {
    for (const removed of listOf(data.removes)) if (isFields(removed)) this.#nodes.remove(numberOr(removed.parentId, -1), numberOr(removed.id, -1));
    for (const added of listOf(data.adds)) {
      if (!isFields(added) || !isNode(added.node)) continue;
      const next = typeof added.nextId === 'number' ? added.nextId : undefined;
      this.#nodes.add(added.node, numberOr(added.parentId, -1), next, (node) => this.#look(node));
    }
    for (const text of listOf(data.texts)) {
      if (!isFields(text)) continue;
      const [id, value] = [numberOr(text.id, -1), textOr(text.value, '')];
      this.#nodes.setText(id, value);
      if (value.includes(MASK)) this.#hidden.texts.add(this.#name(id));
    }
  }

  #input(at: number, data: Fields): void {
    if (data.userTriggered === false) return;
    this.#active(at);
    const node = numberOr(data.id, -1);
    if (textOr(data.text, '').includes(MASK)) this.#hidden.inputs.add(this.#name(node));
    if (this.#typing?.node === node && at - this.#typing.at < TYPING_MS) {
      this.#typing.at = at;
      return;
    }
    this.#typing = { node, at };
    const target = this.#nodes.target(node);
    this.moments.push({ at, kind: 'input', target, toggle: target.kind === 'choice' });
  }

  #custom(at: number, data: Fields): void {
    if (!isFields(data.payload)) return;
    const { payload } = data;
    if (data.tag === 'hushreel.page') {
      const [url, title] = [this.#short(textOr(payload.url, '')), textOr(payload.title, '')];
      const current = this.pages.at(-1);
      // The same address again only tells the title.
      if (url !== current?.url) this.#page(at, url, title, false);
      else if (title !== '') this.pages[this.pages.length - 1] = { ...current, title };
    } else if (data.tag === 'hushreel.visibility') {
      this.moments.push({ at, kind: 'tab', hidden: payload.hidden === true });
    } else if (data.tag === 'hushreel.cost') {
      this.cost = { ms: this.cost.ms + numberOr(payload.ms, 0), longestMs: Math.max(this.cost.longestMs, numberOr(payload.longest_ms, 0)) };
    } else if (data.tag === 'hushreel.shed') {
      this.moments.push({ at, kind: 'shed', level: numberOr(payload.level, 0) });
    } else if (data.tag === 'hushreel.error') {
      const message = textOr(payload.message, '');
      this.moments.push({ at, kind: 'error', name: textOr(payload.name, ''), message: message.includes(MASK) ? '' : message });
    } else if (data.tag === 'hushreel.event') {
      this.moments.push({ at, kind: 'event', name: textOr(payload.name, '') });
    } else if (data.tag === 'hushreel.gap') {
      this.moments.push({ at, kind: 'gap', ops: numberOr(payload.ops, 0), ms: numberOr(payload.ms, 0), batches: numberOr(payload.batches, 0) });
    }
  }

  #short(address: string): string {
    if (this.pages.length === 0) this.#home = originOf(address);
    return shortAddress(address, this.#home);
  }

  #resized(at: number, data: Fields, tell: boolean): void {
    const [width, height] = [numberOr(data.width, 0), numberOr(data.height, 0)];
    const viewport = `${width}x${height}`;
    if (viewport === this.#viewport) return;
    this.#viewport = viewport;
    if (tell) this.moments.push({ at, kind: 'resize', width, height });
  }

  #active(at: number): void {
    const last = this.activity.at(-1);
    if (last === undefined || at > last) this.activity.push(at);
  }

  /** Count a node among the hidden, if it is. */
  #look(node: Node): void {
    const { texts, inputs, blocked } = this.#hidden;
    if (node.type === NodeType.Text && !node.isStyle && textOr(node.textContent, '').includes(MASK)) texts.add(this.#name(node.id));
    if (node.attributes && 'rr_width' in node.attributes) blocked.add(this.#name(node.id));
    if (textOr(node.attributes?.value, '').includes(MASK)) inputs.add(this.#name(node.id));
  }

  /** A node's number is its own only within one page load. */
  #name(node: number): string {
    return `${this.#loads}/${node}`;
  }
}
