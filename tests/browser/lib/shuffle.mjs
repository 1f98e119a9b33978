// A page that changes at random, the same way for the same seed.

/** Runs in the page: `rounds` tasks of random changes, also ones that nest, swap, detach and bring back. */
export async function shuffle({ seed, rounds }) {
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const home = document.querySelector("#home");
  const store = [];
  const pick = () => {
    const all = [home, ...home.querySelectorAll("*")].filter((node) => !node.closest("svg"));
    return all[random(all.length)];
  };
  const make = () => {
    const kinds = ["div", "p", "span", "section"];
    const node = document.createElement(kinds[random(kinds.length)]);
    if (random(2)) node.textContent = `text ${random(100)}`;
    if (random(4) === 0) node.innerHTML = `<b>bold ${random(9)}</b> and <i>italic <u>under</u></i>`;
    if (random(9) === 0) node.attachShadow({ mode: "open" }).innerHTML = `<em>shadow ${random(9)}</em><slot></slot>`;
    return node;
  };
  const acts = [
    () => pick().append(make()),
    () => pick().prepend(make(), make()),
    () => {
      const node = pick();
      if (node !== home) node.before(make());
    },
    () => {
      const [node, target] = [pick(), pick()];
      if (node !== home && !node.contains(target)) target.append(node);
    },
    () => {
      // Swap the nesting of two, sometimes through a new node.
      const inner = pick();
      const outer = inner.parentElement;
      if (inner === home || outer === home || !outer) return;
      const between = random(2) ? make() : null;
      outer.before(inner);
      if (between) {
        inner.append(between);
        between.append(outer);
      } else inner.append(outer);
    },
    () => {
      const node = pick();
      if (node === home || home.querySelectorAll("*").length < 12) return;
      node.remove();
      store.push(node);
    },
    () => {
      const node = store.pop();
      if (node) pick().append(node);
    },
    () => {
      // Out of a detached tree, into the page.
      const child = store.at(-1)?.firstElementChild;
      if (child) pick().append(child);
    },
    () => {
      const node = pick();
      if (node.firstChild?.nodeType === 3) node.firstChild.data = `changed ${random(100)}`;
    },
    () => pick().setAttribute("title", `title ${random(100)}`),
    () => pick().classList.toggle(`c${random(5)}`),
    () => {
      const shadow = pick().shadowRoot;
      if (shadow) shadow.append(make());
    },
    () => {
      const node = pick();
      if (node !== home && node.childElementCount > 2) node.replaceChildren(...[...node.childNodes].reverse());
    },
  ];
  for (let round = 0; round < rounds; round++) {
    for (let act = random(12); act >= 0; act--) acts[random(acts.length)]();
    await new Promise((resolve) => (random(3) ? setTimeout(resolve) : requestAnimationFrame(resolve)));
  }
}
