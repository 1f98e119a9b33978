// hide/kind.ts - what kind of number a value is, by its check digits. Twin of src/policy/kind.rs.
import { isBirthNumber, passesLuhn, remainder } from "./text";

/** The kind of a value that is nothing but such a number; null for any other value. */
export function numberKind(value: string): "card" | "iban" | "birth-number" | null {
  const signs = value.replace(/[\s\u2011.-]/g, "");
  if (/^\d{13,19}$/.test(signs) && !/^(.)\1+$/.test(signs) && passesLuhn(signs)) return "card";
  if (/^[a-z]{2}\d\d[a-z\d]{11,30}$/i.test(signs)) {
    const digits = [...(signs.slice(4) + signs.slice(0, 4))].map((sign) => parseInt(sign, 36)).join("");
    if (remainder(digits, 97) === 1) return "iban";
  }
  // Nine digits without the slash are a telephone number as well.
  return /^\d{6}(\/\d{3,4}|\d{4})$/.test(signs) && isBirthNumber(signs.replace("/", "")) ? "birth-number" : null;
}
