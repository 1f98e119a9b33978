// What a visitor writes may come back as the page's own text: in a mirror, a title, a second field. It is compared with what stands in the
// fields at that moment; no copy of it is kept.
import { MASKED } from "./policy";
import { DOTS } from "./text";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Fields that were written into and are hidden, the last ones of them. */
let fields: Field[] = [];
const FIELDS_MAX = 50;
/** Fewer characters stand in any text. */
const LENGTH_MIN = 4;
const WORD = new RegExp(`\\S{${LENGTH_MIN},}`, "g");

const WRITTEN = /^(text|password|search|tel|email|url|number|textarea|file)$/;

/** This field is hidden: what stands in it must not be told as something else. */
export function noteHidden(field: Element): void {
  if (MASKED || !WRITTEN.test((field as Field).type) || fields.includes(field as Field)) return;
  fields.push(field as Field);
  if (fields.length > FIELDS_MAX) fields.shift();
}

/** Words without what stands in a hidden field, whole or as far as it was written when the page repeated it; what is hidden already stays so. */
export function withoutEcho<Shown extends string | number>(shown: Shown): Shown | string {
  if (MASKED || !fields.length || typeof shown === "number") return shown;
  let text: string = shown;
  for (const { value: written, files } of fields as HTMLInputElement[]) {
    const value = files ? (files[0]?.name ?? "") : written;
    if (!value) continue;
    if (text === value) return DOTS;
    if (value.length < LENGTH_MIN) continue;
    text = text.split(value).join(DOTS).replace(WORD, (word) => (value.startsWith(word) ? DOTS : word));
  }
  return text;
}
