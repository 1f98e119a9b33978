// Results as tables of Markdown; `--readme` puts them into the repository's README, between two marks. A figure is the median of a recorder's runs less the median of the runs without any.
import { readFileSync, writeFileSync } from "node:fs";
import { results, stamp } from "./results.mjs";

const median = (values) => {
  const sorted = values.filter((value) => value !== undefined && value !== null).sort((one, other) => one - other);
  if (!sorted.length) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
/** Pictures that differ in less than this share of their pixels are the same to a watcher. */
const ALIKE_MIN = 0.99;
const README = new URL("../../README.md", import.meta.url);
const MARKS = /(<!-- recorders -->\n)[^]*(<!-- \/recorders -->)/;

const unique = (values) => [...new Set(values)];
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const milliseconds = (ms) => `${ms.toFixed(0)} ms`;

/** Everything that one recorder was seen to cost on one workload; null where a replay of its runs was not the page. */
function figures(lines, recorder) {
  const of = (name) => lines.filter((line) => line.recorder === name);
  const [runs, bare] = [of(recorder), of("none")];
  if (!runs.length) return null;
  const differing = runs.find(({ replay }) => replay && replay !== "equal");
  if (differing) return { differs: differing.replay };
  const timed = (all, clock) => median(all.filter(({ round }) => round > 0).map((run) => run[clock]));
  const added = (clock) => (timed(runs, clock) === null ? null : timed(runs, clock) - timed(bare, clock));
  const over = (part) => median(runs.map(part)) - median(bare.map(part));
  return {
    cpu_ms: added("cpu_ms"),
    script_ms: added("script_ms"),
    longest_ms: median(runs.map(({ longest_ms }) => longest_ms)),
    heap: runs[0].heap_bytes ? over(({ heap_bytes }) => heap_bytes) : null,
    nodes: runs[0].nodes,
    gzip: median(runs.map(({ sent }) => sent.gzip)),
    raw: median(runs.map(({ sent }) => sent.raw)),
    cost: runs.map(({ cost }) => cost).filter(Boolean),
  };
}

/** One measure of all workloads, a column a recorder. */
function matrix(lines, title, cell) {
  const workloads = unique(lines.map(({ workload }) => workload).filter(Boolean));
  const recorders = unique(lines.map(({ recorder }) => recorder)).filter((name) => name && name !== "none" && name !== "hushreel, masked");
  return [
    `| ${title} | ${recorders.join(" | ")} |`,
    `|---|${recorders.map(() => "---|").join("")}`,
    ...workloads.map((workload) => {
      const mine = lines.filter((line) => line.workload === workload);
      const beside = figures(mine, "rrweb");
      return `| ${workload} | ${recorders.map((name) => {
        const found = figures(mine, name);
        return found?.differs ? "replay differs" : found ? cell(found, beside, mine, name) : "–";
      }).join(" | ")} |`;
    }),
  ].join("\n");
}

const ratio = (value, beside) => (beside > 0 ? ` (${(value / beside).toFixed(2)})` : "");

/** Downloads, smallest first. */
function downloads(lines) {
  const found = lines.filter(({ download }) => download).sort((one, other) => one.bytes - other.bytes);
  return ["| download, brotli | |", "|---|---|", ...found.map(({ download, bytes }) => `| ${download} | ${kilobytes(bytes)} |`)].join("\n");
}

/** Of all moments of all pages of a kind: those whose DOM is equal, and those of them that are so only but for what is hidden; how alike the pixels are, and those almost all of whose pixels are. */
function fidelity(lines) {
  const visits = lines.filter(({ page }) => page);
  const recorders = unique(visits.map(({ recorder }) => recorder));
  const told = (chosen) => {
    const moments = chosen.flatMap(({ moments }) => moments);
    if (!moments.length) return "– | – | – | –";
    const share = (fits) => `${((100 * moments.filter(fits).length) / moments.length).toFixed(1)} %`;
    const alike = (100 * moments.reduce((sum, { pixels }) => sum + pixels, 0)) / moments.length;
    return `${share(({ difference }) => !difference)} | ${share(({ difference, hidden }) => !difference && hidden)} | ${alike.toFixed(1)} % | ${share(({ pixels }) => pixels >= ALIKE_MIN)}`;
  };
  const row = (name, chosen) => `| ${name} | ${unique(chosen.map(({ page }) => page)).length} | ${recorders.map((one) => told(chosen.filter(({ recorder }) => recorder === one))).join(" | ")} |`;
  const others = visits.filter(({ kind }) => kind !== "own");
  return [
    `| pages | | ${recorders.map((name) => `${name}: DOM equal | of it, but for what is hidden | pixels alike | moments over 99 % alike`).join(" | ")} |`,
    `|---|---|${recorders.map(() => "---|---|---|---|").join("")}`,
    ...unique(visits.map(({ kind }) => kind)).map((kind) => row(kind, visits.filter((visit) => visit.kind === kind))),
    row("all but our own", others),
  ].join("\n");
}

export function tables(lines) {
  const masked = (mine) => {
    const found = figures(mine, "hushreel, masked");
    return found ? ` · ${kilobytes(found.gzip)}` : "";
  };
  const all = [
    lines.some(({ download }) => download) && downloads(lines),
    lines.some(({ workload }) => workload) && [
    matrix(lines, "added main-thread CPU (× rrweb)", ({ cpu_ms }, beside) => (cpu_ms === null ? "–" : milliseconds(cpu_ms) + ratio(cpu_ms, beside?.cpu_ms))),
    // Steadier than all CPU where the page itself paints much; collections of garbage and gzip are not in it.
    matrix(lines, "of it, script (× rrweb)", ({ script_ms }, beside) => (script_ms === null ? "–" : milliseconds(script_ms) + ratio(script_ms, beside?.script_ms))),
    matrix(lines, "longest task, page's own included", ({ longest_ms }) => (longest_ms === null ? "–" : milliseconds(longest_ms))),
    matrix(lines, "sent, gzip (ours: shown · masked)", ({ gzip }, _, mine, name) => kilobytes(gzip) + (name === "hushreel" ? masked(mine) : "")),
    matrix(lines, "heap after collection, over the page's own", ({ heap, nodes }) => (heap === null ? "–" : `${(heap / 1e6).toFixed(2)} MB (${Math.round(heap / nodes)} B a node)`)),
    matrix(lines, "own clock: longest task · shed level", ({ cost }, _, __, name) => (name !== "hushreel" ? "" : cost.length ? `${Math.max(...cost.map((one) => one.longest_ms))} ms · ${Math.max(...cost.map((one) => one.level))}` : "not told")),
    ].join("\n\n"),
    lines.some(({ page }) => page) && fidelity(lines),
  ];
  return all.filter(Boolean);
}

/** Pages of which ours differs, with what tells why. */
export function differing(lines) {
  return lines
    .filter(({ page, recorder }) => page && recorder === "hushreel")
    .map(({ page, moments, unreadable }) => ({ page, unreadable, moments: moments.filter(({ pixels, difference }) => difference || pixels < ALIKE_MIN) }))
    .filter(({ moments }) => moments.length)
    .map(({ page, moments, unreadable }) => {
      const { label, difference } = moments.find(({ difference }) => difference) ?? moments[0];
      const dom = difference ? `; DOM at "${label}", line ${difference.line}: live \`${difference.live.trim().slice(0, 90)}\`, replayed \`${difference.replayed.trim().slice(0, 90)}\`` : "";
      const lacks = unique(moments.flatMap(({ lacks }) => lacks)).join(", ");
      return `- ${page}: pixels ${(100 * Math.min(...moments.map(({ pixels }) => pixels))).toFixed(1)} % at worst${lacks ? `; lacks ${lacks}` : ""}${dom}${unreadable.length ? `; ${unreadable.length} assets cannot be read` : ""}`;
    });
}

export function print(lines) {
  console.log(tables(lines).join("\n\n"));
  const pages = differing(lines);
  if (pages.length) console.log(`\nReplays of ours that differ:\n${pages.join("\n")}`);
  for (const { workload, round, replay } of lines.filter(({ replay }) => replay && replay !== "equal")) {
    console.log(`\n${workload}, round ${round}: the replay differs in line ${replay.line}\n  live     ${replay.live}\n  replayed ${replay.replayed}`);
  }
}

/** One table of what the README quotes, a row a recorder. */
function summary(lines) {
  const of = (workload, recorder) => figures(lines.filter((line) => line.workload === workload), recorder);
  const cell = (found, show) => (!found ? "–" : found.differs ? "replay differs" : show(found));
  const added = (workload) => [`${workload}, added ms`, (name) => cell(of(workload, name), ({ cpu_ms }) => (cpu_ms === null ? "–" : cpu_ms.toFixed(0)))];
  const sent = (workload) => [`${workload}, sent kB`, (name) => cell(of(workload, name), ({ gzip }) => (gzip / 1000).toFixed(1) + maskedBeside(of(workload, `${name}, masked`)))];
  const maskedBeside = (found) => (found ? ` · ${(found.gzip / 1000).toFixed(1)}` : "");
  const heap = (workload) => [`${workload}, heap MB`, (name) => cell(of(workload, name), ({ heap }) => (heap / 1e6).toFixed(2))];
  const columns = [
    ...["boot", "snapshot 10k", "storm 20k", "table", "todomvc", "interact"].map(added),
    ...["snapshot 10k", "table"].map(sent),
    ...["snapshot 10k", "snapshot 50k"].map(heap),
  ];
  const names = unique(lines.map(({ recorder, workload }) => workload && recorder)).filter((name) => name && name !== "none" && name !== "hushreel, masked");
  return [
    `| recorder | ${columns.map(([title]) => title).join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...names.map((name) => `| ${name} | ${columns.map(([, show]) => show(name)).join(" | ")} |`),
  ].join("\n");
}

/** Small enough to be read: the summary, downloads, fidelity. The command itself prints all. */
function writeReadme(lines) {
  const parts = [summary(lines), downloads(lines), fidelity(lines)];
  const text = readFileSync(README, "utf8");
  if (!MARKS.test(text)) throw new Error("the README has no place for the tables");
  writeFileSync(README, text.replace(MARKS, (_, opening, closing) => `${opening}${parts.join("\n\n")}\n${closing}`));
}

if (process.argv[1] === new URL(import.meta.url).pathname) (process.argv.includes("--readme") ? writeReadme : print)(results(stamp()));
