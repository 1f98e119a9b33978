// What was measured, a line of JSON each, under `target/`: a run that was stopped goes on where it was. Lines of another build of
// the server, and so of the recorder, do not count.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";

const ROOT = new URL("../../", import.meta.url).pathname;
const FILE = `${ROOT}target/bench-recorder/results.jsonl`;

/** The build that is measured. */
export function stamp() {
  const binary = process.env.HUSHREEL_BIN ?? `${ROOT}target/release/hushreel`;
  return createHash("sha256").update(readFileSync(binary)).digest("hex").slice(0, 12);
}

export function forget() {
  rmSync(FILE, { force: true });
}

export function append(line) {
  mkdirSync(dirname(FILE), { recursive: true });
  appendFileSync(FILE, JSON.stringify(line) + "\n");
}

/** All lines that count: of each task the latest attempt that came to its end. */
export function results(build) {
  if (!existsSync(FILE)) return [];
  const lines = readFileSync(FILE, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)).filter((line) => line.build === build);
  const latest = new Map(lines.filter((line) => line.done).map((line) => [line.task, line.attempt]));
  return lines.filter((line) => latest.get(line.task) === line.attempt);
}
