// What a visitor downloads of each recorder, in brotli at its best: ours as the server serves it, others bundled and minified, with
// what they load afterwards. A line of JSON each.
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { startHushreel } from "../../tests/browser/lib/hushreel.mjs";
import { download } from "../download.mjs";
import { bundle, peers } from "./peers/index.mjs";

const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const hushreel = await startHushreel();
try {
  for (const preset of ["strict", "full"]) {
    const { key } = await hushreel.addSite("https://shop.example.com", { preset });
    tell({ download: `hushreel, ${preset}`, bytes: (await download(`${hushreel.address}/r/${key}.js`, "br")).length });
  }
} finally {
  await hushreel.stop();
}
const record = { name: "@rrweb/record", package: "@rrweb/record", source: `import { record } from "@rrweb/record"; record({ emit: window.emit });` };
for (const peer of [record, ...peers].filter((one) => one.package)) {
  const parts = [await bundle(peer), ...(peer.more ?? []).map((file) => readFileSync(file))];
  const { version } = JSON.parse(readFileSync(new URL(`node_modules/${peer.package}/package.json`, import.meta.url)));
  tell({ download: `${peer.package} ${version}`, bytes: parts.reduce((sum, part) => sum + brotliCompressSync(part).length, 0) });
}
