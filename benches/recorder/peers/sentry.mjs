// Sentry's replay integration with its defaults, which mask text and leave media out. It sends every five seconds: asked at the end
// of a run instead, and of a short visit too, since it keeps nothing of visits under five seconds otherwise.
import { inflateSync } from "node:zlib";

export const sentry = {
  name: "Sentry",
  package: "@sentry/browser",
  source: `
    import * as Sentry from "@sentry/browser";
    Sentry.init({
      dsn: location.origin.replace("//", "//public@") + "/1",
      replaysSessionSampleRate: 1,
      integrations: [Sentry.replayIntegration({ minReplayDuration: 0 })],
    });
    window.flushRecorder = () => Sentry.getReplay().flush();`,
  flush: "window.flushRecorder()",
  answer: (path) => (path.startsWith("/api/") ? {} : undefined),
  /** An envelope: lines of JSON, and the deflated recording after the last. */
  decode(body) {
    const at = body.indexOf(Buffer.from([0x78, 0x9c]));
    const from = at < 0 ? body.indexOf(Buffer.from([0x78, 0x5e])) : at;
    if (from < 0) return body.toString("latin1");
    return inflateSync(body.subarray(from), { finishFlush: 2 }).toString("latin1");
  },
};
