// How often the patterns take something harmless for personal: every text of real pages that nobody here wrote, documentation that holds
// hardly anything personal, so that nearly each hit is a false alarm. `--show` prints them, `--readme` writes the table into README.md.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadHiding } from "../browser/lib/door.mjs";
import { pythonDocumentation, rustDocumentation } from "../browser/lib/sites.mjs";

const { redact } = await loadHiding();
/** Pages of one source; more say nothing new. */
const PAGES_MAX = 400;
const SOURCES = {
  "Python documentation": pythonDocumentation(),
  "Rust: the book": join(await rustDocumentation(), "book"),
  "Rust: std": join(await rustDocumentation(), "std"),
  "Rust: by example": join(await rustDocumentation(), "rust-by-example"),
};
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\xa0" };

/** The texts of a page, as its text nodes hold them. */
const textsOf = (html) =>
  html
    .replace(/<!--[^]*?-->|<(script|style|svg)\b[^]*?<\/\1>/gi, "")
    .split(/<[^>]*>/)
    .map((text) => text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (all, decimal, hex, name) => (name ? (NAMED[name] ?? all) : String.fromCodePoint(parseInt(decimal ?? hex, decimal ? 10 : 16)))))
    .filter((text) => /\S/.test(text));

const rows = [];
const show = process.argv.includes("--show");
for (const [name, folder] of Object.entries(SOURCES)) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".html")).sort();
  const step = Math.max(1, Math.ceil(files.length / PAGES_MAX));
  const pages = files.filter((_, place) => place % step === 0);
  let texts = 0;
  let signs = 0;
  let hits = 0;
  for (const file of pages) {
    for (const text of textsOf(await readFile(join(folder, file), "utf8"))) {
      texts++;
      signs += text.length;
      if (redact(text) === text) continue;
      hits++;
      if (show) console.log(`${name}: ${text.trim().slice(0, 120)}`);
    }
  }
  rows.push([name, pages.length, texts, (signs / 1e6).toFixed(1), hits, ((hits / texts) * 1e4).toFixed(2)]);
}
const all = rows.reduce((sum, row) => row.map((cell, at) => (at ? +cell + sum[at] : "")), Array(6).fill(0));
rows.push(["**all**", all[1], all[2], all[3].toFixed(1), all[4], ((all[4] / all[2]) * 1e4).toFixed(2)]);
const lines = [["pages of", "pages", "texts", "million characters", "texts with a hit", "per 10,000 texts"], Array(6).fill("---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
console.log(lines.join("\n"));
if (process.argv.includes("--readme")) {
  const path = new URL("../../README.md", import.meta.url);
  const readme = await readFile(path, "utf8");
  await writeFile(path, readme.replace(/(<!-- alarms -->\n)[^]*?(<!-- \/alarms -->)/, (_, begin, end) => `${begin}${lines.join("\n")}\n${end}`));
}
