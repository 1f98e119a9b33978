// `make bench-recorder`: recorders side by side, one workload or page a process, one after the other. Results are kept as they come;
// the same command goes on where it was stopped, `--fresh` begins anew, `--minutes N` bounds it, `--rounds N` and `--recorders a,b` do less;
// words choose tasks by name or script (`workload`, `fidelity`).
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { pages } from "./pages.mjs";
import { append, forget, results, stamp } from "./results.mjs";
import { print } from "./table.mjs";
import { workloads } from "./workloads/index.mjs";

/** A task that takes longer hangs. */
const TASK_MS_MAX = 10 * 60_000;

const words = process.argv.slice(2);
const option = (name, otherwise) => (words.includes(name) ? words.splice(words.indexOf(name), 2)[1] : otherwise);
const minutes = Number(option("--minutes", "30"));
const rounds = option("--rounds", "5");
const recorders = option("--recorders", "");
const fresh = words.includes("--fresh");
const wanted = words.filter((word) => !word.startsWith("--"));

const measured = [
  { name: "download", script: "download.mjs", words: [] },
  ...workloads.map(({ name }) => ({ name, script: "workload.mjs", words: [name, rounds, ...recorders.split(",").filter(Boolean)] })),
];
const compared = pages.map(({ name }) => ({ name, script: "fidelity.mjs", words: [name] }));

const build = stamp();
if (fresh) forget();
const done = new Set(results(build).filter((line) => line.done && line.recorders === recorders).map((line) => line.task));
const until = Date.now() + minutes * 60_000;
const chosen = ({ name, script }) => !done.has(name) && (!wanted.length || wanted.some((word) => name.includes(word) || script === `${word}.mjs`));
let left = 0;

await carryOutAll(measured.filter(chosen), 1);
// What takes no time needs no quiet: two pages at once.
await carryOutAll(compared.filter(chosen), 2);
print(results(build));
if (left) console.log(`\n${left} tasks are left: the same command goes on with them.`);

/** Carry out tasks in order, `width` at once, until the time is up. */
async function carryOutAll(tasks, width) {
  const lane = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      if (Date.now() > until) left++;
      else await carryOut(task);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Keep each line that the task's process tells; one more says that it came to its end. */
async function carryOut(task) {
  const attempt = randomUUID();
  const began = Date.now();
  const child = spawn(process.execPath, [new URL(task.script, import.meta.url).pathname, ...task.words], { stdio: ["ignore", "pipe", "inherit"] });
  const patience = setTimeout(() => child.kill(), TASK_MS_MAX);
  const ended = new Promise((resolve) => child.once("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) append({ build, task: task.name, attempt, ...JSON.parse(line) });
  const code = await ended;
  clearTimeout(patience);
  if (code === 0) append({ build, task: task.name, attempt, recorders, done: true });
  else process.exitCode = 1;
  console.error(`${task.name}: ${code === 0 ? "done" : `failed (${code})`} in ${Math.round((Date.now() - began) / 1000)} s`);
}
