// Builds dist/core.js, the recorder without a policy, and prints its size. The server puts the policy in.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

await build({
  entryPoints: [new URL("src/index.ts", import.meta.url).pathname],
  outfile: new URL("dist/core.js", import.meta.url).pathname,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
});

const core = readFileSync(new URL("dist/core.js", import.meta.url));
console.log(`recorder core: ${core.length} bytes, ${brotliCompressSync(core).length} brotli`);
