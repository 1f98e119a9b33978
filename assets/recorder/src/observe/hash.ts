// SHA-256, for pages that are no secure context; elsewhere the browser's own does the work off the main thread.

/** The first four words name an asset; the server computes them again. */
export async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayLike<number>> {
  const digest = await window.crypto.subtle?.digest("SHA-256", bytes);
  return digest ? Array.from({ length: 4 }, (_, word) => new DataView(digest).getUint32(4 * word)) : sha256(bytes);
}

/** Eight words of 32 bits. Constants are those of the standard: fractions of the roots of the first primes. */
export function sha256(bytes: Uint8Array): Uint32Array {
  const sums = new Uint32Array(8);
  const keys = new Uint32Array(64);
  const fraction = (root: number) => (root - Math.floor(root)) * 2 ** 32;
  for (let candidate = 2, prime = 0; prime < 64; candidate++) {
    let divisor = 2;
    while (candidate % divisor) divisor++;
    if (divisor < candidate) continue;
    if (prime < 8) sums[prime] = fraction(candidate ** (1 / 2));
    keys[prime++] = fraction(candidate ** (1 / 3));
  }
  // The message, a one, zeros, and its length in bits at the end of the last block.
  const blocks = (bytes.length + 72) >> 6;
  const padded = new Uint8Array(blocks << 6);
  padded.set(bytes);
  padded[bytes.length] = 128;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  view.setUint32(padded.length - 8, bytes.length / 2 ** 29);
  const words = new Uint32Array(64);
  const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by));
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d, e, f, g, h] = sums as unknown as [number, number, number, number, number, number, number, number];
    for (let at = 0; at < 64; at++) {
      const early = words[at - 15]!;
      const late = words[at - 2]!;
      words[at] =
        at < 16
          ? view.getUint32(block + 4 * at)
          : words[at - 16]! + words[at - 7]! + (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10));
      const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + keys[at]! + words[at]!;
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((sum, at) => (sums[at]! += sum));
  }
  return sums;
}
