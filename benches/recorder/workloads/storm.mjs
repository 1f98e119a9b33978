// 20,000 changes in 40 frames, of every kind that a page makes: texts, attributes, additions, moves, removals.
import { longPage } from "../../page.mjs";

export const storm = {
  name: "storm 20k",
  html: () => longPage("", 83),
  run: ({ page }) => page.evaluate(rage, { frames: 40, changes: 500 }),
};

/** Runs in the page. */
async function rage({ frames, changes }) {
  let seed = 11;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const list = document.querySelector(".list");
  const cards = () => list.children[random(list.children.length)];
  const acts = [
    () => (cards().querySelector(".product-text").firstChild.data = `changed ${random(1000)} times since ${random(1000)}`),
    () => (cards().querySelector(".price b").textContent = `${random(400)}.${10 + random(90)}`),
    () => cards().setAttribute("data-row", random(1000)),
    () => cards().classList.toggle("card-wide"),
    () => {
      const tag = document.createElement("li");
      tag.textContent = `tag ${random(100)}`;
      cards().querySelector(".tags").append(tag);
    },
    () => cards().querySelector(".tags").append(cards().querySelector(".tags").lastChild ?? ""),
    () => {
      const tags = cards().querySelector(".tags");
      if (tags.childElementCount > 2) tags.lastChild.remove();
    },
    () => (cards().style.opacity = `${random(10) / 10}`),
  ];
  for (let frame = 0; frame < frames; frame++) {
    for (let change = 0; change < changes; change++) acts[random(acts.length)]();
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }
}
