// Builds the recorder without a policy, and prints its size. The server takes what a policy needs and puts the policy in:
// dist/core.meta.js does everything; core.js all but the console and requests; `block` is for policies that show no pictures,
// `masked` for those that show nothing readable either, record no forms and skip no page. With `who` it also knows visits or visitors again.
import { mkdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const CORES = {
  "core.meta.js": { __MASKED__: "false", __FORMS__: "true", __MEDIA__: "true", __ASSETS__: "true", __META__: "true", __REACH__: "true" },
  "core.js": { __MASKED__: "false", __FORMS__: "true", __MEDIA__: "true", __ASSETS__: "true", __META__: "false", __REACH__: "true" },
  "core.block.js": { __MASKED__: "false", __FORMS__: "true", __MEDIA__: "false", __ASSETS__: "false", __META__: "false", __REACH__: "true" },
  "core.masked.js": { __MASKED__: "true", __FORMS__: "false", __MEDIA__: "false", __ASSETS__: "false", __META__: "false", __REACH__: "false" },
};

/** Property names that others know: the policy's keys, the page's calls, what a tab keeps, options of young methods. All others may be shortened. */
const KNOWN = `preset text forms attributes media urls paths query mask block ignore show consent gpc dnt console network identity key policy issued
  sample only_urls skip_urls trigger max_minutes min_interaction began moved live preview
  hushreel q ready start pause resume stop recording on event tag page ops ms loss secret left known mine erase object identify who durationThreshold willReadFrequently quality`.split(/\s+/);

/** What stands in front of a core, where a policy has `compat` or `banner` or an operator previews one, and the names in it that others know. */
const PARTS = {
  "compat.smartsupp.js": { entry: "src/compat/smartsupp.ts", known: "smartsupp _ _smartsupp recordingDisable" },
  "preview.js": { entry: "src/preview/preview.ts", known: "draft listed language list entry cs en" },
  "banner.js": { entry: "src/banner/banner.ts", known: "answer until cs sk en de pl fr es it" },
};

const core = (name, define, who) => ({
  name: who ? name.replace(/js$/, "who.js") : name,
  define: { ...define, __WHO__: String(who) },
  entry: "src/index.ts",
  known: "",
  first: "//# allFunctionsCalledOnLoad\n",
});

const FILES = [
  ...Object.entries(CORES).flatMap(([name, define]) => [core(name, define, false), ...(define.__MASKED__ === "true" ? [] : [core(name, define, true)])]),
  ...Object.entries(PARTS).map(([name, part]) => ({ name, define: {}, ...part, first: "" })),
];

for (const { name, define, entry, known, first } of FILES) {
  const { outputFiles } = await build({
    entryPoints: [new URL(entry, import.meta.url).pathname],
    outfile: new URL(`dist/${name}`, import.meta.url).pathname,
    define,
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022"],
    charset: "utf8",
    legalComments: "none",
  });
  // Terser takes another twentieth off what esbuild leaves; names that browsers know it leaves alone by itself.
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2022,
    toplevel: true,
    compress: { passes: 4, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, keep_fargs: false },
    mangle: { properties: { reserved: [...KNOWN, ...known.split(" ")], keep_quoted: true } },
  });
  mkdirSync(new URL("dist/", import.meta.url), { recursive: true });
  // Chromium compiles a file that begins like this while it loads, off the main thread; to others it is a comment.
  writeFileSync(outputFiles[0].path, first + code);
  console.log(`recorder ${name}: ${code.length} bytes, ${brotliCompressSync(code).length} brotli`);
}
