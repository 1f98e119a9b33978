// PostHog with its defaults, its recorder loaded as its own service would have it loaded: by remote configuration, from beside it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { unpack } from "../sink.mjs";

const dist = createRequire(import.meta.url).resolve("posthog-js/package.json").replace("package.json", "dist/");
const TOKEN = "phc_bench";
const CONFIG = { supportedCompression: ["gzip", "gzip-js"], hasFeatureFlags: false, surveys: false, sessionRecording: { endpoint: "/s/", scriptConfig: { script: "posthog-recorder" } } };

export const posthog = {
  name: "PostHog",
  package: "posthog-js",
  // It leaves browsers alone that are driven by a script, as this one is; and lets requests wait for three seconds more.
  source: `
    import posthog from "posthog-js";
    window.posthog = posthog;
    posthog.init("${TOKEN}", { api_host: location.origin, opt_out_useragent_filter: true, request_queue_config: { flush_interval_ms: 250 } });`,
  started: "!!window.posthog?.sessionRecording?.started",
  /** What a visitor downloads beside the bundle. */
  more: [`${dist}posthog-recorder.js`],
  answer(path) {
    const file = /^\/static\/(?:[\d.]+\/)?([\w-]+)\.js$/.exec(path);
    if (file) return readFileSync(`${dist}${file[1]}.js`, "utf8");
    if (path === `/array/${TOKEN}/config.js`) return `window._POSTHOG_REMOTE_CONFIG={${TOKEN}:{config:${JSON.stringify(CONFIG)},siteApps:[]}}`;
    if (path === `/array/${TOKEN}/config`) return CONFIG;
    return /^\/(flags|s|e|i)\b/.test(path) ? { status: 1, flags: {}, featureFlags: {}, ...CONFIG } : undefined;
  },
  /** A packed list of events, snapshots in which are packed once more. */
  decode(body) {
    const text = unpack(body).toString("utf8");
    if (!text.includes("$snapshot")) return "";
    const told = [];
    JSON.stringify(JSON.parse(text), (_, value) => {
      if (typeof value === "string" && value.startsWith("\x1f\x8b")) told.push(unpack(Buffer.from(value, "latin1")).toString("latin1"));
      return value;
    });
    return text + told.join();
  },
};
