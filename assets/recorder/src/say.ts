// Says something to the recorder from a part in front of it: what is said before it runs waits in its queue, in order.
type Page = { hushreel?: ((...call: unknown[]) => unknown) & { q?: unknown[][] } };

const page = window as Page;

export function say(...call: unknown[]): void {
  if (!page.hushreel) {
    const q: unknown[][] = [];
    page.hushreel = Object.assign((...later: unknown[]) => void q.push(later), { q });
  }
  page.hushreel(...call);
}
