// hide/mention.ts - which names a style sheet mentions. Twin of src/policy/mention.rs.

/** A class, an id, an attribute's value in a selector, or a name with a dash: a tag or a property of the site's own. What matches besides does no harm: it is the sheet's own. */
const MENTION = /[.#]((?:[\w-]|\\.|[^\0-\x7f])+)|=\s*["']?([\w-]+)|([a-z-]\w*-[\w-]*)/g;

/** The names that these rules mention. */
export const mentions = (css: string): string[] =>
  Array.from(css.matchAll(MENTION), ([, name, value, dashed]) => (name ?? value ?? dashed)!.replace(/\\(.)/g, "$1"));
