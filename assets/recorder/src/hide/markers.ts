// hide/markers.ts - markup that asks for less to be recorded, ours and other recorders'.
// Only ever less: nobody's marker that asks for more is here.
//
// A word with a dot is a class, any other an attribute, with the value it must have where it stands for itself with that one alone.

/** Text under these is masked. */
export const MASK =
  "data-hush=mask data-recording-ignore=mask data-sl=mask .rr-mask .ph-mask .sentry-mask .fs-mask data-sentry-mask data-openreplay-obscured data-openreplay-masked data-clarity-mask data-hj-suppress data-matomo-mask data-private";
/** Nothing of these but their size is recorded. */
export const BLOCK =
  "data-hush=block data-recording-disable data-sl=exclude .rr-block .ph-no-capture .sentry-block .fs-exclude .fs-block ._lr-hide data-sentry-block data-openreplay-hidden data-openreplay-htmlmasked";
/** What is done to these is not recorded. */
export const IGNORE =
  "data-hush=ignore data-recording-ignore .rr-ignore .ph-ignore-input .sentry-ignore data-sentry-ignore data-matomo-ignore";
/** Text and fields under these are never recorded, whatever the policy says. */
export const SENSITIVE = "data-hush=sensitive data-recording-sensitive";
