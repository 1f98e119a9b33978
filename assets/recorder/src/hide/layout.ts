// hide/layout.ts - the attributes that a page needs to look and lie as it did. Twin of src/policy/layout.rs.
// Names are lower-case here: SVG's camel case makes no difference to what may be shown.

/** Lists of names that the site's developers made: shown token by token, see `hideTokens`. The first could be text as well. */
const OWN_NAMES = /^(class|id|name|for|form|list|headers|slot|part|exportparts|popovertarget|commandfor|aria-(\w+by|controls|owns|activedescendant|details))$/;
const NAMES = /^(is|type|rel|role|in2?|result)$/;

/** Numbers and keywords: shown if they have the shape of them, and with no address but a fragment. */
const SHAPES =
  /^(rows|cols|\w*(span|width|height|size|spacing|align|units|transform|mode|offset)|dir|lang|hidden|inert|open|disabled|readonly|required|multiple|start|reversed|popover|tabindex|color|face|border|cellpadding|nowrap|wrap|scope|min|max|step|low|high|optimum|\w+length|contenteditable|inputmode|controls|loop|muted|playsinline|loading|shadowroot\w+|media|sizes|scrolling|compact|display|displaystyle|math\w+|stretchy|accent\w*|[lr]space|aria-(hidden|expanded|selected|checked|pressed|disabled|current|modal|orientation|level|haspopup|busy|live|invalid|required|sort)|d|points|[xyrz][12]?|[cfd][xyr]|r[xy]|viewbox|preserveaspectratio|rotate|path|opacity|(fill|stroke|stop|flood|lighting|clip|mask|marker|font|text|dominant|alignment|shape|image|letter|word|vector|paint|color|pointer|writing)(-[a-z-]+)?|filter|visibility|overflow|ref[xy]|orient|spreadmethod|stddeviation|operator|k[1-4]|(table)?values|slope|intercept|amplitude|exponent|basefrequency|numoctaves|seed|scale|radius)$/;

const NAMESPACE = /^xmlns(:\w+)?$/;

export const isOwnNames = (name: string): boolean => OWN_NAMES.test(name);
export const isNames = (name: string): boolean => isOwnNames(name) || NAMES.test(name);
export const isShape = (name: string): boolean => SHAPES.test(name);
export const isNamespace = (name: string): boolean => NAMESPACE.test(name);
