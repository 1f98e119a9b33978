// A canary is a string that stands nowhere else. It is planted where a vector says, and then looked for in whatever a recorder sent or a
// server kept, in each form in which it could be carried.
import { randomInt } from "node:crypto";

const pick = (signs) => signs[randomInt(signs.length)];

/** A word that no pattern of personal data knows and no list mentions; it is told wherever such words are shown. */
export const word = () => Array.from({ length: 6 }, () => pick("bdfgklmnprtvz") + pick("aeiou")).join("");

/** Digits, where letters would not be taken; too few to look like anything personal. */
export const digits = () => Array.from({ length: 7 }, (_, at) => pick(at ? "0123456789" : "123456789")).join("");

/** A card's number, valid by its check digit. */
export function card() {
  const body = "4" + Array.from({ length: 14 }, () => pick("0123456789")).join("");
  const sum = [...body].reduce((total, digit, at) => total + [...String(+digit * (at % 2 ? 1 : 2))].reduce((own, one) => own + +one, 0), 0);
  return body + ((10 - (sum % 10)) % 10);
}

const base64 = (text) => [0, 1, 2].map((shift) => Buffer.from("\0".repeat(shift) + text).toString("base64").replace(/=+$/, "").slice(shift + (shift ? 1 : 0), -1));

/** The forms that are looked for, all in lower case but for base64. */
export function formsOf(canary) {
  const text = canary.toLowerCase();
  return {
    plain: [text],
    reversed: [[...text].reverse().join("")],
    hexadecimal: [Buffer.from(text).toString("hex")],
    address: [encodeURIComponent(text).toLowerCase(), [...Buffer.from(text)].map((byte) => "%" + byte.toString(16)).join("")],
    wide: [Buffer.from(text, "utf16le").toString("latin1"), Buffer.from(text, "utf16le").swap16().toString("latin1")],
    base64: [...base64(canary), ...base64(text)],
  };
}

/** What is searched: bytes read as text of one byte a sign, so that nothing is lost; `lower` beside it, made once. */
export const haystack = (name, bytes) => {
  const text = typeof bytes === "string" ? Buffer.from(bytes).toString("latin1") : bytes.toString("latin1");
  return { name, text, lower: text.toLowerCase() };
};

/** Where and in which form a canary is; null where it is not. */
export function find(canary, haystacks) {
  for (const [form, needles] of Object.entries(formsOf(canary))) {
    for (const { name, text, lower } of haystacks) {
      if (needles.some((needle) => (form === "base64" ? text : lower).includes(needle))) return { form, where: name };
    }
  }
  return null;
}
