// The real replay frame, driven by its port as the dashboard does it.

/** The recording's pictures and fonts, as the API gives them, ready to go into a page. */
export async function assetsOf(hushreel, recording) {
  const { items } = await hushreel.api(`/api/v1/recordings/${recording}/assets`);
  return Promise.all(items.map(async ({ hash, kind }) => {
    const answer = await fetch(`${hushreel.address}/api/v1/recordings/${recording}/assets/${hash}`, { headers: { Authorization: `Bearer ${hushreel.token}` } });
    return { hash, kind, data: Buffer.from(await answer.arrayBuffer()).toString("base64") };
  }));
}

/** Open the replay frame in `page`, a window of its own; its recorder's pictures and fonts go through the port. It has no network, unless `online`. */
async function openFrame(page, hushreel, assets, online = false) {
  await page.goto(`${hushreel.address}/`);
  await page.evaluate(async () => {
    document.body.replaceChildren();
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
    frame.src = "/replay-frame/";
    Object.assign(frame.style, { position: "fixed", inset: "0", width: "100vw", height: "100vh", border: "0" });
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    const { port1, port2 } = new MessageChannel();
    const waiting = [];
    port1.onmessage = ({ data }) => {
      for (const ask of [...waiting]) if (ask.fits(data)) {
        waiting.splice(waiting.indexOf(ask), 1);
        ask.resolve(data);
      }
    };
    window.replay = {
      send: (order) => port1.postMessage(order),
      until: (fits) => new Promise((resolve) => waiting.push({ fits, resolve })),
      document: () => frame.contentDocument.querySelector("iframe").contentDocument,
    };
    const ready = window.replay.until((report) => report.type === "ready");
    frame.contentWindow.postMessage("hushreel.port", location.origin, [port2]);
    await ready;
  });
  // From here on nothing needs the network, and nothing gets it.
  await page.context().setOffline(!online);
  await page.evaluate((dress) => {
    const bytes = (data) => Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)).buffer;
    window.replay.send({ type: "assets", assets: dress.map(({ hash, kind, data }) => ({ hash, kind, bytes: bytes(data) })) });
  }, assets);
}

/** Orders for a replay that began at `began`. */
const driver = (page, began) => ({
  /** Show the moment `time` (ms since 1970) and wait until it is painted. */
  async show(time) {
    await page.evaluate(async (at) => {
      const painted = window.replay.until((report) => report.type === "painted" && report.at === at);
      window.replay.send({ type: "seek", at });
      await painted;
    }, Math.max(0, time - began));
  },
  /** Play from the moment `time` to the end, as fast as the player goes. */
  async play(time) {
    await this.show(time);
    await page.evaluate(async () => {
      const ended = window.replay.until((report) => report.type === "ended");
      window.replay.send({ type: "speed", speed: 8 });
      window.replay.send({ type: "play" });
      await ended;
    });
  },
});

/** Open a recording's `events` in `page` (a window of its own); they go through the port, its pictures and fonts before them. */
export async function openReplay(page, hushreel, events, assets = [], { online = false } = {}) {
  await openFrame(page, hushreel, assets, online);
  await page.evaluate((all) => {
    window.replay.send({ type: "events", events: all });
    window.replay.send({ type: "complete" });
  }, events);
  return driver(page, events[0].timestamp);
}

/** The same in parts, each from one keyframe to the next; only that of the moment in sight and the next are in the frame. */
export async function openParts(page, hushreel, recording, marks, assets = []) {
  await openFrame(page, hushreel, assets);
  const starts = [0, ...marks.keyframes];
  await page.evaluate((start) => window.replay.send({ type: "begin", start }), marks.start);
  const drive = driver(page, marks.start);
  async function bring(number) {
    if (number >= starts.length) return;
    const [from, to] = [starts[number], starts[number + 1] ?? null];
    const address = `/api/v1/recordings/${recording}/events?from=${from}${to === null ? "" : `&to=${to}`}`;
    const text = JSON.stringify(await hushreel.api(address));
    await page.evaluate((part) => window.replay.send({ type: "part", ...part }), { number, from, to, text });
  }
  return {
    ...drive,
    async show(time) {
      const number = Math.max(0, starts.findLastIndex((start) => start <= time - marks.start));
      await page.evaluate((number) => window.replay.send({ type: "keep", from: number, to: number + 1 }), number);
      await bring(number);
      await drive.show(time);
      await bring(number + 1);
    },
  };
}
