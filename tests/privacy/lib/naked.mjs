// The recorder with its hiding switched off, for tests of the door alone: every function that hides gives back what it was given.
import { build } from "esbuild";

const source = new URL("../../../assets/recorder/src/", import.meta.url);

/** What stands for each file of `hide/`. */
const NAKED = {
  "attribute.ts": `export const INPUT_BUCKET = 3; export const isMarkup = () => true; export const hideTokens = (value) => value; export const hideAttribute = (tag, name, value) => value;`,
  "css.ts": `export const isInner = () => true; export const hideCss = (css) => css;`,
  "doctype.ts": `export const hideDoctype = (...words) => words;`,
  "echo.ts": `export const noteHidden = () => {}; export const withoutEcho = (text) => text;`,
  "field.ts": `export const secretField = () => null;`,
  "kind.ts": `export const numberKind = () => null;`,
  "markers.ts": `export const MASK = "data-none", BLOCK = MASK, IGNORE = MASK, SENSITIVE = MASK;`,
  "note.ts": `export const NOTE_MAX = 500; export const isNoteName = () => true; export const isErrorName = () => true; export const isPseudonym = () => true; export const wordsOf = String; export const hideNote = (words) => words;`,
  "policy.ts": `export const MASKED = false; export const textIn = () => "show"; export const formsIn = () => "record"; export const mediaIn = () => "show"; export const urlsIn = () => "path";`,
  "text.ts": `export const DOTS = "x"; export const bucket = () => 0; export const redact = (text) => text; export const redactBetween = (before, text) => text;`,
  "url.ts": `export const reduceUrl = (href) => href; export const reduceTitle = (title) => title;`,
};

/** What stands for what keeps names to those that sheets mention. It is no part of the above: with text shown, nothing asks it. */
export const NAMES = "observe/mention.ts";
const ALL_NAMES = `export const forgetNames = () => {}; export const learnNames = () => {}; export const isKnownTag = () => true; export const plainRules = (css) => css; export const knownOnly = (attribute, value) => value; export const mentionedLate = () => []; export const expectNames = () => {}; export const settleNames = () => {};`;

/** Its code for a site: `config` is what the server gives of the policy, `address` where batches go; `files` are those that hide nothing. */
export async function nakedRecorder(address, config, files = Object.keys(NAKED)) {
  const { outputFiles } = await build({
    entryPoints: [new URL("index.ts", source).pathname],
    bundle: true,
    write: false,
    format: "iife",
    define: { __FORMS__: "true", __MEDIA__: "true", __ASSETS__: "true", __META__: "true", __REACH__: "true", __WHO__: "true", __BASE__: JSON.stringify(address), __HUSHREEL__: JSON.stringify(config) },
    plugins: [
      {
        name: "naked",
        setup(esbuild) {
          esbuild.onLoad({ filter: /\/hide\/[a-z]+\.ts$/ }, ({ path }) => {
            const file = path.split("/").at(-1);
            const contents = files.includes(file) && NAKED[file];
            return contents ? { contents, loader: "js" } : undefined;
          });
          esbuild.onLoad({ filter: /\/observe\/mention\.ts$/ }, () => (files.includes(NAMES) ? { contents: ALL_NAMES, loader: "js" } : undefined));
        },
      },
    ],
  });
  return outputFiles[0].text;
}
