// TodoMVC in React, as its authors published it: a hundred tasks are added, ticked off, filtered and half of them deleted.
import { readFileSync } from "node:fs";
import { npmFolder } from "../../../tests/browser/lib/sites.mjs";

const folder = npmFolder("todomvc/examples/react");

export const todo = {
  name: "todomvc",
  folder,
  html: () => readFileSync(`${folder}/index.html`, "utf8").replace("<body>", '<body class="product-name">'),
  ready: ({ page }) => page.waitForSelector("#new-todo"),
  run: ({ page }) => page.evaluate(work, 100),
};

/** Runs in the page, one step a task, as a quick visitor would. */
async function work(count) {
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const input = document.querySelector("#new-todo");
  for (let task = 0; task < count; task++) {
    input.value = `Water bed ${task} of the greenhouse`;
    input.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, keyCode: 13, which: 13 }));
    await turn();
  }
  for (const toggle of document.querySelectorAll("#todo-list .toggle")) {
    toggle.click();
    await turn();
  }
  for (const filter of ["active", "completed", ""]) {
    location.hash = `#/${filter}`;
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }
  for (const destroy of [...document.querySelectorAll("#todo-list .destroy")].slice(0, count / 2)) {
    destroy.click();
    await turn();
  }
  const left = document.querySelectorAll("#todo-list li").length;
  if (left !== count / 2) throw new Error(`${left} tasks are left instead of ${count / 2}`);
}
