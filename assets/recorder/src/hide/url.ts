// hide/url.ts - what an address or a title may say. Twin of src/policy/url.rs. No `URL`: browsers and servers differ in it.
import { MASKED, textIn, urlsIn, type Policy } from "./policy";
import { bucket, DOTS, redact, type Hidden } from "./text";

const ADDRESS = /^(https?:)\/\/(?:[^/?#\\]*@)?(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(?![^/?#])([^?#]*)(?:\?([^#]*))?/i;

// A segment that names one thing rather than a kind of thing: two digits, long, or with signs beyond a word's.
const isId = (segment: string): boolean =>
  segment.length > 32 ||
  (/\d.*\d|^\d$|[^\w.~-]/.test(segment) && !/^v\d\d$/i.test(segment)) ||
  /^[\da-f]{8,}$/i.test(segment);

// Percent signs are read once, so that `%40` cannot carry an address past the patterns.
const readable = (part: string): string => {
  // Nearly every part: nothing in it for the patterns.
  if (/^([a-z-]{0,20}|\d{0,7})$/.test(part)) return part;
  const plain = part.replace(/%([2-7][\da-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return redact(plain) === plain ? part : DOTS;
};

const listed = (path: string, patterns: string[]): string => {
  const segments = path.replace(/\/$/, "").split("/");
  return (
    patterns.find((pattern) => {
      const wanted = pattern.replace(/\/$/, "").split("/");
      return (
        wanted.length === segments.length &&
        wanted.every((want, at) => (want[0] === ":" ? segments[at] !== "" : want === segments[at]))
      );
    }) ?? "/:any"
  );
};

/** An absolute address with its path as the policy shows it; only the scheme of what is no web page; "" if it is no address. */
export const reduceUrl = (href: string, policy: Pick<Policy, "urls" | "paths" | "query">): string => {
  const { paths, query } = policy;
  const urls = urlsIn(policy);
  const match = ADDRESS.exec(href);
  if (!match) return /^(mailto|tel|sms|geo|javascript|data|blob|about|file|ftp|webcal|whatsapp|skype|view-source):/i.exec(href)?.[0].toLowerCase() ?? "";
  const [, scheme, host, port = "", rawPath, search = ""] = match;
  const segments = (rawPath || "/").split("/").map((segment) => segment.split(";")[0]!);
  const path = segments.join("/");
  const shown =
    urls === "path"
      ? segments.map(readable).join("/")
      : urls === "generalised"
        ? segments.map((segment) => (isId(segment) || readable(segment) !== segment ? ":id" : segment)).join("/")
        : path === "/:any"
          ? path
          : listed(path, paths);
  const at = (scheme + "//" + host).toLowerCase() + port + shown;
  if (MASKED) return at;
  const kept = search.split("&").flatMap((pair) => {
    const name = pair.split("=")[0]!;
    return query.includes(name) ? [name + (pair === name ? "" : "=" + readable(pair.slice(name.length + 1)))] : [];
  });
  return at + (kept.length ? "?" + kept.join("&") : "");
};

/** A document's title: nothing of it where addresses are listed, else as the text mode says. */
export const reduceTitle = (title: string, policy: Pick<Policy, "urls" | "text">): Hidden => {
  const text = textIn(policy);
  return urlsIn(policy) === "listed" ? 0 : text === "mask" ? bucket(title.length) : text === "redact" ? redact(title) : title;
};
