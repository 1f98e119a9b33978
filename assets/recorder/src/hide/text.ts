// hide/text.ts - what a text may say: how long it was, and which parts of it look personal. Twin of src/policy/text.rs.
import { MASKED } from "./policy";

/** What stands where something personal was. Fixed, so that not even its length is told. */
export const DOTS = "\u2022\u2022\u2022\u2022";

/** What hiding makes of a value: a string is shown, a number is the bucket of a masked one, null is left out. */
export type Hidden = string | number | null;

/** The exponent of the smallest power of two that has room for `length` UTF-16 units, at most 16. */
export const bucket = (length: number): number => (length < 2 ? 0 : Math.min(16, 32 - Math.clz32(length - 1)));

export const remainder = (digits: string, modulus: number, rest = 0): number => {
  for (const digit of digits) rest = (rest * 10 + +digit) % modulus;
  return rest;
};

export const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let at = digits.length, twice = 0; at--; twice ^= 1) {
    const value = +digits[at]! << twice;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
};

/** A Czech or Slovak birth number: a plausible date, and divisible by eleven unless it is from before 1954. */
export const isBirthNumber = (digits: string): boolean => {
  const month = (+digits.slice(2, 4) % 50) % 20;
  const day = +digits.slice(4, 6);
  const rest = remainder(digits.slice(0, 9), 11);
  return (
    month > 0 && month < 13 && day > 0 && day < 32 && (digits.length < 10 || rest % 10 === +digits[9]!)
  );
};

const IBAN_SEPARATOR = /[ \xa0\u202f-]/;

// Tries each start once and keeps the longest part that has the right remainder: at most 68 steps a start.
const hideIbans = (text: string): string => {
  const starts = /[a-z]{2}\d\d/gi;
  let out = "";
  let from = 0;
  for (let match; (match = starts.exec(text)); ) {
    const head = [...match[0]].map((sign) => parseInt(sign, 36)).join("");
    let end = 0;
    for (let at = starts.lastIndex, rest = 0, signs = 4, digits = 2; signs < 34 && at < text.length; at++) {
      const code = parseInt(text[at]!, 36);
      if (code >= 0) {
        rest = (rest * (code > 9 ? 100 : 10) + code) % 97;
        if (code < 10) digits++;
        if (++signs > 14 && digits > 9 && remainder(head, 97, rest) === 1) end = at + 1;
      } else if (!IBAN_SEPARATOR.test(text[at]!) || IBAN_SEPARATOR.test(text[at - 1]!)) break;
    }
    if (end) {
      out += text.slice(from, match.index) + DOTS;
      starts.lastIndex = from = end;
    }
  }
  return out + text.slice(from);
};

const WORD = /[^\0-\x20"#&'()*,/:;<=>?[\]`{|}\xa0\u2000-\u200b\u2022\u2028\u2029\u202f\u3000\ufeff]{6,}/g;
const EMAIL = /[^@]@[^@]*[^@.]\.([A-Za-z]{2}|[\xa1-\uffff])/;
const SECRET = /eyJ[\w-]{7}|[\dA-Fa-f]{24}/;

// Each test looks for a part of the word, so a part of a word that passes also passes: hiding twice hides no more.
const isTelling = (word: string): boolean =>
  EMAIL.test(word) ||
  SECRET.test(word) ||
  (word.match(/\w{20,}/g) || []).some((token) => {
    const numbers = token.split(/\d+/).length - 1;
    return numbers > 2 || (numbers > 0 && token.match(/[a-z]+|[A-Z]+|\d+|_+/g)!.length > 12);
  });

const NUMBER = /[+(]{0,2}\d(?:[ \xa0\u2009\u202f\u2011()./-]{0,2}\d){7,}/g;

// Lengths of the digit groups of local telephone numbers, the second for those that begin with 0.
const LOCAL = /^(33[34]|3[67]|3222)$/;
const TRUNK = /^([2-5][5-8]|[2-5][34][34]|[2-5][2-4]22|22222|4223)$/;
const CARD = /^4(44[1-4][1-3]?|6[45])$/;

const isPersonal = (run: string, slash = run.includes("/")): boolean =>
  /\d{9}|\+/.test(run) ||
  run.match(/\d+/g)!.some((_, at, groups) => {
    for (let digits = "", shape = ""; at < groups.length && shape.length < 6; at++) {
      digits += groups[at]!;
      shape += groups[at]!.length;
      const size = digits.length;
      if (
        LOCAL.test(shape) ||
        (digits[0] === "0" && size > 8 && (TRUNK.test(shape) || (digits[1] === "0" && size > 10))) ||
        (CARD.test(shape) && passesLuhn(digits)) ||
        ((shape === "64" || (shape === "63" && slash)) && isBirthNumber(digits))
      )
        return true;
    }
    return false;
  });

const crosses = (one: string, other: string): boolean => !!one && !!other && redact(one + other) !== redact(one) + redact(other);

/** The same of a text that stands between others in one line: what is personal may go over their ends. */
export const redactBetween = (before: string, text: string, behind: string): string => {
  let shown = redact(text);
  if (crosses(before, text + behind)) shown = shown.replace(/^([\d\s().\/+-]*\d|\s*\S+)/, DOTS);
  if (crosses(before + text, behind)) shown = shown.replace(/([\d\s().\/+-]*|\S+\s*)$/, DOTS);
  return shown;
};

/** The text with everything that looks personal replaced by dots: cards, accounts, addresses, numbers, tokens. */
export const redact: (text: string) => string =
  !MASKED
    ? (text) =>
        /[@\d]|eyJ|[\dA-Fa-f]{24}/.test(text)
          ? hideIbans(text)
              .replace(WORD, (word) => (isTelling(word) ? DOTS : word))
              .replace(NUMBER, (run) => (isPersonal(run) ? DOTS : run))
          : text
    : // Without the patterns nothing is known to be harmless.
      (text) => text && DOTS;
