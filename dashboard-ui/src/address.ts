// Recorded addresses as people read them: the host goes without saying as long as it stays the same. Pure.

/** The origin of an address, or '' where it is none. */
export function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : '';
}

/** `address` as seen from `home`: its path alone on the same origin, with its host elsewhere. What is no address stays as it is. */
export function shortAddress(address: string, home: string): string {
  if (!URL.canParse(address)) return address;
  const { origin, host } = new URL(address);
  // Cut from the text itself: a parser would change the signs that stand for hidden parts.
  const path = address.slice(origin.length) || '/';
  if (!address.startsWith(origin)) return address;
  return origin === home ? path : host + path;
}
