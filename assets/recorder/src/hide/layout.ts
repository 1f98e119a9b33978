// hide/layout.ts - the attributes that a page needs to look and lie as it did. Twin of src/policy/layout.rs.
// Names are lower-case here: SVG's camel case makes no difference to what may be shown.

/** Lists of names that the site's developers made: shown token by token, see `hideTokens`. The first could be text as well. */
const OWN_NAMES = /^(class|id|name|for|form|list|headers|slot|part|exportparts|popovertarget|commandfor|aria-(labelledby|describedby|controls|owns|activedescendant|details))$/;
const NAMES = /^(is|type|rel|role|in2?|result)$/;

/** Numbers and keywords: shown if they have the shape of them, and with no address but a fragment. */
const SHAPES =
  /^(rows|cols|(row|col)?span|(margin|marker|pattern|font)?(width|height|size)|(cell)?spacing|v?align|((pattern|mask)(content)?|gradient|clippath|filter|primitive|marker)units|(gradient|pattern)?transform|(edge|input)?mode|(start)?offset|dir|lang|hidden|inert|open|disabled|readonly|required|multiple|start|reversed|popover|tabindex|color|face|border|cellpadding|nowrap|wrap|scope|min|max|step|low|high|optimum|(max|min|text|path)length|contenteditable|controls|loop|muted|playsinline|loading|shadowroot(mode|clonable|serializable|delegatesfocus)|media|sizes|scrolling|compact|display|displaystyle|math(variant|size|color|background)|stretchy|accent(-height|under)?|[lr]space|aria-(hidden|expanded|selected|pressed|disabled|current|modal|orientation|level|haspopup|busy|live|invalid|required|sort)|d|points|[xyrz][12]?|[cfd][xyr]|r[xy]|viewbox|preserveaspectratio|rotate|path|opacity|(fill|stroke|stop|flood|lighting|clip|mask|marker|font|text|dominant|alignment|shape|image|letter|word|vector|paint|color|pointer|writing)(-(opacity|rule|width|line(cap|join)|miterlimit|dash(array|offset)|color|family|size(-adjust)?|style|weight|variant|stretch|anchor|decoration|rendering|overflow|spacing|mode|events|baseline|order|effect|interpolation(-filters)?|start|mid|end|path|outside))?|filter|visibility|overflow|ref[xy]|orient|spreadmethod|stddeviation|operator|k[1-4]|(table)?values|slope|intercept|amplitude|exponent|basefrequency|numoctaves|seed|scale|radius)$/;

const NAMESPACE = /^xmlns(:(xlink|svg|x?html|m(ath)?ml))?$/;

export const isOwnNames = (name: string): boolean => OWN_NAMES.test(name);
export const isNames = (name: string): boolean => isOwnNames(name) || NAMES.test(name);
export const isShape = (name: string): boolean => SHAPES.test(name);
export const isNamespace = (name: string): boolean => NAMESPACE.test(name);
