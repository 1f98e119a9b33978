// The window's size, and whether anybody sees it.
import { later, listen, type Stop } from "../guard";
import * as stream from "../stream";

const RESIZE_EVERY_MS = 200;

export function startViewport(before: () => void): Stop {
  const call = later(() => {
    before();
    stream.viewport(innerWidth, innerHeight);
  }, RESIZE_EVERY_MS);
  const stops = [
    listen(window, "resize", call.ask),
    listen(document, "visibilitychange", () => {
      before();
      stream.visibility(document.hidden);
    }),
    call.cancel,
  ];
  return () => stops.forEach((stop) => stop());
}
