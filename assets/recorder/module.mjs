// Makes the ES module out of the built core: module/dist/module.js, with its types beside it. Run after build.mjs.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { transform } from "esbuild";

const folder = new URL(".", import.meta.url);
const read = (path) => readFileSync(new URL(path, folder), "utf8");

const { code } = await transform(read("src/module.ts"), { loader: "ts", format: "esm", target: "es2022" });
mkdirSync(new URL("module/dist/", folder), { recursive: true });
// A function around the core gives it what the server would have put in.
writeFileSync(new URL("module/dist/module.js", folder), `${code}\nfunction core(__HUSHREEL__, __BASE__) {\n${read("dist/core.who.js")}\n}\n`);
execFileSync("npx", ["tsc", "-p", "tsconfig.module.json"], { cwd: folder, stdio: "inherit" });
