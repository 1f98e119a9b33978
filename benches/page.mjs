// A page for the figures on snapshots: a long product list as shops have it, the same at each run. 512 cards are about 12,300 nodes.

const WORDS = ("ash beech birch cedar cherry elm fir hazel larch lime maple oak pear pine plum rowan spruce walnut willow yew " +
  "basket bench bowl box chair chest clock cup desk door frame handle hook jar lamp ladder mirror plate rack shelf spoon stool table tray vase " +
  "amber black blue bronze brown clear copper cream dark dusty golden green grey ivory light linen moss olive pale pink plain red rust sand silver slate smoke white").split(" ");

/** HTML of the page, with `head` in its head. */
export function longPage(head = "", cards = 512) {
  let seed = 7;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const words = (count) => Array.from({ length: count }, () => WORDS[random(WORDS.length)]).join(" ");
  const card = (number) => `<li class="card card-${number % 4 ? "plain" : "wide"}" data-row="${number}">
<article class="product"><a class="product-link" href="/p/${number}/${random(9)}"><h3 class="product-name">${words(3)}</h3></a>
<p class="product-text">${words(9 + random(9))}</p><p class="price"><b>${random(400)}.${10 + random(90)}</b> <span class="unit">EUR</span></p>
<ul class="tags"><li>${words(1)}</li><li>${words(1)}</li></ul><button class="button" type="button">Add to cart</button></article></li>`;
  const style = ".card{margin:8px;padding:12px;border:1px solid #ccc}.product-name{font-size:16px}.price{color:#353}.tags{display:flex;gap:4px}";
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>All products</title><style>${style}</style>${head}</head>
<body><main><h1>All products</h1><ul class="list">${Array.from({ length: cards }, (_, number) => card(number)).join("\n")}</ul></main></body></html>`;
}
