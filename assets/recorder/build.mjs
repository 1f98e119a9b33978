// Builds the recorder without a policy, and prints its size. The server takes what a policy needs and puts the policy in:
// dist/core.js does everything; dist/core.block.js is for policies that show no media, dist/core.masked.js for those that show nothing
// readable either and record no forms.
import { build } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { minify } from "terser";

const CORES = {
  "core.js": { __REDACTS__: "true", __FORMS__: "true", __MEDIA__: "true" },
  "core.block.js": { __REDACTS__: "true", __FORMS__: "true", __MEDIA__: "false" },
  "core.masked.js": { __REDACTS__: "false", __FORMS__: "false", __MEDIA__: "false" },
};

for (const [name, define] of Object.entries(CORES)) {
  const { outputFiles } = await build({
    entryPoints: [new URL("src/index.ts", import.meta.url).pathname],
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
  // Terser takes another twentieth off what esbuild leaves.
  const { code: core } = await minify(outputFiles[0].text, { ecma: 2022, toplevel: true, compress: { passes: 3 } });
  mkdirSync(new URL("dist/", import.meta.url), { recursive: true });
  writeFileSync(outputFiles[0].path, core);
  console.log(`recorder ${name}: ${core.length} bytes, ${brotliCompressSync(core).length} brotli`);
}
