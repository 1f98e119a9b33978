// A visitor who moves the pointer, scrolls, clicks and types, by real input events, on a page of 2,000 nodes with a form.
import { longPage } from "../../page.mjs";

const FORM = `<form class="order"><input id="street" autocomplete="off"><textarea id="wish"></textarea><select id="way"><option>Post<option>Bicycle</select>
<label><input type="checkbox" id="gift">Gift</label></form>`;
const TEXT = "Please ring twice, the bell is old. Leave the box behind the green door.";

export const interact = {
  name: "interact",
  // Links stay where they are: a navigation would be another page.
  html: () => longPage('<script>addEventListener("click", (event) => event.target.closest("a") && event.preventDefault())</script>', 83).replace("<h1>All products</h1>", `<h1>All products</h1>${FORM}`),
  async run({ page }) {
    for (let round = 0; round < 4; round++) {
      await page.mouse.move(100 + 90 * round, 100, { steps: 2 });
      await page.mouse.move(1100 - 90 * round, 700, { steps: 60 });
      await page.mouse.wheel(0, 400);
      await page.mouse.move(300, 400, { steps: 30 });
      await page.mouse.click(640, 500);
    }
    await page.mouse.wheel(0, -1600);
    await page.locator("#street").click();
    await page.keyboard.type(TEXT);
    await page.locator("#wish").click();
    await page.keyboard.type(TEXT);
    await page.locator("#way").selectOption("Bicycle");
    await page.locator("#gift").click();
    await page.mouse.move(900, 300, { steps: 60 });
  },
};
