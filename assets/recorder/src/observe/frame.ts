// Frames: which document of each was told. A frame loads late, is written anew, goes to another origin, or is moved, and no event
// tells of each, so they are looked at in turn as well.
import * as nodes from "../node";

let told = new Map<Element, Document | null>();

export const forgetFrames = (): void => void (told = new Map());

/** A frame was told with this document, or without one. */
export const meetFrame = (frame: Element, inner: Document | null): void => void told.set(frame, inner);

/** The document inside a frame, where the page may read it. */
export function frameOf(frame: Element): Document | null {
  try {
    const inner = (frame as HTMLIFrameElement).contentDocument;
    return inner?.documentElement ? inner : null;
  } catch {
    return null;
  }
}

/** A node with all below it was told to be elsewhere: a replay has the frames in it empty then, even if the page has not. */
export function framesMoved(node: Node): void {
  for (const [frame, inner] of told) {
    const id = inner && node.contains(frame) ? nodes.live(inner) : 0;
    if (id) nodes.drop(id);
  }
}

/** Look at all frames: `renew` those with a document that was not told, tell those `again` whose document is out of sight. */
export function pollFrames(renew: (frame: Element) => void, again: (frame: Element) => void): void {
  for (const [frame, before] of told) {
    const inner = frameOf(frame);
    if (!nodes.live(frame)) told.delete(frame);
    else if (inner && !nodes.live(inner)) renew(frame);
    else if (!inner && before) again(frame);
  }
}
