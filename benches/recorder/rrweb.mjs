// rrweb's recorder and Replayer, both with their defaults, as they stand beside ours where replays are compared.
import { build } from "esbuild";
import { createServer } from "node:http";

const bundled = async (contents) => {
  const options = { bundle: true, minify: true, write: false, format: "iife", legalComments: "none", loader: { ".css": "text" } };
  const { outputFiles } = await build({ stdin: { contents, resolveDir: new URL(".", import.meta.url).pathname }, ...options });
  return outputFiles[0].text;
};

const RECORDER = `import { record } from "rrweb"; window.rrwebEvents = []; record({ emit: (event) => window.rrwebEvents.push(event) });`;
const PLAYER = `import { Replayer } from "rrweb"; import style from "rrweb/dist/style.css";
  const rules = document.createElement("style");
  rules.textContent = style + "body{margin:0;overflow:hidden}.replayer-wrapper iframe{border:0}.replayer-mouse,.replayer-mouse-tail{display:none}";
  document.head.append(rules);
  window.replay = (events) => { window.replayer = new Replayer(events, { mouseTail: false, showWarning: false }); };`;

/** Put rrweb's recorder into a site's pages. */
export async function recordRrweb(site) {
  site.snippet = `<script>${(await bundled(RECORDER)).replaceAll("</script", "<\\/script")}</script>`;
  return {
    started: (page) => page.waitForFunction(() => window.rrwebEvents?.some(({ type }) => type === 2)),
    events: (page) => page.evaluate(() => window.rrwebEvents),
    open: openRrweb,
  };
}

/** Open rrweb's Replayer in `page`, and take the network away from it. */
export async function openRrweb(page, events) {
  const player = await bundled(PLAYER);
  const server = createServer((_, answer) => answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end("<!doctype html><title>Replay</title>"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  server.closeAllConnections();
  server.close();
  await page.context().setOffline(true);
  await page.addScriptTag({ content: player });
  await page.evaluate((all) => window.replay(all), events);
  return {
    document: "document.querySelector('.replayer-wrapper iframe').contentDocument",
    /** Show the moment `time` (ms since 1970), and wait until it is painted and fonts have had their chance. */
    show: (time) =>
      page.evaluate(async (at) => {
        window.replayer.pause(at);
        const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100)));
        await frame();
        await frame();
      }, Math.max(1, time - events[0].timestamp)),
  };
}
