// Counted words: the right form of a noun for a number, in any language that Intl knows.

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** A function from a number to words, which also shows the forms that it was made of. */
export interface Counted {
  (count: number): string;
  readonly forms: Forms;
}

/** Make `counted` for one language. In a form, `#` stands for the number. */
export function countedIn(language: string): (forms: Forms) => Counted {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (forms) => {
    const say = (count: number) => (forms[rules.select(count)] ?? forms.other).replace('#', numbers.format(count));
    return Object.assign(say, { forms });
  };
}
