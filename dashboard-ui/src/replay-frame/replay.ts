// Drives rrweb's Replayer by the orders of the page around the frame. It knows time; what the page shows around it, it does not.
import { Replayer, ReplayerEvents } from 'rrweb';
import type { Order, ReplayEvent, Report } from '../player/protocol';
import { EventType, Source } from '../player/rrweb';
import { AdoptedSheets, takeAdopted } from './adopted';
import { Assets } from './assets';
import { Canvases } from './canvas';
import { closeFields, fieldPlugin, Fields } from './field';
import { FOCUS_RULES, FocusRing } from './focus';
import { HIDDEN_RULES, markBlocked, MaskPainter } from './hidden';
import { LAYER_RULES, TopLayer } from './layer';
import { Media, MEDIA_RULES, takeMedia } from './media';
import { teachMathMl } from './mathml';
import type { Mend } from './mend';
import { Scrolls, takeScroll } from './scroll';
import { Parts } from './parts';
import { mendRules } from './states';
import { Zoom } from './zoom';

type RrwebEvent = Parameters<Replayer['addEvent']>[0];

/** A seek shows where the page was scrolled to, not how it goes there. */
const SCROLL_RULES = ['* { scroll-behavior: auto !important; }'];
/** A picture that takes longer is shown when it is ready. */
const DRESS_MS_MAX = 500;
/** A seek over more events than this has rrweb gather their changes apart from the page; below, that costs more than it spares. */
const DIRECT_EVENTS_MAX = 5_000;

/** One recording on the stage. */
export class Replay {
  readonly #painter = new MaskPainter();
  readonly #assets = new Assets();
  readonly #canvases = new Canvases();
  /** What rrweb misses; drawn in this order. */
  readonly #mends: readonly Mend[] = [new AdoptedSheets(), this.#canvases, new Fields(), new Media(), new TopLayer(), new FocusRing(), new Scrolls(), new Zoom()];
  readonly #waiting: ReplayEvent[] = [];
  /** Where events come in parts; without it, all come one after the other. */
  #parts: Parts | undefined;
  #snapshots: number[] = [];
  #replayer: Replayer | undefined;
  #start = 0;
  #loaded = 0;
  #complete = false;
  #playing = false;
  #stalled = false;
  #speed = 1;
  #wanted: number | undefined;
  #scheduled = false;
  #fieldsChanged = false;
  #changed = false;
  #viewport = { width: 0, height: 0 };

  /** The page is drawn into `root` and fitted into it: into this document, where no other element is named. */
  constructor(
    readonly report: (report: Report) => void,
    readonly root: HTMLElement = document.body,
  ) {
    addEventListener('resize', () => this.#fit());
  }

  /** Do what the page around the frame asks for. */
  obey(order: Order): void {
    switch (order.type) {
      case 'assets':
        return this.#assets.take(order.assets);
      case 'events':
        return this.#take(order.events);
      case 'complete':
        return this.#finish();
      case 'begin':
        this.#parts = new Parts(order.start);
        this.#start = order.start;
        return;
      case 'part':
        return this.#part(order);
      case 'keep':
        return this.#keep(order.from, order.to);
      case 'play':
        return this.#play();
      case 'pause':
        return this.#pause();
      case 'seek':
        this.#wanted = order.at;
        return this.#schedule();
      case 'speed':
        this.#speed = order.speed;
        return this.#replayer?.setConfig({ speed: order.speed });
    }
  }

  #take(events: readonly ReplayEvent[]): void {
    for (const event of events) {
      this.#prepare(event);
      if (this.#waiting.length === 0 && !this.#replayer) this.#start = event.timestamp;
      this.#loaded = Math.max(this.#loaded, event.timestamp - this.#start);
      if (event.type === EventType.FullSnapshot) this.#snapshots.push(event.timestamp - this.#start);
      if (this.#replayer) this.#replayer.addEvent(event as RrwebEvent);
      else this.#waiting.push(event);
    }
    this.#begin();
    this.#more();
  }

  /** Make of an event what is played of it. */
  #prepare(event: ReplayEvent): void {
    markBlocked(event);
    closeFields(event);
    this.#assets.fill(event);
    mendRules(event);
    takeAdopted(event);
    takeMedia(event);
    takeScroll(event);
  }

  #part({ number, from, to, text }: Extract<Order, { type: 'part' }>): void {
    const parts = this.#parts;
    if (!parts) return;
    let events: ReplayEvent[] = [];
    try {
      events = JSON.parse(text) as ReplayEvent[];
      for (const event of events) this.#prepare(event);
    } catch {
      return this.report({ type: 'failed' });
    }
    const behind = parts.put({ number, from, to, events });
    if (this.#replayer) {
      for (const event of behind) this.#replayer.addEvent(event as RrwebEvent);
      this.#survey(behind);
    } else this.#wanted ??= 0;
    this.#more();
  }

  /** Forget what is far away, also of what has been played. */
  #keep(from: number, to: number): void {
    const now = this.#now();
    this.#parts?.keep(from, to);
    if (this.#replayer && this.#wanted === undefined && !this.#parts?.leads(now)) this.#compose(now);
  }

  /** Have the replayer play from the part that has this moment; whether that is here. */
  #compose(at: number): boolean {
    const list = this.#parts?.compose(at);
    if (!list) return false;
    if (this.#replayer) {
      // The very list that rrweb plays from: it knows no other way to take something out of it.
      const events = this.#replayer.service.state.context.events as ReplayEvent[];
      events.length = 0;
      for (const event of list) events.push(event);
    } else this.#waiting.push(...list);
    this.#snapshots = [];
    this.#survey(list);
    this.#begin();
    return true;
  }

  /** Note what was added to the list. */
  #survey(added: readonly ReplayEvent[]): void {
    for (const { type, timestamp } of added) if (type === EventType.FullSnapshot) this.#snapshots.push(timestamp - this.#start);
    if (!this.#parts) return;
    this.#loaded = this.#parts.reach;
    this.#complete = this.#parts.complete;
  }

  #finish(): void {
    this.#complete = true;
    if (!this.#replayer && this.#waiting.length > 0) this.#begin();
    if (!this.#replayer) this.report({ type: 'failed' });
    this.#more();
  }

  /** More has arrived: go on where something waited for it. */
  #more(): void {
    if (this.#wanted !== undefined) this.#schedule();
    else if (this.#stalled) {
      this.#stalled = false;
      this.report({ type: 'waiting', waiting: false });
      this.#replayer?.play(this.#now());
    }
  }

  /** The replayer needs two events, one of them a snapshot. */
  #begin(): void {
    if (this.#replayer || this.#waiting.length < 2 || this.#snapshots.length === 0) return;
    try {
      const replayer = new Replayer(this.#waiting as unknown as RrwebEvent[], {
        root: this.root,
        speed: this.#speed,
        mouseTail: false,
        // Focus inside the replay would take the keyboard away from the player.
        triggerFocus: false,
        plugins: [this.#canvases.plugin, fieldPlugin],
        showWarning: false,
        showDebug: false,
        insertStyleRules: [...SCROLL_RULES, ...HIDDEN_RULES, ...LAYER_RULES, ...MEDIA_RULES, ...FOCUS_RULES],
      });
      replayer.on(ReplayerEvents.Resize, (size) => this.#resized(size as { width: number; height: number }));
      replayer.on(ReplayerEvents.FullsnapshotRebuilded, () => this.#rebuilt());
      replayer.on(ReplayerEvents.EventCast, (event) => this.#cast(event as ReplayEvent));
      replayer.on(ReplayerEvents.Finish, () => this.#ran());
      this.#replayer = replayer;
      // Nothing in it is the watcher's to fill in, focus or press, nor his browser's.
      replayer.iframe.inert = true;
      // Its seeks make nodes in this document, before they stand in the replayed one.
      teachMathMl(window);
      teachMathMl(replayer.iframe.contentWindow as (Window & typeof globalThis) | null);
      this.#wanted ??= 0;
      if (!this.#parts) this.#schedule();
    } catch {
      this.report({ type: 'failed' });
    }
    this.#waiting.length = 0;
  }

  #play(): void {
    if (this.#playing) return;
    this.#playing = true;
    this.report({ type: 'playing', playing: true });
    if (this.#wanted === undefined && this.#replayer) {
      this.#replayer.play(this.#complete && this.#now() >= this.#loaded ? this.#shown(0) : this.#now());
    }
    requestAnimationFrame(this.#tick);
  }

  #pause(): void {
    if (!this.#playing) return;
    this.#playing = false;
    this.#replayer?.pause();
    this.report({ type: 'playing', playing: false });
    this.report({ type: 'time', at: this.#now() });
  }

  readonly #tick = () => {
    if (!this.#playing) return;
    if (this.#wanted === undefined) this.report({ type: 'time', at: this.#now() });
    if (this.#changed) this.#mend();
    requestAnimationFrame(this.#tick);
  };

  /** Seeks that come while one is at work wait, and only the last is done: each is one long task. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      this.#seek();
    });
  }

  #seek(): void {
    const at = this.#wanted;
    if (at === undefined) return;
    const here = this.#parts ? this.#parts.leads(at) || this.#compose(at) : at <= this.#loaded || this.#complete;
    if (!this.#replayer) return;
    if (!here) return this.report({ type: 'waiting', waiting: true });
    this.#wanted = undefined;
    this.#stalled = false;
    this.report({ type: 'waiting', waiting: false });
    const moment = this.#shown(at);
    this.#replayer.config.useVirtualDom = this.#replayer.service.state.context.events.length > DIRECT_EVENTS_MAX;
    if (this.#playing) this.#replayer.play(moment);
    else this.#replayer.pause(moment);
    this.#fieldsChanged = true;
    this.#mend();
    this.report({ type: 'time', at: moment });
    void this.#dressed().then(() =>
      // The first frame runs before the new picture is drawn, the second after it.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (this.#wanted === undefined) this.report({ type: 'painted', at });
        }),
      ),
    );
  }

  /** Once the page's fonts and pictures are there, which takes no time worth seeing: their bytes are. */
  async #dressed(): Promise<void> {
    const page = this.#replayer?.iframe.contentDocument;
    if (!page) return;
    const pictures = [...page.images].filter((image) => !image.complete).map((image) => image.decode().catch(() => undefined));
    const patience = new Promise((resolve) => setTimeout(resolve, DRESS_MS_MAX));
    await Promise.race([Promise.all([page.fonts.ready, ...pictures]), patience]);
  }

  /** The moment to ask rrweb for: at a snapshot's very time it may keep the old page, and before the first there is none. */
  #shown(at: number): number {
    const first = this.#snapshots[0] ?? 0;
    const moment = Math.min(Math.max(at, first), Math.max(this.#loaded, first));
    return this.#snapshots.includes(moment) ? moment + 1 : moment;
  }

  #now(): number {
    return Math.min(Math.max(0, this.#replayer?.getCurrentTime() ?? 0), this.#loaded);
  }

  /** rrweb has shown all that it has. */
  #ran(): void {
    if (!this.#playing) return;
    if (!this.#complete) {
      this.#stalled = true;
      this.report({ type: 'waiting', waiting: true });
      return;
    }
    this.#playing = false;
    this.report({ type: 'time', at: this.#loaded });
    this.report({ type: 'playing', playing: false });
    this.report({ type: 'ended' });
  }

  #rebuilt(): void {
    const page = this.#replayer?.iframe.contentDocument;
    if (page) this.#painter.start(page);
  }

  #cast(event: ReplayEvent): void {
    for (const mend of this.#mends) mend.cast(event);
    this.#changed = true;
    const { source } = event.data as { source?: unknown };
    if (event.type === EventType.Incremental && (source === Source.Input || source === Source.MouseInteraction)) this.#fieldsChanged = true;
  }

  /** Put right what rrweb left out of the page as it is now. */
  #mend(): void {
    this.#changed = false;
    for (const mend of this.#mends) mend.draw((id) => this.#replayer?.getMirror().getNode(id) ?? null);
    if (this.#fieldsChanged) this.#painter.fields();
    this.#fieldsChanged = false;
  }

  #resized(size: { width: number; height: number }): void {
    this.#viewport = size;
    this.report({ type: 'viewport', width: size.width, height: size.height });
    this.#fit();
  }

  /** Scale the page into the frame, letterboxed; never larger than it was. */
  #fit(): void {
    const { width, height } = this.#viewport;
    const wrapper = this.#replayer?.wrapper;
    if (!wrapper || width === 0 || height === 0) return;
    const { clientWidth, clientHeight } = this.root;
    const scale = Math.min(clientWidth / width, clientHeight / height, 1);
    const left = Math.max(0, (clientWidth - width * scale) / 2);
    const top = Math.max(0, (clientHeight - height * scale) / 2);
    wrapper.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    wrapper.style.setProperty('--unscale', String(Math.min(2, 1 / scale)));
  }
}
