// The player's state: what has arrived, where playing is, and the replay frame that it commands by a port.
// `at` moves with every painted frame and is plain on purpose; what is drawn from state changes only when its meaning does.
import { IDLE_MS, idleSpans, IdleSkipper, type Span } from './idle';
import { nextSpeed } from './keys';
import { type Cost, type Hidden, type Moment, type Page, RecordingModel } from './model';
import { FrameLink } from './link';
import { PartLoader } from './loader';
import { type Marks, told } from './marks';
import type { Order, ReplayAsset, ReplayEvent, Report } from './protocol';
import { countUntil, step } from './timeline';

const SKIP_KEY = 'hushreel-skip-idle';

export class Player {
  playing = $state(false);
  waiting = $state(true);
  ended = $state(false);
  failed = $state(false);
  complete = $state(false);
  speed = $state(1);
  skipIdle = $state(localStorage.getItem(SKIP_KEY) !== 'off');
  viewport = $state.raw({ width: 0, height: 0 });
  /** How long the jump over idle time was that was just made, for the message that says so. */
  skipped = $state(0);
  end = $state(0);
  moments = $state.raw<readonly Moment[]>([]);
  pages = $state.raw<readonly Page[]>([]);
  activity = $state.raw<readonly number[]>([]);
  idle = $state.raw<readonly Span[]>([]);
  cost = $state.raw<Cost>({ ms: 0, longestMs: 0 });
  hidden = $state.raw<Hidden>({ texts: 0, inputs: 0, blocked: 0 });
  /** The whole second that playing is in. */
  second = $state(0);
  /** How many moments have been. */
  passed = $state(0);

  /** Where playing is, in milliseconds since the first event. */
  at = 0;

  readonly #model = new RecordingModel();
  readonly #skipper = new IdleSkipper();
  readonly #ticks = new Set<(at: number) => void>();
  readonly #link = new FrameLink((report) => this.#hear(report));
  /** Events wait for the pictures and fonts that they name. */
  #undressed: Order[] | undefined;
  #seeking = false;
  /** Brings the parts of a finished recording; without it, all of the recording comes. */
  #parts: PartLoader | undefined;

  /** Greet the replay frame, once its document has loaded. */
  meet(frame: HTMLIFrameElement): void {
    this.#link.meet(frame);
  }

  /** Call `tick` with every painted frame; the returned function stops that. */
  onTick(tick: (at: number) => void): () => void {
    this.#ticks.add(tick);
    tick(this.at);
    return () => this.#ticks.delete(tick);
  }

  /** Hold what comes back from the frame until these have arrived. */
  async dress(assets: Promise<ReplayAsset[]>): Promise<void> {
    const waiting = (this.#undressed = []);
    this.#link.order({ type: 'assets', assets: await assets });
    this.#undressed = undefined;
    for (const order of waiting) this.#link.order(order);
  }

  /** A finished recording: what happened in it is known, and its events are fetched where they are watched. */
  follow(marks: Marks, fetch: (from: number, to: number | null, signal: AbortSignal) => Promise<string>, failed: (error: unknown) => void): void {
    const { moments, pages, cost } = told(marks);
    this.end = marks.end;
    this.moments = moments;
    this.pages = pages;
    this.activity = marks.activity;
    this.idle = idleSpans(marks.activity, marks.end);
    this.cost = cost;
    this.hidden = marks.hidden;
    this.complete = true;
    const starts = [0, ...marks.keyframes];
    const load = async (number: number, signal: AbortSignal) => {
      const [from, to] = [starts[number] ?? 0, starts[number + 1] ?? null];
      const text = await fetch(from, to, signal);
      this.#dressed({ type: 'part', number, from, to, text });
    };
    this.#dressed({ type: 'begin', start: marks.start });
    this.#parts = new PartLoader(starts, load, (from, to) => this.#dressed({ type: 'keep', from, to }), failed);
    this.#place(Math.min(this.at, this.end));
  }

  /** Someone points at the moment `at`, and may want to see it. */
  prepare(at: number): void {
    this.#parts?.prepare(at);
  }

  take(events: ReplayEvent[]): void {
    this.#model.add(events);
    this.#dressed({ type: 'events', events });
    this.#show();
  }

  /** All that will come has come. */
  finish(): void {
    this.complete = true;
    this.#dressed({ type: 'complete' });
    this.#show();
  }

  toggle(): void {
    if (this.playing) this.#link.order({ type: 'pause' });
    else {
      this.ended = false;
      this.#link.order({ type: 'play' });
    }
  }

  /** Show the moment `at`, chosen by a person. */
  seek(at: number): void {
    const wanted = Math.max(0, this.complete ? Math.min(at, this.end) : at);
    this.ended = false;
    this.skipped = 0;
    this.#skipper.seeked(wanted);
    this.#jump(wanted);
  }

  stepEvent(direction: 1 | -1): void {
    this.seek(step(this.moments, this.at, direction, this.end));
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#link.order({ type: 'speed', speed });
  }

  changeSpeed(direction: 1 | -1): void {
    this.setSpeed(nextSpeed(this.speed, direction));
  }

  toggleSkip(): void {
    this.skipIdle = !this.skipIdle;
    localStorage.setItem(SKIP_KEY, this.skipIdle ? 'on' : 'off');
  }

  pageAt(at: number): Page | undefined {
    return this.pages.findLast((page) => page.at <= at) ?? this.pages[0];
  }

  close(): void {
    this.#parts?.close();
    this.#link.close();
    this.#ticks.clear();
  }

  #dressed(order: Order): void {
    if (this.#undressed) this.#undressed.push(order);
    else this.#link.order(order);
  }

  #hear(report: Report): void {
    switch (report.type) {
      case 'ready':
        return;
      case 'time':
        if (!this.#seeking) this.#reach(report.at);
        return;
      case 'painted':
        this.#seeking = false;
        this.passed = countUntil(this.moments, this.at);
        this.#parts?.onwards();
        return;
      case 'playing':
        this.playing = report.playing;
        return;
      case 'ended':
        this.ended = true;
        return;
      case 'waiting':
        this.waiting = report.waiting;
        return;
      case 'viewport':
        this.viewport = { width: report.width, height: report.height };
        return;
      case 'failed':
        this.failed = true;
        return;
    }
  }

  /** Playing has come to `at`. */
  #reach(at: number): void {
    this.#place(at);
    this.passed = countUntil(this.moments, at);
    this.#parts?.onwards();
    if (!this.playing || !this.skipIdle) return;
    const target = this.#skipper.jump(this.idle, at);
    if (target === undefined) return;
    this.skipped = target - at;
    this.#jump(target);
  }

  #jump(at: number): void {
    this.#seeking = true;
    // What is listed beside the page can wait until that is shown.
    this.#place(at);
    this.#link.order({ type: 'seek', at });
  }

  #place(at: number): void {
    this.at = at;
    this.second = Math.floor(at / 1000);
    for (const tick of this.#ticks) tick(at);
    this.#parts?.show(at);
  }

  /** Let what is drawn see what has arrived. */
  #show(): void {
    const model = this.#model;
    this.end = model.end;
    this.moments = [...model.moments];
    this.pages = [...model.pages];
    this.activity = [...model.activity];
    this.cost = model.cost;
    this.hidden = model.hidden;
    // Until all has come, nobody knows whether the time after the last activity stays idle.
    this.idle = idleSpans(model.activity, this.complete ? model.end : Math.min(model.end, (model.activity.at(-1) ?? 0) + IDLE_MS));
    this.passed = countUntil(this.moments, this.at);
  }
}
