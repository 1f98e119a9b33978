// Rules that scripts change in place: `rule.style`, `selectorText`, `media`, key frames. No event tells of it, and most of its ways in
// cannot be wrapped, so rules are looked at in turn, for a moment each time, and compared with a number made of their text.

/** How long one look may take, beyond its first turns; a page with many rules is looked through over several. */
const LOOK_MS = 1;
const TURNS_MIN = 4;
/** Rules of one sheet before the next sheet has its turn, so that a long one does not hold up a short one. */
const TURN_RULES = 50;

const known = new WeakMap<CSSRule, number>();
let turns: Iterator<CSSRule>[] = [];

export const forgetTurns = (): void => void (turns = []);

/** Groups are compared by their condition; what is in them stands for itself. */
export const isGroup = (rule: CSSRule): rule is CSSGroupingRule => "insertRule" in rule && !("selectorText" in rule);

function textOf(rule: CSSRule): string {
  const { conditionText, media, styleSheet } = rule as CSSConditionRule & CSSImportRule;
  if (isGroup(rule)) return conditionText ?? "";
  // What is imported may be there later than who imports it.
  return styleSheet === undefined ? rule.cssText : media.mediaText + rulesIn(styleSheet).length;
}

function numberOf(text: string): number {
  let number = text.length;
  for (let at = 0; at < text.length; at++) number = (number * 31 + text.charCodeAt(at)) | 0;
  return number;
}

/** Remember a rule as it is told; `text` is its own where the caller has it. */
export const noteRule = (rule: CSSRule, text?: string): void =>
  void known.set(rule, numberOf(text ?? textOf(rule)));

/** The rules of a sheet; none where the page may not read them. */
export function rulesIn(sheet: CSSStyleSheet | null): ArrayLike<CSSRule> {
  try {
    return sheet!.cssRules;
  } catch {
    return [];
  }
}

function* walk(rules: ArrayLike<CSSRule>): Generator<CSSRule> {
  for (let at = 0; at < rules.length; at++) {
    const rule = rules[at]!;
    yield rule;
    const imported = (rule as CSSImportRule).styleSheet;
    if (imported) yield* walk(rulesIn(imported));
    else if (isGroup(rule)) yield* walk(rule.cssRules);
  }
}

/** Look on through these sheets; `changed` is told each rule that reads otherwise than it was told. */
export function pollRules(sheets: Iterable<CSSStyleSheet>, changed: (rule: CSSRule) => void): void {
  if (!turns.length) turns = [...sheets].map((sheet) => walk(rulesIn(sheet)));
  const until = performance.now() + LOOK_MS;
  for (let taken = 0; turns.length && (taken < TURNS_MIN || performance.now() < until); taken++) {
    const turn = turns.shift()!;
    for (let count = 0; count < TURN_RULES; count++) {
      const { value: rule, done } = turn.next();
      if (done) break;
      const before = known.get(rule);
      noteRule(rule);
      if (before !== undefined && before !== known.get(rule)) changed(rule);
      if (count === TURN_RULES - 1) turns.push(turn);
    }
  }
}
