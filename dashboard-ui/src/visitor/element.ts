// Elements made by name, with text as text: nothing in this page is ever read as HTML.

/** An element of this tag with these properties and children; strings become text. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  properties: Partial<HTMLElementTagNameMap[T]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[T] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A button that does one thing. */
export const button = (label: string, act: () => unknown, className = ''): HTMLButtonElement =>
  element('button', { type: 'button', className, onclick: () => void act() }, label);
