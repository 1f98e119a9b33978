// The hiding functions give the answers that the server's twins give, and hiding twice hides no more.
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hideAttribute, hideTokens } from "./attribute";
import { hideCss } from "./css";
import { numberKind } from "./kind";
import { secretField, type Field } from "./field";
import * as markers from "./markers";
import { mentions } from "./mention";
import { hideNote, isErrorName, isNoteName, isPseudonym, NOTE_MAX } from "./note";
import type { Policy } from "./policy";
import { isRecorded } from "./reach";
import { bucket, redact } from "./text";
import { reduceTitle, reduceUrl } from "./url";

const strict: Policy = { text: "mask", forms: "off", media: "block", urls: "listed", attributes: [], paths: [], query: [] };
const modes: Policy[] = [
  strict,
  { ...strict, text: "redact", media: "same-origin", urls: "generalised" },
  { ...strict, text: "show", media: "show", urls: "path" },
];

/** The cases that were thought of, and random ones in which the twins once agreed. */
function cases<Case extends unknown[]>(file: string, name: string): Case[] {
  const read = (file: string) => {
    const path = new URL(`../../../../tests/fixtures/hiding/${file}.json`, import.meta.url);
    return JSON.parse(readFileSync(path, "utf8"))[name] ?? [];
  };
  return [...read(file), ...read("random")];
}

describe("the server's twins agree", () => {
  test.each(cases<[number, number]>("text", "bucket"))("bucket(%j)", (length, wanted) => {
    expect(bucket(length)).toBe(wanted);
  });
  test.each(cases<[string, string]>("text", "redact"))("redact(%j)", (text, wanted) => {
    expect(redact(text)).toBe(wanted);
  });
  test.each(cases<[Partial<Policy>, string, string]>("url", "reduceUrl"))("reduceUrl(%j, %j)", (policy, href, wanted) => {
    expect(reduceUrl(href, { ...strict, ...policy })).toBe(wanted);
  });
  test.each(cases<[{ only_urls?: string[]; skip_urls?: string[] }, string, boolean]>("reach", "isRecorded"))("isRecorded(%j, %j)", (policy, path, wanted) => {
    expect(isRecorded(path, { only_urls: [], skip_urls: [], ...policy })).toBe(wanted);
  });
  test.each(cases<[Partial<Policy>, string, unknown]>("url", "reduceTitle"))("reduceTitle(%j, %j)", (policy, title, wanted) => {
    expect(reduceTitle(title, { ...strict, ...policy })).toBe(wanted);
  });
  test.each(cases<[Partial<Policy>, string, string]>("css", "hideCss"))("hideCss(%j, %j)", (policy, css, wanted) => {
    expect(hideCss(css, { ...strict, ...policy })).toBe(wanted);
  });
  test.each(cases<[string, string[]]>("mention", "mentions"))("mentions(%j)", (css, wanted) => {
    expect(mentions(css)).toEqual(wanted);
  });
  test.each(cases<[string, string]>("attribute", "hideTokens"))("hideTokens(%j)", (value, wanted) => {
    expect(hideTokens(value)).toBe(wanted);
  });
  test.each(cases<[Partial<Policy>, string, string, string, string, unknown]>("attribute", "hideAttribute"))(
    "hideAttribute(%j, %j, %j, %j, %j)",
    (policy, tag, name, value, type, wanted) => {
      expect(hideAttribute(tag, name, value, { ...strict, ...policy }, type)).toBe(wanted);
    },
  );
  test.each(cases<[string, Policy["text"], boolean]>("note", "isErrorName"))("isErrorName(%j, %j)", (name, text, wanted) => {
    expect(isErrorName(name, text)).toBe(wanted);
  });
  test.each(cases<[string, boolean]>("note", "isPseudonym"))("isPseudonym(%j)", (words, wanted) => {
    expect(isPseudonym(words)).toBe(wanted);
  });
  test.each(cases<[string, boolean]>("note", "isNoteName"))("isNoteName(%j)", (name, wanted) => {
    expect(isNoteName(name)).toBe(wanted);
  });
  test.each(cases<[string, string | null]>("kind", "numberKind"))("numberKind(%j)", (value, wanted) => {
    expect(numberKind(value)).toBe(wanted);
  });
  test.each(cases<[Field, string | null]>("field", "secretField"))("secretField(%j)", (field, wanted) => {
    expect(secretField(field)).toBe(wanted);
  });
});

test("what a page says of itself is cut, and hidden as its text is", () => {
  const words = "Jan <jan@example.cz> was here";
  expect(hideNote(words, "mask")).toBe(5);
  expect(hideNote(words, "redact")).toBe(redact(words));
  expect(hideNote(words, "show")).toBe(words);
  expect(hideNote("a".repeat(NOTE_MAX + 1), "show")).toBe("a".repeat(NOTE_MAX));
});

const part = (...fixed: string[]) =>
  fc.array(fc.oneof(fc.constantFrom(...fixed), fc.string({ maxLength: 4 }), fc.stringMatching(/^[0-9 .\/()+@-]{1,6}$/)), {
    maxLength: 14,
  });

describe("hiding twice hides no more", () => {
  test("redact", () => {
    const parts = part("CZ65 0800 0000 1920 0014 5399", "4111 1111 1111 1111", "900101/1239", "eyJhbGciOiJ", "jan@example.cz", "\u00a0", "\u2022", "da39a3ee5e6b4b0d3255bfef");
    fc.assert(fc.property(parts, (parts) => {
      const once = redact(parts.join(""));
      expect(redact(once)).toBe(once);
    }), { numRuns: 2000 });
  });
  test("hideCss", () => {
    const parts = part("url(", "@import ", "https://x.example/", "content:", "--a:", "/*", "*/", "image-set(", "expression", "\\72", "{", "}", ";", '"', "'", "[a=", "]", "@charset", "<!--", "jan@example.cz", "data:image/png;base64,AA");
    fc.assert(fc.property(parts, fc.constantFrom(...modes), (parts, policy) => {
      const once = hideCss(parts.join(""), policy);
      expect(hideCss(once, policy)).toBe(once);
      // What stands in a string or in a picture's own address, or is the end of another name, loads nothing.
      const bare = once.replace(/"(\\[^]|[^"\\\n])*"?|'(\\[^]|[^'\\\n])*'?|(?<![-\w\\\x80-\uffff])url\(data:[^)]*\)?/g, "");
      expect(bare).not.toMatch(/(?<![-@\w\\\x80-\uffff])(url\(["']?https|@import)/i);
    }), { numRuns: 3000 });
  });
  test("reduceUrl", () => {
    const parts = part("https://", "http://", "/", "a", ":any", "777123456", "%40", "?q=", "&", ";", "#", "@", "jan@example.cz");
    fc.assert(fc.property(parts, fc.constantFrom(...modes), (parts, policy) => {
      const given = { ...policy, paths: ["/", "/a/:x", "/:slug", "/a/b/"], query: ["q"] };
      const once = reduceUrl(parts.join(""), given);
      expect(reduceUrl(once, given)).toBe(once);
    }), { numRuns: 2000 });
  });
  test("hideAttribute", () => {
    const names = fc.constantFrom("class", "style", "title", "href", "src", "data-x", "alt", "value", "fill", "width");
    const tags = fc.constantFrom("a", "img", "input", "div", "use", "li");
    fc.assert(fc.property(tags, names, part("https://x.example/", "url(", "#a", "user-123456"), fc.constantFrom(...modes), (tag, name, parts, policy) => {
      const once = hideAttribute(tag, name, parts.join(""), policy, "submit");
      if (typeof once === "string") expect(hideAttribute(tag, name, once, policy, "submit")).toBe(once);
    }), { numRuns: 2000 });
  });
});

test("no text makes reading it quadratic", { timeout: 600_000 }, () => {
  for (const part of ["eyJ", "a@", "1 ", "1", "AB12", "CZ65 ", "a.b@c.", "+(", "0 0", "dead", "aA0", "url(", "url( ", '"', "\\", "/*", "[a=", "expression ", "--a:\"", " "]) {
    // Quadratic work on this much text would take far longer than any noise of the machine.
    const text = part.repeat((1 << 18) / part.length);
    const began = performance.now();
    redact(text);
    hideCss(text, strict);
    expect(performance.now() - began, part).toBeLessThan(60_000);
  }
});

test("markers are classes, or attributes with or without a value", () => {
  for (const words of Object.values(markers)) expect(words).toMatch(/^((\.[\w-]+|data-[\w-]+(=\w+)?)( |$))+$/);
});
