// Plays one recording in the replay frame, the same walled document that the dashboard uses, with the controls that a visitor needs.
import { clock } from '../formats';
import { FrameLink } from '../player/link';
import type { ReplayAsset, ReplayEvent, Report } from '../player/protocol';
import { button, element } from './element';
import { words } from './words';

export class Stage {
  readonly box = element('div', { className: 'stage' });
  readonly #frame = element('iframe', { title: words.stage });
  readonly #slider = element('input', { type: 'range', min: '0', max: '0', value: '0' });
  readonly #clock = element('span', { className: 'clock' });
  readonly #play = button(words.play, () => this.#link.order({ type: this.#playing ? 'pause' : 'play' }), 'primary');
  readonly #link = new FrameLink((report) => this.#hear(report));
  #playing = false;
  #start: number | undefined;
  #end = 0;

  constructor(private readonly failed: () => void) {
    this.#frame.setAttribute('sandbox', 'allow-scripts allow-same-origin');
    this.#frame.src = '/replay-frame/';
    this.#frame.onload = () => this.#link.meet(this.#frame);
    this.#slider.setAttribute('aria-label', words.position);
    // A drag seeks when it ends: each seek draws a whole page.
    this.#slider.onchange = () => this.#link.order({ type: 'seek', at: Number(this.#slider.value) });
    this.box.append(this.#frame, element('div', { className: 'controls' }, this.#play, this.#slider, this.#clock, button(words.close, () => this.close())));
    this.#show(0);
  }

  /** Stands before the events that name them. */
  dress(assets: ReplayAsset[]): void {
    this.#link.order({ type: 'assets', assets });
  }

  take(events: ReplayEvent[]): void {
    this.#start ??= events[0]?.timestamp;
    for (const { timestamp } of events) this.#end = Math.max(this.#end, timestamp - (this.#start ?? timestamp));
    this.#slider.max = String(this.#end);
    this.#link.order({ type: 'events', events });
    this.#show(Number(this.#slider.value));
  }

  finish(): void {
    this.#link.order({ type: 'complete' });
  }

  close(): void {
    this.#link.close();
    this.box.remove();
  }

  #hear(report: Report): void {
    if (report.type === 'time') this.#show(report.at);
    else if (report.type === 'playing') {
      this.#playing = report.playing;
      this.#play.textContent = report.playing ? words.pause : words.play;
    } else if (report.type === 'viewport') {
      this.#frame.style.setProperty('--width', String(report.width));
      this.#frame.style.setProperty('--height', String(report.height));
    } else if (report.type === 'failed') this.failed();
  }

  #show(at: number): void {
    this.#slider.value = String(Math.round(at));
    const told = `${clock(at)} / ${clock(this.#end)}`;
    this.#clock.textContent = told;
    this.#slider.setAttribute('aria-valuetext', told);
  }
}
