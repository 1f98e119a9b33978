// What a replay may lack, since the policy hides it: it says less than the page did, and nothing else.
import { loadHiding } from "../../tests/browser/lib/door.mjs";

const { redact } = await loadHiding();
/** A line of which each text is redacted by itself, as each was when it was recorded. */
const hide = (line) => line.replace(/"(?:[^"\\]|\\.)*"/g, (text) => JSON.stringify(redact(JSON.parse(text))));
const ATTRIBUTES = /([\w-]+)=("(?:[^"\\]|\\.)*"|true|false)/g;

/** Whether a replayed line tells the same as the live one, or less, as far as a policy may hide it: texts redacted,
 * names and values of attributes emptied or covered, words for the eye or the ear left out. */
export function tellsNoMore(live, replayed) {
  if (hide(live) === hide(replayed)) return true;
  const element = (line) => /^ *<[^ >]+ /.exec(line)?.[0];
  if (!element(live) || element(live) !== element(replayed)) return false;
  const [had, has] = [live, replayed].map((line) => new Map([...line.matchAll(ATTRIBUTES)].map(([, name, value]) => [name, value])));
  const isLess = ([name, value]) => had.get(name) === value || (had.has(name) && /^(id|for|name|value|placeholder|title|alt|aria-label)$/.test(name) && /^"[█•]*"$/.test(value));
  return [...has].every(isLess) && [...had.keys()].every((name) => has.has(name) || /^(placeholder|title|alt|aria-label)$/.test(name));
}
