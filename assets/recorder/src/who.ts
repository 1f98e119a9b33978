// Who comes again: the random id of a visit or a visitor, and the site's own pseudonym for whoever is signed in. Where the policy's
// `identity` is `none`, nothing of it is kept, read or told.
import { config } from "./config";
import { isPseudonym } from "./hide/note";
import * as stream from "./stream";
import { keep, kept, OBJECTION, PROOFS_CHARACTERS_MAX, proofsOf, random, VISITOR, type Visit } from "./visit";

/** Thirteen months: then the id counts no more, and what opens its recordings goes with it. */
const VISITOR_MS_MAX = 395 * 86_400_000;

const isVisitor = config.identity === "visitor";

/** What the site calls whoever is signed in, while this page lives. */
let pseudonym = "";

export const setPseudonym = (words: string): void => void (pseudonym = isPseudonym(words) ? words : "");

/** What this browser keeps of its visitor; a new id where there is none or it has ended. */
function visitor(): { id: string; until: number; known: string } {
  const [, id, until, known] = /^(\w{32})\.(\d+),(.*)/.exec(kept(VISITOR, true)) ?? [];
  return +until! > Date.now() ? { id: id!, until: +until!, known: known! } : { id: random(16), until: Date.now() + VISITOR_MS_MAX, known: "" };
}

/** Add what the tab knows to what the browser knows of its visitor's recordings. */
export const withVisitors = (known: string, own = isVisitor ? visitor().known : ""): string =>
  (own + known.replace(/[^,]+,/g, (proof) => (own.includes(proof) ? "" : proof))).slice(-PROOFS_CHARACTERS_MAX);

/** Tell who is recorded. Only now is anything kept: whoever does nothing leaves nothing. */
export function introduce(visit: Visit): void {
  // Another tab may have heard an objection.
  if (config.identity === "none" || (isVisitor && kept(OBJECTION, true))) return;
  if (isVisitor) {
    const { id, until, known } = visitor();
    keep(VISITOR, `${id}.${until},${withVisitors(proofsOf(visit), known)}`, true);
    stream.who(0, id);
  } else stream.who(0, (visit.who ??= random(16)));
  if (pseudonym) stream.who(1, pseudonym);
}
