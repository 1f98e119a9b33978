// What canvases show, as pictures: of those in sight, about once a second, where it changed. Only where the policy shows both text and
// media, as a canvas may show either. No method of the page is wrapped; what another origin drew into cannot be read, and is not.
import { MEDIA, TEXT } from "../config";
import { every, guard, type Stop } from "../guard";
import { BOX, hides, silent } from "../hide/state";
import { cancelFrame, nextFrame } from "../native";
import * as nodes from "../node";
import { Shed, shed } from "../pace";
import * as stream from "../stream";

const LOOK_EVERY_MS = 500;
const SAMPLE_EVERY_MS = 1_000;
/** A picture's longer side is no longer than this, in pixels, */
const SIDE_MAX = 640;
/** and all of it in characters; one that is larger is left out. The server's bound is the same. */
const PICTURE_MAX = 60_000;

interface Seen {
  at: number;
  /** A number made of its pixels; 0 for an empty one. */
  number: number;
}

let seen = new Map<HTMLCanvasElement, Seen>();

export const forgetCanvases = (): void => void (seen = new Map());

/** The walk met one. */
export function meetCanvas(element: Element): void {
  if (MEDIA === "show" && TEXT === "show") seen.set(element as HTMLCanvasElement, { at: -SAMPLE_EVERY_MS, number: 0 });
}

/** The number of a canvas whose picture may be told, else 0. */
function tellable(canvas: HTMLCanvasElement): number {
  const id = nodes.live(canvas);
  const state = nodes.stateOf(id) | 0;
  return id && !hides(state) && !silent(state) && !(state & BOX) ? id : 0;
}

function inSight(canvas: HTMLCanvasElement): boolean {
  const { top, left, bottom, right, width } = canvas.getBoundingClientRect();
  const window = canvas.ownerDocument.defaultView;
  return !!window && width > 0 && bottom > 0 && right > 0 && top < window.innerHeight && left < window.innerWidth;
}

/** Whether a canvas has a flat picture, which scripts may empty; others are empty between two frames for whoever asks late. */
function isFlat(canvas: HTMLCanvasElement): boolean {
  try {
    return !!canvas.getContext("2d");
  } catch {
    return false;
  }
}

export function startCanvas(before: () => void, told: () => void): Stop {
  let sampler: OffscreenCanvas | null = null;
  let animation = 0;
  let stopped = false;

  function tell(canvas: HTMLCanvasElement, picture: string): void {
    if (stopped || picture.length > PICTURE_MAX) return;
    before();
    const id = tellable(canvas);
    if (id) stream.canvas(id, picture);
    told();
  }

  function sample(canvas: HTMLCanvasElement, last: Seen): void {
    const scale = Math.min(1, SIDE_MAX / Math.max(canvas.width, canvas.height));
    const [width, height] = [Math.ceil(canvas.width * scale), Math.ceil(canvas.height * scale)];
    if (!width || !height) return;
    sampler ??= new OffscreenCanvas(width, height);
    // Also empties it.
    sampler.width = width;
    sampler.height = height;
    const context = sampler.getContext("2d", { willReadFrequently: true })!;
    let pixels: Uint32Array;
    try {
      context.drawImage(canvas, 0, 0, width, height);
      pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
    } catch {
      // Another origin drew into it: it cannot be read, nor can the sampler any more.
      sampler = null;
      seen.delete(canvas);
      return;
    }
    let number = 0;
    for (const pixel of pixels) number = Math.imul(number ^ pixel, 16777619);
    if (!pixels.some((pixel) => pixel)) number = 0;
    if (number === last.number || (!number && !isFlat(canvas))) return;
    last.number = number;
    if (!number) return tell(canvas, "");
    void sampler.convertToBlob({ type: "image/webp", quality: 0.6 }).then((blob) => {
      const reader = new FileReader();
      reader.onload = guard(() => tell(canvas, reader.result as string));
      reader.readAsDataURL(blob);
    }, () => undefined);
  }

  const look = guard(() => {
    const now = performance.now();
    for (const [canvas, last] of seen) {
      if (!nodes.live(canvas)) seen.delete(canvas);
      else if (now - last.at >= SAMPLE_EVERY_MS && tellable(canvas) && inSight(canvas)) {
        last.at = now;
        seen.delete(canvas);
        // One at a time, and the one that waited longest is next.
        seen.set(canvas, last);
        return sample(canvas, last);
      }
    }
  });

  // A timer's frame comes after the page's own in the same list, when a picture in space has been drawn and not yet been taken away.
  const stop = every(LOOK_EVERY_MS, () => {
    if (!seen.size || document.hidden || shed() > Shed.Frames || !window.OffscreenCanvas) return;
    cancelFrame(animation);
    animation = nextFrame(look);
  });
  return () => {
    stopped = true;
    stop();
    cancelFrame(animation);
  };
}
