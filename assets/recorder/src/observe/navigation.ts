// The page's address and title, reduced, and how they change without a page load.
import { config } from "../config";
import { listen, type Stop } from "../guard";
import { withoutEcho } from "../hide/echo";
import { isRecorded } from "../hide/reach";
import { reduceTitle, reduceUrl } from "../hide/url";
import * as stream from "../stream";

/** The address as it may be told. */
export const address = (): { url: string; title: stream.Value } => ({
  url: reduceUrl(location.href, config),
  title: withoutEcho(reduceTitle(document.title, config) ?? 0),
});

/** The address that was found to be recorded. */
let inside = "";

/** Whether the page has become one that the policy does not record: nothing of it may be read. */
export const isOutside = (): boolean =>
  __REACH__ &&
  location.href !== inside && (isRecorded(location.pathname, config) ? ((inside = location.href), false) : true);

/** The address as it was looked at last, and what was told of it. */
let seen = "";
let path = "";
let told = "";

/** Tell the address where what may be told of it changed, or the page did: a query that follows the typing is no page. */
export function pollAddress(): void {
  if (location.href === seen || isOutside()) return;
  seen = location.href;
  const { url, title } = address();
  if (url === told && location.pathname === path) return;
  told = url;
  path = location.pathname;
  stream.page(url, title);
}

export function startNavigation(before: () => void): Stop {
  seen = location.href;
  path = location.pathname;
  told = address().url;
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
