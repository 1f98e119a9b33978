// hide/attribute.ts - what an attribute may say. Twin of src/policy/attribute.rs. What is not known is not shown.
import { hideCss, isInner } from "./css";
import { isNames, isNamespace, isShape } from "./layout";
import { formsIn, MASKED, mediaIn, textIn, type Policy } from "./policy";
import { bucket, redact, type Hidden } from "./text";
import { reduceUrl } from "./url";

const NEVER = /^(on.*|srcdoc|nonce|integrity|http-equiv|content|checked|selected|ping|autofocus|autocomplete)$/;
const ADDRESS =
  /^((xlink:)?href|(data)?src|(image)?srcset|action|formaction|poster|cite|data|background|longdesc|profile|manifest|codebase|classid|archive|usemap|lowsrc|dynsrc|icon)$/;
const WORDS_SEEN = /^(placeholder|alt|label)$/;
const WORDS_UNSEEN =
  /^(title|summary|abbr|aria-(label|description|roledescription|valuetext|valuenow|valuemin|valuemax|placeholder))$/;
// What a control of the page's own makes says of its state, and where frameworks keep what was typed.
const FORM_STATE = /^aria-(checked|valuetext|valuenow)$|[-:]val(ue)?$/;
/** The bucket of everything that is written or chosen by the visitor and masked: 8 characters, whatever it was. */
export const INPUT_BUCKET = 3;
const TOKEN = /^[\w\-:/[\].()%#!,;@&>~+*='|^]{1,128}$/;
const EMAIL = /\w@[\w-]+\.[a-z]/i;
// Where there is a digit: a long number, digits in groups, a long code. Without one it is a word, if an odd one.
const CODE = /\d{5}|(\d{2,4}[-./()]){2}\d\d|[\da-f]{16}|[a-z\d]{24}|[\da-f]{8}-[\da-f]{4}-/i;
const SHAPE = /^[-+\w \t\n\r\f.,%#():;/<>=*'"]*$/;

// What `redact` leaves as it is; nearly every name.
const PLAIN = /^[a-z-]{1,20}\d?$/;

/**
 * Whether a tag or an attribute may be called that. Markup that was never escaped makes names of anything:
 * `Jan <jan@example.cz>` is an element.
 */
export const isMarkup = (name: string): boolean =>
  PLAIN.test(name) || (TOKEN.test(name) && !/[/=>]/.test(name) && redact(name) === name);

const isName = (token: string): boolean => TOKEN.test(token) && !EMAIL.test(token) && !(/\d/.test(token) && CODE.test(token));

// What the recorder puts in the place of a picture: an empty one of its size.
const EMPTY_PICTURE =
  /^data:image\/svg\+xml,%3Csvg xmlns='http:\/\/www\.w3\.org\/2000\/svg' width='\d{1,6}' height='\d{1,6}'\/%3E$/;

/** A list of names, without those that look as if they told of a person or were made by a machine. */
export const hideTokens = (value: string): string => {
  const tokens = value.split(/[ \t\n\r\f]+/);
  return tokens.every((token) => !token || isName(token)) ? value : tokens.filter(isName).join(" ");
};

const hideText = (value: string, text: Policy["text"]): string => (text === "show" ? value : redact(value));

/**
 * What to send of an attribute. `type` is the element's own, where it has one; links are given with their full address.
 */
export const hideAttribute = (tag: string, name: string, value: string, policy: Policy, type = ""): Hidden => {
  const text = textIn(policy);
  const media = mediaIn(policy);
  if (!isMarkup(name)) return null;
  tag = tag.toLowerCase();
  name = name.toLowerCase();
  const button = tag === "button" || (tag === "input" && /^(button|submit|reset)$/i.test(type));
  if (NEVER.test(name)) return null;
  if (ADDRESS.test(name)) {
    if (name === "href" && /^(a|area)$/.test(tag)) return reduceUrl(value, policy) || null;
    const loads =
      (/^(img|image|feimage|use|input|source)$/.test(tag) && /^(src|(xlink:)?href)$/.test(name)) || (tag === "video" && name === "poster");
    return (value[0] === "#" || loads) && (isInner(value, media) || EMPTY_PICTURE.test(value)) ? value : null;
  }
  if (name === "value" && tag === "input" && !button) return null;
  if (formsIn(policy) !== "record") {
    if (FORM_STATE.test(name)) return null;
    if (name === "label" && /^opt/.test(tag)) return INPUT_BUCKET;
  }
  if (name === "style") return hideCss(value, policy);
  if (isNames(name)) return hideTokens(value);
  if (isShape(name)) return SHAPE.test(value) && !/\d{17}|(^|[^.\d])\d{9}/.test(value) ? hideCss(value, policy) : null;
  if (isNamespace(name)) return /^http:\/\/www\.w3\.org\/(1999\/xhtml|1999\/xlink|2000\/svg|1998\/Math\/MathML)$/.test(value) ? value : null;
  if (!MASKED && policy.attributes.includes(name)) return hideText(value, text);
  if (WORDS_SEEN.test(name) || (name === "value" && button))
    return text === "mask" ? bucket(value.length) : hideText(value, text);
  if (name === "value" && tag === "li") return /^-?\d{1,8}$/.test(value) ? value : null;
  if (text === "mask") return null;
  if (WORDS_UNSEEN.test(name) || (name === "value" && /^(meter|progress)$/.test(tag))) return hideText(value, text);
  return name !== "value" && (!value || isName(value)) ? value : null;
};
