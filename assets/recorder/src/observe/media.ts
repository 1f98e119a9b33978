// What video and sound do: play, pause, seek, loudness, speed. What they show and say is not told.
import { MEDIA } from "../config";
import { listen, type Stop } from "../guard";
import { silent } from "../hide/state";
import * as nodes from "../node";
import * as stream from "../stream";

const KINDS = ["play", "pause", "seeked", "volumechange", "ratechange"];

let met: HTMLMediaElement[] = [];

/** The walk met one; what it does already is told by `tellMet`. */
export const meetMedia = (element: Element): void => void met.push(element as HTMLMediaElement);

/** Tell of those that the walk met and that are not as they come. */
export function tellMet(): void {
  for (const media of met.splice(0)) {
    if (!media.paused || media.currentTime || media.muted || media.volume < 1 || media.playbackRate !== 1) {
      tell(media, media.paused ? 1 : 0);
    }
  }
}

function tell(media: HTMLMediaElement, kind: number): void {
  const id = nodes.live(media);
  if (!id || MEDIA === "block" || silent(nodes.stateOf(id))) return;
  const { currentTime, volume, playbackRate, muted } = media;
  stream.media(id, kind, currentTime * 1000, volume * 100, Math.abs(playbackRate) * 100, muted);
}

/** `sized` is told of a video whose natural size is known now. */
export function startMedia(root: Document | ShadowRoot, before: () => void, sized: (video: Element) => void): Stop {
  const stops = [
    listen(root, KINDS.join(" "), (event) => {
      before();
      tell(event.target as HTMLMediaElement, KINDS.indexOf(event.type));
    }),
    listen(root, "resize loadedmetadata", (event) => sized(event.target as Element)),
  ];
  return () => stops.forEach((stop) => stop());
}
