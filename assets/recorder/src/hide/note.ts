// hide/note.ts - what the page says of itself: names that its developers gave, and words around them. Twin of src/policy/note.rs.
import type { Policy } from "./policy";
import { bucket, redact } from "./text";

/** Characters of one message or value. */
export const NOTE_MAX = 500;

/** Whether this is a name that a developer gave to an event, a tag, a property or an error: hardly a digit, no space. */
export const isNoteName = (name: string): boolean => /^[a-z][\w.:-]{0,47}$/i.test(name) && !/\d{3}|(\d\D*){5}/.test(name);

/** Names of errors that the language and the browser give. */
const ERROR = /^((Aggregate|Eval|Range|Reference|Syntax|Type|URI)?|Abort|Constraint|Data|Encoding|InvalidAccess|InvalidState|Network|NotAllowed|NotFound|NotReadable|NotSupported|Operation|QuotaExceeded|Security|Timeout)Error$/;

/** Whether this is what an error may be called: under a mask only what nobody made up. */
export const isErrorName = (name: string, text: Policy["text"]): boolean => (text === "mask" ? ERROR.test(name) : isNoteName(name));

/** The words of a value that is one; nothing of an object, whose own code would have to say them. */
export const wordsOf = (value: unknown): string => (/^(string|number|boolean)$/.test(typeof value) ? String(value) : "");

/** Characters of one pseudonym. */
const PSEUDONYM_MAX = 64;

/** Whether this is what a site may call somebody: no address, number or token of a person; a digest or a UUID is none. */
export const isPseudonym = (words: string): boolean =>
  /\S/.test(words) && words.length <= PSEUDONYM_MAX && (/^(?=.*[a-f])[\da-f-]{32,}$/i.test(words) || redact(words) === words);

/** A message or a value, as the text mode says. */
export const hideNote = (words: string, text: Policy["text"]): string | number => {
  const cut = words.slice(0, NOTE_MAX);
  return text === "mask" ? bucket(cut.length) : text === "show" ? cut : redact(cut);
};
