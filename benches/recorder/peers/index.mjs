// Who is measured, in the order of the table.
import { build } from "esbuild";
import { clarity } from "./clarity.mjs";
import { hushreel } from "./hushreel.mjs";
import { none } from "./none.mjs";
import { openreplay } from "./openreplay.mjs";
import { posthog } from "./posthog.mjs";
import { rrweb } from "./rrweb.mjs";
import { sentry } from "./sentry.mjs";

export const peers = [none, hushreel, rrweb, openreplay, clarity, sentry, posthog];

/** A peer's own code as its maker's customers would bundle it; for ours, what the server serves. */
export async function bundle(peer) {
  if (peer.source === undefined) return null;
  const { outputFiles } = await build({
    stdin: { contents: peer.source, resolveDir: new URL(".", import.meta.url).pathname },
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022"],
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0].text;
}
