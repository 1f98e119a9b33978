// hide/markers.ts - markup that asks for less to be recorded, ours and other recorders'. Twin of src/policy/markers.rs.
// Only ever less: nobody's marker that asks for more is here.

const any = (classes: string, attributes: string): string =>
  classes.replace(/\S+ ?/g, (name) => `.${name.trim()},`) + attributes.replace(/\S+/g, "[$&]").replace(/ /g, ",");

/** Text under these is masked. */
export const MASK = any(
  "rr-mask ph-mask sentry-mask fs-mask highlight-mask",
  "data-hush=mask data-sentry-mask data-openreplay-obscured data-openreplay-masked data-clarity-mask data-hj-suppress data-private data-matomo-mask data-sl=mask data-recording-ignore=mask data-dd-privacy=mask data-hl-mask",
);
/** Nothing of these but their size is recorded. */
export const BLOCK = any(
  "rr-block ph-no-capture sentry-block fs-exclude fs-block highlight-block",
  "data-hush=block data-sentry-block data-openreplay-hidden data-openreplay-htmlmasked data-recording-disable data-sl=exclude data-dd-privacy=hidden data-hl-block",
);
/** What is done to these is not recorded. */
export const IGNORE = any(
  "rr-ignore sentry-ignore ph-ignore-input highlight-ignore",
  "data-hush=ignore data-sentry-ignore data-recording-ignore data-matomo-ignore data-hj-ignore-attributes",
);
/** Text and fields under these are never recorded, whatever the policy says. */
export const SENSITIVE = any("", "data-hush=sensitive data-recording-sensitive");
