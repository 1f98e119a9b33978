// The window's size, what part of the page a visitor has in sight who zoomed it, and whether anybody sees it.
import { later, listen, type Stop } from "../guard";
import * as stream from "../stream";

const RESIZE_EVERY_MS = 200;
const ZOOM_EVERY_MS = 100;

export function startViewport(before: () => void): Stop {
  const call = later(() => {
    before();
    stream.viewport(innerWidth, innerHeight);
  }, RESIZE_EVERY_MS);
  const seen = window.visualViewport;
  let zoomed = false;
  const look = later(() => {
    const { scale, offsetLeft, offsetTop, width, height } = seen!;
    const zooms = scale !== 1 || offsetLeft > 0 || offsetTop > 0;
    if (!zooms && !zoomed) return;
    zoomed = zooms;
    before();
    stream.zoom(scale, offsetLeft, offsetTop, width, height);
  }, ZOOM_EVERY_MS);
  if (seen) look.ask();
  const stops = [
    listen(window, "resize", call.ask),
    ...(seen ? [listen(seen, "resize scroll", look.ask), look.cancel] : []),
    listen(document, "visibilitychange", () => {
      before();
      stream.visibility(document.hidden);
    }),
    call.cancel,
  ];
  return () => stops.forEach((stop) => stop());
}
