// Requests that scripts make, where the policy allows it: how they ended, how long they took, how much came. The browser's own notes
// of them are read; nothing is wrapped, so no header and no body is ever seen, and no method either.
import { base, config } from "../config";
import { guard, type Stop } from "../guard";
import { reduceUrl } from "../hide/url";
import { reread } from "../native";
import * as stream from "../stream";

const REQUESTS_MAX = 1_000;
const KINDS = ["fetch", "xmlhttprequest", "beacon"];

export function startRequest(before: () => void, told: () => void): Stop {
  if (config.network === "off" || !window.PerformanceObserver) return () => {};
  let requests = 0;
  const observer = new PerformanceObserver(guard((list) => {
    before();
    for (const entry of list.getEntries() as (PerformanceResourceTiming & { responseStatus?: number })[]) {
      const kind = KINDS.indexOf(entry.initiatorType);
      if (kind < 0 || entry.name.startsWith(base + "/i/") || reread.has(entry.name) || ++requests > REQUESTS_MAX) continue;
      const address = config.network === "redact" ? reduceUrl(entry.name, config) : "";
      stream.request(kind, address, entry.responseStatus ?? 0, entry.duration, entry.transferSize);
    }
    told();
  }));
  observer.observe({ type: "resource" });
  return () => observer.disconnect();
}
