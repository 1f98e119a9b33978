// Prints the results of the last whole run of the leak suite; `--readme` writes them into the repository's README.
import { readFileSync, writeFileSync } from "node:fs";

const results = JSON.parse(readFileSync(new URL("../../target/privacy/results.json", import.meta.url)));
const ids = Object.keys(results).sort((one, other) => one.slice(1) - other.slice(1));
const sum = (key) => ids.reduce((total, id) => total + results[id][key], 0);
const row = (cells) => `| ${cells.join(" | ")} |`;
const lines = [
  row(["vector", "variants", "leaks under `strict`", "`balanced`", "`full`"]),
  row(["---", "---", "---", "---", "---"]),
  ...ids.map((id) => row([`${id} ${results[id].what}`, results[id].variants, results[id].strict, results[id].balanced, results[id].full])),
  row(["**all**", sum("variants"), sum("strict"), sum("balanced"), sum("full")]),
];
console.log(lines.join("\n"));
if (process.argv.includes("--readme")) {
  const path = new URL("../../README.md", import.meta.url);
  const readme = readFileSync(path, "utf8");
  writeFileSync(path, readme.replace(/(<!-- leaks -->\n)[^]*?(<!-- \/leaks -->)/, (_, begin, end) => `${begin}${lines.join("\n")}\n${end}`));
}
