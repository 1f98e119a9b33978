// What opens recordings: an id and a secret each, out of the address or a receipt. Nothing here leaves the browser.

/** `ID.SECRET`. */
export type Proof = string;

/** More would be too many for one answer. */
const PROOFS_MAX = 200;

/** The proofs in a text, each once. */
export const proofsIn = (text: string): Proof[] => [...new Set(text.match(/\b[0-9a-f]{32}\.[0-9a-f]{32}\b/g) ?? [])].slice(-PROOFS_MAX);

export const idOf = (proof: Proof): string => proof.slice(0, 32);

/** A receipt: what a visitor saves to open these recordings when the tab is closed. */
export function writeReceipt(site: string, server: string, proofs: readonly Proof[]): string {
  const recordings = proofs.map((proof) => ({ id: idOf(proof), secret: proof.slice(33) }));
  return `${JSON.stringify({ hushreel: 'receipt', server, site, recordings }, null, 2)}\n`;
}

/** The proofs of a receipt of this site; null where it is none. */
export function readReceipt(site: string, text: string): Proof[] | null {
  try {
    const receipt = JSON.parse(text) as { hushreel?: unknown; site?: unknown; recordings?: { id?: unknown; secret?: unknown }[] };
    if (receipt.hushreel !== 'receipt' || receipt.site !== site || !Array.isArray(receipt.recordings)) return null;
    return proofsIn(receipt.recordings.map(({ id, secret }) => `${id}.${secret}`).join(' '));
  } catch {
    return null;
  }
}
