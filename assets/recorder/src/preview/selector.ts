// A selector for what an operator clicked in his own page: as short as names it alone, or it and its like, and likely to hold when the
// page is made anew.

const STEPS_MAX = 5;

/** A name that a person gave: no counter, no hash. */
const isLasting = (name: string): boolean => /^-?[a-z_][\w-]{1,40}$/i.test(name) && !/\d{3}|[a-z]\d[a-z\d]*\d|^(css|sc|jsx|svelte)-/i.test(name);

/** What one element is called, the most telling first. */
function namesOf(element: Element): string[] {
  const names: string[] = [];
  if (isLasting(element.id)) names.push("#" + element.id);
  for (const attribute of ["data-testid", "data-test", "name"]) {
    const value = element.getAttribute(attribute);
    if (value && isLasting(value)) names.push(`${element.localName}[${attribute}="${value}"]`);
  }
  for (const name of element.classList) if (isLasting(name)) names.push("." + name);
  return names;
}

/** How many elements of its tree a selector means. */
export function countOf(selector: string, element: Element): number {
  try {
    return (element.getRootNode() as Document | ShadowRoot).querySelectorAll(selector).length;
  } catch {
    return 0;
  }
}

/** Selectors for an element, the one that means the fewest first. */
export function selectorOf(element: Element): string {
  const [best] = namesOf(element)
    .map((name) => ({ name, count: countOf(name, element) }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => one.count - other.count);
  if (best) return best.name;
  let path = "";
  for (let at: Element | null = element, steps = 0; at && steps < STEPS_MAX; at = at.parentElement, steps++) {
    const name = at === element ? undefined : namesOf(at)[0];
    const alike = [...(at.parentElement?.children ?? [])].filter((child) => child.localName === at?.localName);
    const step = name ?? at.localName + (alike.length > 1 ? `:nth-of-type(${alike.indexOf(at) + 1})` : "");
    path = path ? `${step} > ${path}` : step;
    if (name) break;
  }
  return path;
}
