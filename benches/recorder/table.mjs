// Results as tables of Markdown. A figure is the median of a recorder's runs less the median of the runs without any.
import { results, stamp } from "./results.mjs";

const median = (values) => {
  const sorted = values.filter((value) => value !== undefined && value !== null).sort((one, other) => one - other);
  if (!sorted.length) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
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
  const timed = (all) => median(all.filter(({ round }) => round > 0).map(({ cpu_ms }) => cpu_ms));
  const over = (part) => median(runs.map(part)) - median(bare.map(part));
  return {
    cpu_ms: timed(runs) === null ? null : timed(runs) - timed(bare),
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

export function tables(lines) {
  const masked = (mine) => {
    const found = figures(mine, "hushreel, masked");
    return found ? ` · ${kilobytes(found.gzip)}` : "";
  };
  return [
    matrix(lines, "added main-thread CPU (× rrweb)", ({ cpu_ms }, beside) => (cpu_ms === null ? "–" : milliseconds(cpu_ms) + ratio(cpu_ms, beside?.cpu_ms))),
    matrix(lines, "longest task, page's own included", ({ longest_ms }) => (longest_ms === null ? "–" : milliseconds(longest_ms))),
    matrix(lines, "sent, gzip (ours: shown · masked)", ({ gzip }, _, mine, name) => kilobytes(gzip) + (name === "hushreel" ? masked(mine) : "")),
    matrix(lines, "heap after collection, over the page's own", ({ heap, nodes }) => (heap === null ? "–" : `${(heap / 1e6).toFixed(2)} MB (${Math.round(heap / nodes)} B a node)`)),
    matrix(lines, "own clock: longest task · shed level", ({ cost }, _, __, name) => (name !== "hushreel" ? "" : cost.length ? `${Math.max(...cost.map((one) => one.longest_ms))} ms · ${Math.max(...cost.map((one) => one.level))}` : "not told")),
  ];
}

export function print(lines) {
  console.log(tables(lines).join("\n\n"));
  for (const { workload, round, replay } of lines.filter(({ replay }) => replay && replay !== "equal")) {
    console.log(`\n${workload}, round ${round}: the replay differs in line ${replay.line}\n  live     ${replay.live}\n  replayed ${replay.replayed}`);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) print(results(stamp()));
