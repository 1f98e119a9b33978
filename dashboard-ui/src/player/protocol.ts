// What the dashboard and the replay frame say to each other. Both sides import this file and nothing else in common.
//
// Handshake: when the frame's document has loaded, the page that embeds it posts HELLO to it, with one MessagePort.
// The frame takes the first port that comes from its parent on the same origin, answers `ready`, and listens to nothing else.
//
// Times are milliseconds since the first event of the recording. The frame never reaches the network; events come by the port,
// oldest first, in as many messages as the sender likes, then `complete`. Pictures and fonts come before the events that name them.
// Or, after `begin`, in parts, each from one keyframe to the next, in any order: only those around the moment in sight need to be
// there. A wished moment whose part is missing waits for it.
//
// In the recorded page the frame adds nothing but attributes named `data-hushreel-…`, one style element before the head, and the
// `content` of canvases in their style.
//
// For tests: `seek` is answered by `painted` with the same `at`, once the page of that moment is really on the screen.

/** The greeting that carries the port: `frame.contentWindow.postMessage(HELLO, location.origin, [port])`. */
export const HELLO = 'hushreel.port';

/**
 * One rrweb event, as the API gives it. `data` is read with care: it was made by strangers.
 * Beyond rrweb's own words: a Meta event of a keyframe has `keyframe: true`, which tells it from another page load, and a custom event
 * `hushreel.keyframe` stands behind the last of its events; custom events are `hushreel.page` {url, title} for a title or a change of address without a load, `hushreel.visibility` {hidden} for the tab,
 * and `hushreel.gap` {ops, ms} or {batches} for what was lost.
 */
export interface ReplayEvent {
  readonly type: number;
  readonly timestamp: number;
  readonly data: unknown;
}

/** A picture or a font of the recording, known in its events as `hush:HASH`. */
export interface ReplayAsset {
  readonly hash: string;
  /** Its media type, as the server found it. */
  readonly kind: string;
  readonly bytes: ArrayBuffer;
}

/** From the page to the frame. */
export type Order =
  /** Stands before the events that name them. */
  | { readonly type: 'assets'; readonly assets: readonly ReplayAsset[] }
  | { readonly type: 'events'; readonly events: readonly ReplayEvent[] }
  /** No more events follow. */
  | { readonly type: 'complete' }
  /** Events come in parts; times are milliseconds since `start`, which is in milliseconds since 1970. */
  | { readonly type: 'begin'; readonly start: number }
  /** One part: its number, when it begins and when the next does (null for the last), and its events as a JSON array. */
  | { readonly type: 'part'; readonly number: number; readonly from: number; readonly to: number | null; readonly text: string }
  /** Only the parts from number `from` to number `to` are needed for now. */
  | { readonly type: 'keep'; readonly from: number; readonly to: number }
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  /** Show the moment `at`; playing goes on from there, a pause stays a pause. Only the last of several waiting seeks is done. */
  | { readonly type: 'seek'; readonly at: number }
  /** 0.5 to 8. */
  | { readonly type: 'speed'; readonly speed: number };

/** From the frame to the page. */
export type Report =
  | { readonly type: 'ready' }
  /** Where playing is; once a painted frame while it plays. */
  | { readonly type: 'time'; readonly at: number }
  | { readonly type: 'playing'; readonly playing: boolean }
  /** The last event was shown and none will follow. */
  | { readonly type: 'ended' }
  /** A wished moment has not arrived yet (true), or has (false). */
  | { readonly type: 'waiting'; readonly waiting: boolean }
  /** The moment `at` is on the screen. */
  | { readonly type: 'painted'; readonly at: number }
  /** The visitor's window is now this large, in CSS pixels. */
  | { readonly type: 'viewport'; readonly width: number; readonly height: number }
  /** The recording cannot be drawn. */
  | { readonly type: 'failed' };
