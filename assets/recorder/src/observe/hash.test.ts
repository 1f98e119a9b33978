// The recorder's own SHA-256 agrees with the platform's, at every length around a block's end.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256 } from "./hash";

const hex = (words: Uint32Array) => Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");

test.each([0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1000, 100_003])("sha256 of %i bytes", (length) => {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 7 + length) % 256);
  expect(hex(sha256(bytes))).toBe(createHash("sha256").update(bytes).digest("hex"));
});
