// Drives rrweb's Replayer by the orders of the page around the frame. It knows time; what the page shows around it, it does not.
import { Replayer, ReplayerEvents } from 'rrweb';
import type { Order, ReplayEvent, Report } from '../player/protocol';
import { EventType, Source } from '../player/rrweb';
import { AdoptedSheets, takeAdopted } from './adopted';
import { Assets } from './assets';
import { Canvases } from './canvas';
import { Fields } from './field';
import { FOCUS_RULES, FocusRing } from './focus';
import { HIDDEN_RULES, markBlocked, MaskPainter } from './hidden';
import { LAYER_RULES, TopLayer } from './layer';
import { Media, MEDIA_RULES, takeMedia } from './media';
import { teachMathMl } from './mathml';
import type { Mend } from './mend';
import { mendRules } from './states';
import { Zoom } from './zoom';

type RrwebEvent = Parameters<Replayer['addEvent']>[0];

/** A seek shows where the page was scrolled to, not how it goes there. */
const SCROLL_RULES = ['* { scroll-behavior: auto !important; }'];
/** A picture that takes longer is shown when it is ready. */
const DRESS_MS_MAX = 500;

/** One recording on the stage. */
export class Replay {
  readonly #painter = new MaskPainter();
  readonly #assets = new Assets();
  readonly #canvases = new Canvases();
  /** What rrweb misses; drawn in this order. */
  readonly #mends: readonly Mend[] = [new AdoptedSheets(), this.#canvases, new Fields(), new Media(), new TopLayer(), new FocusRing(), new Zoom()];
  readonly #waiting: ReplayEvent[] = [];
  readonly #snapshots: number[] = [];
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

  constructor(readonly report: (report: Report) => void) {
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
      markBlocked(event);
      this.#assets.fill(event);
      mendRules(event);
      takeAdopted(event);
      takeMedia(event);
      if (this.#waiting.length === 0 && !this.#replayer) this.#start = event.timestamp;
      this.#loaded = Math.max(this.#loaded, event.timestamp - this.#start);
      if (event.type === EventType.FullSnapshot) this.#snapshots.push(event.timestamp - this.#start);
      if (this.#replayer) this.#replayer.addEvent(event as RrwebEvent);
      else this.#waiting.push(event);
    }
    this.#begin();
    this.#more();
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
        root: document.body,
        speed: this.#speed,
        mouseTail: false,
        // Focus inside the replay would take the keyboard away from the player.
        triggerFocus: false,
        plugins: [this.#canvases.plugin],
        showWarning: false,
        showDebug: false,
        insertStyleRules: [...SCROLL_RULES, ...HIDDEN_RULES, ...LAYER_RULES, ...MEDIA_RULES, ...FOCUS_RULES],
      });
      replayer.on(ReplayerEvents.Resize, (size) => this.#resized(size as { width: number; height: number }));
      replayer.on(ReplayerEvents.FullsnapshotRebuilded, () => this.#rebuilt());
      replayer.on(ReplayerEvents.EventCast, (event) => this.#cast(event as ReplayEvent));
      replayer.on(ReplayerEvents.Finish, () => this.#ran());
      this.#replayer = replayer;
      // Its seeks make nodes in this document, before they stand in the replayed one.
      teachMathMl(window);
      teachMathMl(replayer.iframe.contentWindow as (Window & typeof globalThis) | null);
      this.#wanted ??= 0;
      this.#schedule();
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
    if (at === undefined || !this.#replayer) return;
    if (at > this.#loaded && !this.#complete) return this.report({ type: 'waiting', waiting: true });
    this.#wanted = undefined;
    this.#stalled = false;
    this.report({ type: 'waiting', waiting: false });
    const moment = this.#shown(at);
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
    const scale = Math.min(innerWidth / width, innerHeight / height, 1);
    const left = Math.max(0, (innerWidth - width * scale) / 2);
    const top = Math.max(0, (innerHeight - height * scale) / 2);
    wrapper.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    wrapper.style.setProperty('--unscale', String(Math.min(2, 1 / scale)));
  }
}
