// Cuts a JSON array that arrives in pieces into the texts of its elements, so that playing begins before all has arrived.
// It looks only for where elements end; whether an element is good JSON, JSON.parse says later.

const SPACE = /\s/;

/** Feed it text with `push`; it gives back each element as soon as its last character came. */
export class ArraySplitter {
  #rest = '';
  #scanned = 0;
  #depth = 0;
  #inString = false;
  #start = -1;
  #opened = false;
  #finished = false;

  /** True once the array's closing bracket came. */
  get finished(): boolean {
    return this.#finished;
  }

  /** The elements that `text` completes, in order. Throws where the text is no array. */
  push(text: string): string[] {
    const found: string[] = [];
    const all = this.#rest + text;
    let at = this.#scanned;
    while (at < all.length) {
      const sign = all[at] as string;
      if (this.#inString) {
        if (sign === '\\') {
          if (at + 1 === all.length) break; // its other half is in the next piece
          at += 2;
          continue;
        }
        if (sign === '"') this.#inString = false;
      } else if (!this.#opened) {
        if (sign === '[') this.#opened = true;
        else if (!SPACE.test(sign)) throw new SyntaxError('events are not a JSON array');
      } else if (this.#finished) {
        if (!SPACE.test(sign)) throw new SyntaxError('text after the end of the array');
      } else if (this.#depth === 0 && (sign === ',' || sign === ']')) {
        if (this.#start >= 0) found.push(all.slice(this.#start, at));
        this.#start = -1;
        if (sign === ']') this.#finished = true;
      } else {
        if (this.#start < 0 && !SPACE.test(sign)) this.#start = at;
        if (sign === '"') this.#inString = true;
        else if (sign === '{' || sign === '[') this.#depth += 1;
        else if (sign === '}' || sign === ']') this.#depth -= 1;
      }
      at += 1;
    }
    const from = this.#start >= 0 ? this.#start : at;
    this.#rest = all.slice(from);
    this.#scanned = at - from;
    if (this.#start >= 0) this.#start = 0;
    return found;
  }
}
