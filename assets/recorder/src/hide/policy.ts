// hide/policy.ts - the part of the site's policy that the hiding functions read. See "The policy as JSON" in ARCHITECTURE.md.

export interface Policy {
  text: "mask" | "redact" | "show";
  forms: "off" | "masked" | "record";
  media: "block" | "same-origin" | "show";
  urls: "listed" | "generalised" | "path";
  /** Names of attributes shown beyond the layout list. */
  attributes: string[];
  /** Patterns of the paths that `listed` shows, such as `/product/:id`. */
  paths: string[];
  /** Names of the query parameters that may be shown. */
  query: string[];
  /** What stands in style text for the address that `rest` begins with; null for one that is hidden. Only recorders that read assets have it. */
  asset?: (rest: string) => string | null;
}

declare const __MASKED__: boolean | undefined;

/**
 * True in the recorder that is assembled for policies which show nothing readable: there each mode is the strictest, whatever is
 * asked, and the code of the others is left out of its file.
 */
export const MASKED: boolean = typeof __MASKED__ !== "undefined" && __MASKED__;

export const textIn = ({ text }: Pick<Policy, "text">): Policy["text"] => (MASKED ? "mask" : text);
export const formsIn = ({ forms }: Pick<Policy, "forms">): Policy["forms"] => (MASKED ? "off" : forms);
export const mediaIn = ({ media }: Pick<Policy, "media">): Policy["media"] => (MASKED ? "block" : media);
export const urlsIn = ({ urls }: Pick<Policy, "urls">): Policy["urls"] => (MASKED ? "listed" : urls);
