// hide/css.ts - style text without the words and addresses in it. Twin of src/policy/css.rs.
// A scanner, not a parser: what loads is found token by token wherever it stands, so that no unclosed block hides it.
import { isNames, isShape } from "./layout";
import { MASKED, textIn, type Policy } from "./policy";
import { DOTS, redact } from "./text";

type Modes = Pick<Policy, "text" | "media" | "asset">;

const STRING = /"[^"\\\n]*(?:\\[^][^"\\\n]*)*"?|'[^'\\\n]*(?:\\[^][^'\\\n]*)*'?/.source;
// Comment · url( and all that is in it · string · name, of a rule with its @ · escape · run of lesser signs · any other sign.
const TOKEN = new RegExp(
  `/\\*[^]*?(?:\\*/|$)|url\\([ \\t\\n\\r\\f]*(?:${STRING})?[^)"']*\\)?|${STRING}|@?[-\\w\\x80-\\uffff]+|@?\\\\[^]?|[ \\t\\n\\r\\f,.:#>+~%*=!]+|[^]`,
  "gi",
);
const DATA = /^data:(image\/(png|jpeg|gif|webp|avif|svg\+xml)|(application\/)?(x-)?font[-/][\w.+-]+)[;,][!#-&*-[\]-~]*$/i;
/** What stands for a picture or a font whose bytes are sent apart: its number, and its own size where that is known. */
const ASSET = /^hush:[1-9]\d{0,4}(\/[1-9]\d{0,4}x[1-9]\d{0,4})?$/;
const FRAGMENT = /^#[\w.:-]{1,64}$/;
const NOWHERE = "data:,";

/** Whether an address stays within the document, or is picture or font data that the policy shows. */
export const isInner = (address: string, media: Policy["media"]): boolean =>
  address === NOWHERE || FRAGMENT.test(address) || (!MASKED && media !== "block" && (DATA.test(address) || ASSET.test(address)));

// Signs and icons are no words: up to two signs that are neither letter nor digit, or private-use characters.
const SIGN =
  /^([ -/:-@[\]^_`{-~\xa0-\xa9\xab\xac\xae-\xb1\xb4\xb6-\xb8\xbb\xd7\xf7\u2010-\u205e\u2190-\u23ff\u2500-\u2bff\u3000-\u3020]{0,2}|([\ue000-\uf8ff]|[\udb80-\udbff][\udc00-\udfff]|\\([ef][\da-f]{3}|f[\da-f]{4}|20[12][\da-f]|2[1-9a][\da-f]{2}|(00)?a0) ?){1,4})$/i;

// Strings of these properties are names of the style sheet's own.
const NAMING = /^(font|src$|grid|animation|syntax$)/;

const hideString = (string: string, text: Policy["text"]): string => {
  const inner = string.replace(/^["']|["']$/g, "");
  const shown = SIGN.test(inner) ? inner : MASKED || text === "mask" ? "" : redact(inner) === inner ? inner : DOTS;
  return string[0] + shown + string[0];
};

const hideAddress = (token: string, from: number, { media, asset }: Modes): string => {
  const rest = token.slice(from);
  const address = /^[ \t\n\r\f]*["']?([^"' \t\n\r\f)]*)/.exec(rest)![1]!;
  return (!MASKED && asset?.(rest)) || (isInner(address, media) ? address : NOWHERE);
};

/** An escape that may spell a letter, in a declaration. */
const WORD_ESCAPE = /^@?\\[\dA-Za-z]?$/;

/** A part of a name in a declaration, as it is told. */
const showName = (part: string): string => (WORD_ESCAPE.test(part) ? "_" : isLong(part) ? "0" : part);

/** More digits than any size has, unless they are a fraction. */
const isLong = (token: string): boolean => /\d{11}/.test(token);

const isString = (token: string): boolean => token[0] === '"' || token[0] === "'";

const hidePrelude = (parts: string[], modes: Modes): string => {
  const text = textIn(modes);
  // Where in `[name=value]` we are: 0 outside, 1 at the name, 2 at the value, 3 behind it.
  let place = 0;
  let name = "";
  return parts
    .map((token) => {
      if (token === "[") place = 1;
      else if (token === "]") place = 0;
      else if (/^url\(/i.test(token)) {
        if (place > 2) return "";
        if (place > 1) place = 3;
        return `url(${hideAddress(token, 4, modes)})`;
      } else if (place === 1 && token.includes("=")) place = 2;
      else if (place === 1 && /^[-\w]/.test(token)) name = token.toLowerCase();
      else if (place > 1 && !/^[ \t\n\r\f()]/.test(token)) {
        if (place > 2) return /^[is]$/i.test(token) ? token : "";
        place = 3;
        if (text === "mask" && !isNames(name) && !isShape(name)) return '""';
        if (isString(token)) return redact(token) === token ? token : `"${DOTS}"`;
      } else if (isString(token)) return hideString(token, text);
      return /^@import$/i.test(token) ? "@_" : isLong(token) ? "_" : token;
    })
    .join("");
};

const hideDeclaration = (parts: string[], raw: string, modes: Modes): string => {
  const text = textIn(modes);
  const property = /^[ \t\n\r\f]*((?:[-\w]|@?\\[\dA-Za-z]?)+)[ \t\n\r\f]*:/.exec(raw)?.[1]!.toLowerCase().replace(/@?\\[\da-z]?/g, "_") ?? "";
  if (/^(-moz-binding|behavior)$/.test(property) || /expression[ \t\n\r\f]*\(/i.test(raw)) return "";
  const custom = property.startsWith("--");
  if (custom && text === "mask" && /[@\x80-\uffff]/.test(raw)) {
    const end = parts.findIndex((part) => part.includes(":"));
    return parts.slice(0, end).map(showName).join("") + parts[end]!.slice(0, parts[end]!.indexOf(":") + 1) + " ";
  }
  let source = "";
  return parts
    .map((token, at) => {
      // Behind an escape it is the end of another name.
      if (token === "(") source = WORD_ESCAPE.test(parts[at - 2] ?? "") ? "" : (parts[at - 1]?.toLowerCase() ?? "");
      if (/^url\(/i.test(token)) return `url(${hideAddress(token, 4, modes)})`;
      if (isString(token))
        return /^(-webkit-)?image(-set)?$|^src$/.test(source)
          ? `"${hideAddress(token, 0, modes)}"`
          : !custom && NAMING.test(property)
            ? token
            : hideString(token, text);
      // A number in the place of a name would go on with the one before it.
      if (isLong(token) && (token[0] === "@" || !parts[at - 1]?.endsWith("."))) return token[0] === "@" ? "@_" : "0";
      return /^@import$/i.test(token) ? "@_" : WORD_ESCAPE.test(token) ? "_" : token;
    })
    .join("");
};

const hideStatement = (parts: string[], end: string, modes: Modes): string => {
  const raw = parts.join("");
  const rule = /^(?:[ \t\n\r\f]|<!--|-->|\/\*\*\/)*@([-\w]*)/.exec(raw)?.[1]!.toLowerCase();
  if (rule === "charset") return end === ";" ? "" : end;
  if (rule != null && (/^(import|namespace|)$/.test(rule) || (end !== "{" && rule !== "layer")))
    return "@media not all" + (end === "{" ? end : end === "}" ? "{}}" : "{}");
  return (end === "{" || rule != null ? hidePrelude(parts, modes) : hideDeclaration(parts, raw, modes)) + end;
};

/** Style rules or declarations: comments, imports and addresses gone, strings as the text mode says. */
export const hideCss = (css: string, modes: Modes): string => {
  let out = "";
  let parts: string[] = [];
  let depth = 0;
  for (const [token] of css.matchAll(TOKEN)) {
    if (token.startsWith("/*")) {
      // An empty one keeps apart what it kept apart.
      if (parts.length) parts.push("/**/");
    } else if (!depth && /^[;{}]$/.test(token)) {
      out += hideStatement(parts, token, modes);
      parts = [];
    } else {
      depth = Math.max(0, depth + (/^[([]$/.test(token) ? 1 : /^[)\]]$/.test(token) ? -1 : 0));
      parts.push(token);
    }
  }
  return out + hideStatement(parts, "", modes);
};
