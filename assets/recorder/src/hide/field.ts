// hide/field.ts - which form fields are never recorded, whatever the policy says. Twin of src/policy/field.rs.

/** What is known of a field. `label` is the text of its labels. */
export interface Field {
  type?: string | null;
  autocomplete?: string | null;
  name?: string | null;
  id?: string | null;
  label?: string | null;
  placeholder?: string | null;
  ariaLabel?: string | null;
}

// Words without diacritics, in en, cs, sk, de, pl, fr, es, it. In each, the first list is of beginnings, the second of whole words.
const SENSITIVE: [kind: string, words: RegExp][] = [
  ["payment", / ((cardn|cardh|creditc|debitc|ccn|cvv|cvc|platebni|kreditk|prufziff|pruefziff|cryptogr|tarjeta|iban|account nu|accountn|bank|routing|konto|cislouct|rachunk|cuenta)\S*|cards?|credit|cc|csc|cvn|expir(y|ation)|kart[aeyu]|carte|carta|bic|swift|sort code|ucet|uctu|konta|compte|conto) /],
  ["secret", / ((password|passw|pwd|kennwort|mot de pass|contrasen|hasl|hesl|api key|einmal|one time|security co|verification co)\S*|passcode|passphrase|clave|secret|token|pin|t?otp|mfa|2fa|puk|pas) /],
  ["identity", / ((social se|national id|nationalid|passport|driver|rodne|obcansk|obciansk|cestovni|reisepass|ausweis|personalaus|steuer|sozialv|paszport|passep|securit|segurid|fiscal|pasaport|codice f|codicef|passapor|birth|bday|dateofb|narozen|naroden|datumnar|geburt|urodz|naissanc|nacimien|nascita)\S*|ssn|nino|tax id|taxid|tin|rc|pesel|dic|dowod|secu|nir|dni|nif|dob) /],
  ["health", / ((health|medical|diagnos|disease|illness|allerg|insuranc|zdrav|poji|poist|gesundh|krank|versich|zdrow|maladie|enfermed|malatt|sanitar)\S*|sante|salud|salute) /],
];

// camelCase and signs part words; what is left of a letter without its accent is the letter.
const words = (text: string): string =>
  " " +
  text
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/\u0142/g, "l")
    .replace(/[^a-z\d]+/g, " ") +
  " ";

/** Why this field is never recorded; null for a field that may be. */
export const secretField = (field: Field): string | null => {
  const type = (field.type || "").toLowerCase();
  if (/^(password|hidden|file)$/.test(type)) return type;
  if (/(^|\s)(cc-|\S+-password|one-time-code)/i.test(field.autocomplete || "")) return "autocomplete";
  const { autocomplete, name, id, label, placeholder, ariaLabel } = field;
  const texts = [autocomplete, name, id, label, placeholder, ariaLabel].map((text) => text && words(text));
  return SENSITIVE.find(([, known]) => texts.some((text) => text && known.test(text)))?.[0] ?? null;
};
