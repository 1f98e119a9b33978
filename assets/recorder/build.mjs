// Builds the recorder without a policy, and prints its size. The server takes what a policy needs and puts the policy in:
// dist/core.js does everything; dist/core.masked.js is for policies that show nothing readable and record no forms.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const CORES = {
  "core.js": { __REDACTS__: "true", __FORMS__: "true" },
  "core.masked.js": { __REDACTS__: "false", __FORMS__: "false" },
};

for (const [name, define] of Object.entries(CORES)) {
  const outfile = new URL(`dist/${name}`, import.meta.url).pathname;
  await build({
    entryPoints: [new URL("src/index.ts", import.meta.url).pathname],
    outfile,
    define,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022"],
    charset: "utf8",
    legalComments: "none",
  });
  const core = readFileSync(outfile);
  console.log(`recorder ${name}: ${core.length} bytes, ${brotliCompressSync(core).length} brotli`);
}
