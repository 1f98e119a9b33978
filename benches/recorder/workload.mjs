// All runs of one workload, in a process of its own: every recorder in turn, round after round, so that whatever else the machine
// does meets all alike. Each run is a line of JSON on standard output.
import { launchBrowser } from "../../tests/browser/lib/chromium.mjs";
import { startHushreel } from "../../tests/browser/lib/hushreel.mjs";
import { ALONE } from "./alone.mjs";
import { measure } from "./measure.mjs";
import { bundle, peers } from "./peers/index.mjs";
import { keep, prove } from "./replay.mjs";
import { startSink } from "./sink.mjs";
import { workloads } from "./workloads/index.mjs";

const [name, rounds = "5", ...only] = process.argv.slice(2);
const workload = workloads.find((one) => one.name === name);
if (!workload) throw new Error(`no workload is called ${name}: ${workloads.map((one) => one.name).join(", ")}`);

const hushreel = await startHushreel();
const browser = await launchBrowser([ALONE]);
const sink = await startSink(hushreel.address);
const tell = (line) => process.stdout.write(JSON.stringify({ workload: name, ...line }) + "\n");

/** One run of a recorder; ours has a site of its own each time. What it sends in the traced run is stored, and its replay is proved. */
async function run(peer, options) {
  if (peer.name !== "hushreel") return measure({ browser, sink, peer, workload, script: "/recorder.js", files: { "/recorder.js": peer.code }, ...options });
  const { preset = "full", ...others } = options;
  const { key } = await hushreel.addSite(sink.origin, { preset });
  const proved = options.traced && { keeps: true, look: keep };
  const { live, ...figures } = await measure({ browser, sink, peer, workload, script: `/r/${key}.js`, ...others, ...proved });
  return { ...figures, ...(proved ? await prove({ browser, hushreel, site: key, live }) : {}) };
}

try {
  const chosen = peers.filter((peer) => !only.length || only.includes(peer.name));
  for (const peer of chosen) peer.code = await bundle(peer);
  for (let round = 0; round <= Number(rounds); round++) {
    // Round 0 warms up, and is traced instead of timed.
    for (const peer of chosen) tell({ recorder: peer.name, round, ...(await run(peer, { traced: round === 0 })) });
  }
  if (chosen.some((peer) => peer.name === "hushreel")) {
    const masked = await run(chosen.find((peer) => peer.name === "hushreel"), { preset: "strict" });
    tell({ recorder: "hushreel, masked", round: 0, nodes: masked.nodes, sent: masked.sent });
  }
} finally {
  await browser.close();
  sink.stop();
  await hushreel.stop();
}
