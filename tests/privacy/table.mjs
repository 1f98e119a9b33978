// Prints the results of the last whole run of the leak suite; `--readme` writes them into the repository's README.
import { readFileSync, writeFileSync } from "node:fs";

const results = JSON.parse(readFileSync(new URL("../../target/privacy/results.json", import.meta.url)));
const ids = Object.keys(results).sort((one, other) => one.slice(1) - other.slice(1));
const sum = (of) => ids.reduce((total, id) => total + of(results[id]), 0);
const COLUMNS = [({ variants }) => variants, ...["strict", "balanced", "full"].map((preset) => (result) => result[preset]), ...["strict", "balanced", "full"].map((preset) => (result) => result.door[preset]), ...["balanced", "full"].map((preset) => (result) => result.auditor[preset])];
const row = (cells) => `| ${cells.join(" | ")} |`;
const lines = [
  row(["vector", "variants", "leaks under `strict`", "`balanced`", "`full`", "past the door alone: `strict`", "`balanced`", "`full`", "left by the auditor: `balanced`", "`full`"]),
  row(Array(10).fill("---")),
  ...ids.map((id) => row([`${id} ${results[id].what}`, ...COLUMNS.map((of) => of(results[id]))])),
  row(["**all**", ...COLUMNS.map(sum)]),
];
console.log(lines.join("\n"));
if (process.argv.includes("--readme")) {
  const path = new URL("../../README.md", import.meta.url);
  const readme = readFileSync(path, "utf8");
  writeFileSync(path, readme.replace(/(<!-- leaks -->\n)[^]*?(<!-- \/leaks -->)/, (_, begin, end) => `${begin}${lines.join("\n")}\n${end}`));
}
