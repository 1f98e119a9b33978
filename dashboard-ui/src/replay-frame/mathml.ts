// MathML. rrweb's player makes elements by their names alone, and an HTML element called `mfrac` is no fraction, so the documents that
// it builds in make what has a name of MathML's as MathML.
const MATHML = 'http://www.w3.org/1998/Math/MathML';
const NAMES = new Set(
  'annotation annotation-xml maction math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics'.split(' '),
);

const taught = new WeakSet<Window>();

/** Teach the documents of a window, and of the frames that are made in it. */
export function teachMathMl(window: (Window & typeof globalThis) | null): void {
  if (!window || taught.has(window)) return;
  taught.add(window);
  const documents = window.Document.prototype;
  const make = documents.createElement;
  documents.createElement = function (this: Document, name: string, options?: ElementCreationOptions) {
    const wanted = name.toLowerCase();
    return NAMES.has(wanted) ? this.createElementNS(MATHML, wanted) : make.call(this, name, options);
  } as typeof make;
  const frames = window.HTMLIFrameElement.prototype;
  const inner = Object.getOwnPropertyDescriptor(frames, 'contentDocument');
  Object.defineProperty(frames, 'contentDocument', {
    ...inner,
    get(this: HTMLIFrameElement) {
      const document = inner?.get?.call(this) as Document | null;
      teachMathMl((document?.defaultView ?? null) as (Window & typeof globalThis) | null);
      return document;
    },
  });
}
