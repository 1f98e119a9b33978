// What the server put into the file: the site's policy and where batches go.

import { formsIn, mediaIn, MASKED, textIn } from "./hide/policy";

export type TextMode = "mask" | "redact" | "show";

/** Nothing · that it was, without words or addresses · with both, hidden as the text and address modes say. */
export type MetaMode = "off" | "meta" | "redact";

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
  dnt: boolean;
  console: MetaMode;
  network: MetaMode;
  identity: "none" | "visit" | "visitor";
  /** Percent of visits. */
  sample: number;
  only_urls: string[];
  skip_urls: string[];
  trigger: "call" | "load";
  max_minutes: number;
  min_interaction: number;
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
  /** Somebody watches and waits: batches are cut sooner. */
  live?: boolean;
}

declare global {
  /** Whether this build can record forms; constant, so that a build without them leaves the code out. */
  const __FORMS__: boolean;
  /** Whether it can record what media and canvases do. */
  const __MEDIA__: boolean;
  /** Whether it can record the console and requests. */
  const __META__: boolean;
  /** Whether it can leave out pages. */
  const __REACH__: boolean;
  /** Whether this build can read pictures and fonts. */
  const __ASSETS__: boolean;
  /** Whether it can know a visit, a visitor or whoever is signed in again. */
  const __WHO__: boolean;
}

declare const __HUSHREEL__: Config;

export const config: Config = __HUSHREEL__;

/** The policy's modes; constants where the recorder is assembled for the strictest. */
export const TEXT = textIn(config);
export const MEDIA = mediaIn(config);
export const FORMS = formsIn(config);

/** What holds under a mask, whatever the policy shows elsewhere. */
export const hidden: Policy = MASKED ? config : { ...config, text: "mask", attributes: [] };

/** Where the server is, where the recorder is part of a module. */
declare const __BASE__: string | undefined;

/** Where the recorder was loaded from: batches go beside it. Empty where the page does not say. */
export const base: string = typeof __BASE__ !== "undefined" ? __BASE__ : ((document.currentScript as HTMLScriptElement | null)?.src ?? "").replace(/\/r\/[^/]*$/, "");
