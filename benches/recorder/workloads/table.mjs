// A table of 200 rows that a script draws anew 15 times, sorted by another column and with some figures changed, as dashboards do.
export const table = {
  name: "table",
  html: () =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Orders</title>
<style>table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:2px 8px}.late{color:#a22}</style></head>
<body class="product-name"><h1>Orders</h1><table><thead><tr><th>Order<th>Customer<th>City<th>Items<th>Total<th>State<th>Updated</tr></thead><tbody></tbody></table>
<script>(${fill})()</script></body></html>`,
  run: ({ page }) =>
    page.evaluate(async () => {
      for (let round = 0; round < 15; round++) {
        window.draw(round);
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 40)));
      }
    }),
};

/** Runs in the page: makes the rows, and `draw`, which shows them. */
function fill() {
  let seed = 5;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const pick = (words) => words[random(words.length)];
  const names = "Adler Baker Carter Dvorak Evans Fischer Gruber Horak Ivanov Jansen Kovar Lang Meyer Novak".split(" ");
  const cities = "Brno Graz Lyon Malmo Porto Turku Vilnius Zagreb".split(" ");
  const states = "open packed sent paid late".split(" ");
  const rows = Array.from({ length: 200 }, (_, id) => [id + 1000, `${pick(names)} & ${pick(names)}`, pick(cities), 1 + random(9), random(90000) / 100, pick(states), random(60)]);
  window.draw = (round) => {
    for (let change = 0; change < 20; change++) Object.assign(rows[random(rows.length)], { 4: random(90000) / 100, 5: pick(states), 6: random(60) });
    const column = round % 7;
    rows.sort((one, other) => (one[column] < other[column] ? -1 : one[column] > other[column] ? 1 : one[0] - other[0]));
    document.querySelector("tbody").innerHTML = rows
      .map(([id, name, city, items, total, state, age]) => `<tr data-order="${id}"><td>${id}</td><td>${name}</td><td>${city}</td><td>${items}</td><td>${total}</td><td class="${state}">${state}</td><td>${age} min ago</td></tr>`)
      .join("");
  };
  window.draw(0);
}
