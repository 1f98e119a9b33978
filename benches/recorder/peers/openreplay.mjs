// OpenReplay's tracker with its defaults. Its worker sends every half minute, and is asked to at the end of a run.
import { unpack } from "../sink.mjs";

export const openreplay = {
  name: "OpenReplay",
  package: "@openreplay/tracker",
  // The switch allows it to run on a page without TLS.
  source: `
    import Tracker from "@openreplay/tracker";
    const tracker = new Tracker({ projectKey: "bench", ingestPoint: location.origin, __DISABLE_SECURE_MODE: true });
    window.started = tracker.start();
    window.flushRecorder = async () => {
      await window.started;
      await new Promise((resolve) => setTimeout(resolve, 100));
      tracker.forceFlushBatch();
    };`,
  flush: "window.flushRecorder()",
  answer(path) {
    if (path !== "/v1/web/start") return /^\/v1\/web\//.test(path) ? {} : undefined;
    const now = Date.now();
    return { token: "bench", userUUID: "bench", projectID: "1", sessionID: String(now), startTimestamp: now, delay: 0, beaconSizeLimit: 1_000_000, compressionThreshold: 24_000 };
  },
  decode: (body) => unpack(body).toString("latin1"),
};
