// Draws the timeline onto one canvas: page segments with their addresses, activity with hatched idle time, and marks.
// The playhead is not here: it is an element of its own that moves without a redraw.
import type { Span } from './idle';
import type { Moment, Page } from './model';
import { density, segments } from './timeline';

export interface Picture {
  readonly pages: readonly Page[];
  readonly activity: readonly number[];
  readonly idle: readonly Span[];
  readonly moments: readonly Moment[];
  readonly end: number;
}

/** Lanes, in CSS pixels from the top. */
export const LANES = { pages: { top: 0, height: 18 }, activity: { top: 22, height: 24 }, marks: { top: 50, height: 14 } } as const;
export const HEIGHT = 66;

const COLUMN = 3;
const MARK_COLOURS: Record<Moment['kind'], string> = { page: '--mark-page', click: '--mark-click', input: '--mark-input', resize: '--line-strong', tab: '--line-strong', gap: '--mark-gap', shed: '--mark-gap', rage: '--mark-gap', dead: '--mark-gap', 'error-click': '--mark-gap', error: '--mark-gap', 'quick-back': '--mark-page', event: '--mark-input' };

/** Marks that stand out: something went wrong for the visitor. */
const TROUBLE: ReadonlySet<Moment['kind']> = new Set(['rage', 'dead', 'error-click', 'error']);

export function draw(canvas: HTMLCanvasElement, picture: Picture): void {
  const width = canvas.clientWidth;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const pen = canvas.getContext('2d');
  if (!pen || width === 0 || picture.end <= 0) return;
  pen.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const x = (at: number) => (at / picture.end) * width;

  drawPages(pen, picture, x, colour, style.fontFamily);
  drawActivity(pen, picture, width, x, colour);
  drawMarks(pen, picture, x, colour);
}

type X = (at: number) => number;
type Colour = (name: string) => string;

function drawPages(pen: CanvasRenderingContext2D, { pages, end }: Picture, x: X, colour: Colour, font: string): void {
  const { top, height } = LANES.pages;
  pen.font = `11px ${font}`;
  pen.textBaseline = 'middle';
  segments(pages, end).forEach(({ from, to, url }, index) => {
    const left = x(from);
    const wide = Math.max(2, x(to) - left - 1);
    pen.fillStyle = colour(index % 2 === 0 ? '--sunken' : '--line');
    pen.beginPath();
    pen.roundRect(left, top, wide, height, 3);
    pen.fill();
    if (wide < 28) return;
    pen.save();
    pen.beginPath();
    pen.rect(left + 5, top, wide - 9, height);
    pen.clip();
    pen.fillStyle = colour('--ink-soft');
    pen.fillText(url, left + 6, top + height / 2 + 0.5);
    pen.restore();
  });
}

function drawActivity(pen: CanvasRenderingContext2D, { activity, idle, end }: Picture, width: number, x: X, colour: Colour): void {
  const { top, height } = LANES.activity;
  pen.strokeStyle = colour('--line');
  pen.lineWidth = 1;
  for (const { from, to } of idle) {
    pen.save();
    pen.beginPath();
    pen.rect(x(from), top, x(to) - x(from), height);
    pen.clip();
    pen.beginPath();
    for (let left = Math.floor(x(from) / 6) * 6 - height; left < x(to); left += 6) {
      pen.moveTo(left, top + height);
      pen.lineTo(left + height, top);
    }
    pen.stroke();
    pen.restore();
  }
  pen.fillStyle = colour('--accent');
  pen.globalAlpha = 0.55;
  density(activity, end, Math.floor(width / COLUMN)).forEach((share, column) => {
    if (share === 0) return;
    const tall = Math.max(2, share * height);
    pen.fillRect(column * COLUMN, top + height - tall, COLUMN - 1, tall);
  });
  pen.globalAlpha = 1;
  pen.fillStyle = colour('--line');
  pen.fillRect(0, top + height, width, 1);
}

function drawMarks(pen: CanvasRenderingContext2D, { moments }: Picture, x: X, colour: Colour): void {
  const { top, height } = LANES.marks;
  const middle = top + height / 2;
  for (const moment of moments) {
    const left = x(moment.at);
    pen.fillStyle = colour(MARK_COLOURS[moment.kind]);
    pen.beginPath();
    // Kinds differ in shape, not only in colour.
    if (moment.kind === 'click') pen.arc(left, middle, 3.2, 0, Math.PI * 2);
    else if (moment.kind === 'input') pen.rect(left - 3, middle - 3, 6, 6);
    else if (TROUBLE.has(moment.kind)) {
      pen.moveTo(left, middle - 5);
      pen.lineTo(left + 5, middle + 4);
      pen.lineTo(left - 5, middle + 4);
      pen.closePath();
    } else if (moment.kind === 'gap') pen.rect(left - 1, LANES.pages.top, 2, HEIGHT);
    else if (moment.kind === 'page') pen.rect(left - 1, top, 2, height);
    else pen.rect(left - 1, middle - 3, 2, 6);
    pen.fill();
  }
}
