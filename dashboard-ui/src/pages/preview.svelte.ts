// A preview as it runs: the operator's own window sends what would be kept of it, and each page of it gets a replay frame of its own
// here, which takes the place of the one before once it is drawn.
import * as api from '../api';
import { FrameLink } from '../player/link';
import type { ReplayAsset, ReplayEvent, Report } from '../player/protocol';

/** Pictures come one by one; the page is asked for anew once no more of them came for so long. */
const ASSETS_REST_MS = 700;
/** How long nothing has to be changed before the page shows it. */
const DRAFT_REST_MS = 250;

/** One page, in its own frame. */
class View {
  drawn = $state(false);
  size = $state.raw({ width: 0, height: 0 });
  readonly link = new FrameLink((report) => this.#hear(report));
  #dressed: Promise<void> | undefined;
  #first: number | undefined;
  #last = 0;

  constructor(
    readonly id: number,
    private readonly assets: () => Promise<ReplayAsset[]>,
    private readonly painted: (view: View) => void,
  ) {}

  /** Show what has happened up to now. */
  async take(events: ReplayEvent[]): Promise<void> {
    await (this.#dressed ??= this.assets().then((assets) => this.link.order({ type: 'assets', assets })));
    this.#first ??= events[0]?.timestamp ?? 0;
    for (const { timestamp } of events) this.#last = Math.max(this.#last, timestamp);
    this.link.order({ type: 'events', events });
    this.link.order({ type: 'seek', at: this.#last - this.#first });
  }

  #hear(report: Report): void {
    if (report.type === 'viewport') this.size = { width: report.width, height: report.height };
    else if (report.type === 'painted') {
      this.drawn = true;
      this.painted(this);
    }
  }
}

/** Why nothing is shown, or no more. */
export type Trouble = { kind: 'refused'; rule: string; selector: string } | { kind: 'too-large' } | { kind: 'ended' };

export class Preview {
  /** Opens a page for it; none runs where there is none. */
  token = $state<string | null>(null);
  views = $state.raw<readonly View[]>([]);
  trouble = $state.raw<Trouble | null>(null);
  #count = 0;
  #stop: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sent = '';
  /** The number of the last click that was heard. */
  #picked = -1;

  constructor(
    private readonly key: string,
    private readonly picked: (list: api.PickList, entry: string) => void,
  ) {}

  async begin(policy: api.Policy, language: string): Promise<string> {
    this.end();
    this.#sent = JSON.stringify(policy);
    this.#picked = -1;
    const { token } = await api.beginPreview(this.key, policy, language);
    this.token = token;
    this.#follow(token);
    return token;
  }

  /** The page shows another draft. One that cannot be put in force is not shown; the page beside says what is wrong with it. */
  change(policy: api.Policy): void {
    clearTimeout(this.#timer);
    const [token, text] = [this.token, JSON.stringify(policy)];
    if (!token || text === this.#sent) return;
    this.#timer = setTimeout(() => {
      this.#sent = text;
      api.changePreview(this.key, token, JSON.parse(text) as api.Policy).catch((error: unknown) => {
        if (error instanceof api.ApiError && error.status === 404) this.#ended();
      });
    }, DRAFT_REST_MS);
  }

  /** Nothing is shown any more; the operator's window is told. */
  end(): void {
    const token = this.token;
    this.#close();
    this.trouble = null;
    this.token = null;
    if (token) api.endPreview(this.key, token).catch(() => undefined);
  }

  #follow(token: string): void {
    let resting: ReturnType<typeof setTimeout> | undefined;
    let view: View | undefined;
    const close = api.followPreview(this.key, token, {
      page: () => {
        this.trouble = null;
        view = new View(++this.#count, () => api.previewAssets(this.key, token).catch(() => []), (shown) => {
          this.views = this.views.filter(({ id }) => id >= shown.id);
        });
        this.views = [...this.views.filter(({ drawn }) => drawn).slice(-1), view];
      },
      events: (events) => void view?.take(events),
      asset: () => {
        clearTimeout(resting);
        resting = setTimeout(() => {
          this.#stop?.();
          this.#follow(token);
        }, ASSETS_REST_MS);
      },
      picked: (list, entry, number) => {
        if (number <= this.#picked) return;
        this.#picked = number;
        this.picked(list, entry);
      },
      refused: (rule, selector) => (this.trouble = { kind: 'refused', rule, selector }),
      tooLarge: () => (this.trouble = { kind: 'too-large' }),
      ended: () => this.#ended(),
    });
    this.#stop = () => {
      clearTimeout(resting);
      close();
    };
  }

  #ended(): void {
    this.#close();
    this.token = null;
    this.trouble = { kind: 'ended' };
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#stop?.();
    for (const { link } of this.views) link.close();
    this.views = [];
  }
}
