// What the server put into the file: the site's policy and where batches go.

export type TextMode = "mask" | "redact" | "show";

/** The keys of the policy that the browser needs; ARCHITECTURE.md documents their values. */
export interface Policy {
  preset: "strict" | "balanced" | "full";
  text: TextMode;
  forms: "off" | "masked" | "record";
  attributes: string[];
  media: "block" | "same-origin" | "show";
  urls: "listed" | "generalised" | "path";
  paths: string[];
  query: string[];
  mask: string[];
  block: string[];
  ignore: string[];
  show: string[];
  consent: "required" | "by-country" | "not-required";
  gpc: boolean;
  identity: "none" | "visit" | "visitor";
  /** Set by what reads assets, see `hide/policy.ts`. */
  asset?: (rest: string) => string | null;
}

export interface Config extends Policy {
  /** The site's key. */
  key: string;
  /** The policy's hash, 16 hexadecimal digits. */
  policy: string;
  /** When the server wrote this file, milliseconds since 1970. */
  issued: number;
}

declare global {
  /** Whether this build can record forms; constant, so that a build without them leaves the code out. */
  const __FORMS__: boolean;
  /** Whether it can record pictures and fonts, and what media and canvases do. */
  const __MEDIA__: boolean;
}

declare const __HUSHREEL__: Config;

export const config: Config = __HUSHREEL__;

/** What holds under a mask, whatever the policy shows elsewhere. */
export const hidden: Policy = { ...config, text: "mask", attributes: [] };

/** Where the recorder was loaded from: batches go beside it. Empty where the page does not say. */
export const base: string = ((document.currentScript as HTMLScriptElement | null)?.src ?? "").replace(/\/r\/[^/]*$/, "");
