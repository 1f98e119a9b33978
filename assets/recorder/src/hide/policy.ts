// hide/policy.ts - the part of the site's policy that the hiding functions read. See "The policy as JSON" in ARCHITECTURE.md.

export interface Policy {
  text: "mask" | "redact" | "show";
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
