// Prints the results of the last whole run of the leak suite, and of the vectors that are no leak of a page's; `--readme` writes them into
// the repository's README. Either table is left as it is where its tests have not been run.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../../target/privacy/", import.meta.url);
const written = readdirSync(folder);
const read = (name) => (written.includes(name) ? JSON.parse(readFileSync(new URL(name, folder))) : {});
const sorted = (results) => Object.keys(results).sort((one, other) => one.slice(1) - other.slice(1));
const results = read("results.json");
const ids = sorted(results);
const sum = (of) => ids.reduce((total, id) => total + of(results[id]), 0);
const COLUMNS = [({ variants }) => variants, ...["strict", "balanced", "full"].map((preset) => (result) => result[preset]), ...["strict", "balanced", "full"].map((preset) => (result) => result.door[preset]), ...["balanced", "full"].map((preset) => (result) => result.auditor[preset])];
const row = (cells) => `| ${cells.join(" | ")} |`;
const lines = [
  row(["vector", "variants", "leaks under `strict`", "`balanced`", "`full`", "past the door alone: `strict`", "`balanced`", "`full`", "left by the auditor: `balanced`", "`full`"]),
  row(Array(10).fill("---")),
  ...ids.map((id) => row([`${id} ${results[id].what}`, ...COLUMNS.map((of) => of(results[id]))])),
  row(["**all**", ...COLUMNS.map(sum)]),
];
const held = Object.assign({}, ...written.filter((name) => name.startsWith("held.")).map(read));
const walls = sorted(held);
const total = (of) => walls.reduce((sum, id) => sum + held[id][of], 0);
const heldLines = [
  row(["vector", "variants", "held"]),
  row(Array(3).fill("---")),
  ...walls.map((id) => row([`${id} ${held[id].what}`, held[id].variants, held[id].held])),
  row(["**all**", total("variants"), total("held")]),
];
const tables = { leaks: ids.length ? lines : null, walls: walls.length ? heldLines : null };
for (const table of Object.values(tables)) if (table) console.log(`${table.join("\n")}\n`);
if (process.argv.includes("--readme")) {
  const path = new URL("../../README.md", import.meta.url);
  let readme = readFileSync(path, "utf8");
  for (const [name, table] of Object.entries(tables)) {
    if (table) readme = readme.replace(new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`), (_, begin, end) => `${begin}${table.join("\n")}\n${end}`);
  }
  writeFileSync(path, readme);
}
