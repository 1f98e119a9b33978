// The demo as a newcomer starts it: a shop and a dashboard, on any free ports.
import { spawn } from "node:child_process";

const BINARY = process.env.HUSHREEL_BIN ?? "target/debug/hushreel";

/** Start the demo; resolves with the two links that it prints. */
export async function startDemo() {
  const child = spawn(BINARY, ["demo", "--listen", "127.0.0.1:0", "--shop", "127.0.0.1:0", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const links = await new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
      try {
        resolve(JSON.parse(said));
      } catch {
        // The rest of it is still to come.
      }
    });
    child.once("exit", (code) => reject(new Error(`the demo ended with ${code} before it said where it is`)));
  });
  return {
    ...links,
    stop() {
      if (child.exitCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      });
    },
  };
}
