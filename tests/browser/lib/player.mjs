// The real replay frame, driven by its port as the dashboard does it.

/** The recording's pictures and fonts, as the API gives them, ready to go into a page. */
export async function assetsOf(hushreel, recording) {
  const { items } = await hushreel.api(`/api/v1/recordings/${recording}/assets`);
  return Promise.all(items.map(async ({ hash, kind }) => {
    const answer = await fetch(`${hushreel.address}/api/v1/recordings/${recording}/assets/${hash}`, { headers: { Authorization: `Bearer ${hushreel.token}` } });
    return { hash, kind, data: Buffer.from(await answer.arrayBuffer()).toString("base64") };
  }));
}

/** Open a recording's `events` in `page` (a window of its own); they go through the port, its pictures and fonts before them. */
export async function openReplay(page, hushreel, events, assets = []) {
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
  await page.context().setOffline(true);
  await page.evaluate(({ all, dress }) => {
    const bytes = (data) => Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)).buffer;
    window.replay.send({ type: "assets", assets: dress.map(({ hash, kind, data }) => ({ hash, kind, bytes: bytes(data) })) });
    window.replay.send({ type: "events", events: all });
    window.replay.send({ type: "complete" });
  }, { all: events, dress: assets });
  const began = events[0].timestamp;
  return {
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
  };
}
