// What the page does by itself, and what one click changes.
const find = (id) => document.getElementById(id);

find("open").attachShadow({ mode: "open" }).innerHTML = "<style>b { color: crimson }</style><b>Attached</b>";
document.styleSheets[0].insertRule(".inserted { color: blue; }", 0);
const adopted = new CSSStyleSheet();
adopted.replaceSync(".adopted { color: magenta; }");
document.adoptedStyleSheets.push(adopted);

const draw = (colour) => {
  const context = find("canvas").getContext("2d");
  context.fillStyle = colour;
  context.fillRect(10, 10, 100, 40);
  find("canvas").toBlob((blob) => (find("blob").src = URL.createObjectURL(blob)));
};
draw("seagreen");
addEventListener("load", () => (find("late").contentDocument.body.innerHTML = "<p>written late</p>"));

find("change").addEventListener("click", () => {
  find("text").value = "set by script";
  find("check").checked = true;
  find("select").selectedIndex = 1;
  find("area").value = "other lines";
  find("range").value = 80;
  find("details").open = true;
  find("scroller").scrollTop = 90;
  find("edited").textContent = "Edited again";
  find("media").media = "all";
  adopted.insertRule("h2 { letter-spacing: 2px; }", 0);
  draw("tomato");
  find("popover").showPopover();
  find("dialog").showModal();
});
