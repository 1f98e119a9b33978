// The page's address and title, reduced, and how they change without a page load.
import { config } from "../config";
import { listen, type Stop } from "../guard";
import { reduceTitle, reduceUrl } from "../hide/url";
import * as stream from "../stream";

/** The address as it may be told. */
export const address = (): { url: string; title: stream.Value } => ({
  url: reduceUrl(location.href, config),
  title: reduceTitle(document.title, config) ?? 0,
});

let told = "";

/** Tell the address where it changed; cheap where it did not. */
export function pollAddress(): void {
  if (location.href === told) return;
  told = location.href;
  const { url, title } = address();
  stream.page(url, title);
}

export function startNavigation(before: () => void): Stop {
  told = location.href;
  // `navigation` sees pushState too; elsewhere the next flush does.
  const look = () => {
    before();
    pollAddress();
  };
  const navigation = (window as unknown as { navigation?: EventTarget }).navigation;
  const stops = [listen(window, "popstate hashchange", look)];
  if (navigation) stops.push(listen(navigation, "currententrychange", look));
  return () => stops.forEach((stop) => stop());
}
