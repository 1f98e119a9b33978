// Pages that nobody here wrote, of many kinds, and one of our own with what a page can do. Each is loaded, scrolled, and where it
// offers something to click, clicked; at each step it is compared with its replay.
import { npmFolder, pythonDocumentation, rustDocumentation, serveDokuwiki, serveFolder, serveMediawiki } from "../../tests/browser/lib/sites.mjs";
import { allVisits as visits, wheel } from "../../tests/browser/lib/visits.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const packaged = (path) => () => serveFolder(here(`node_modules/${path}`));
const debian = (path) => () => serveFolder(`/usr/share/${path}`);
const rust = async () => serveFolder(await rustDocumentation());

/** A page that is read; `click` names what is clicked in the end. */
const page = (kind, name, serve, path, click, then) => ({
  kind,
  name,
  serve,
  path,
  async visit(page, at) {
    await at("loaded");
    await wheel(page, 700);
    await at("scrolled");
    if (click) {
      await page.locator(click).first().click();
      await then?.(page);
      await at("clicked");
    }
  },
});

const docs = (...words) => page("documentation", ...words);
const site = (...words) => page("site", ...words);
const app = (...words) => page("application", ...words);
const type = (text) => (page) => page.keyboard.type(text);

/** A to-do list: it is used, not read. */
const todo = (name) => ({
  kind: "application",
  name: `TodoMVC ${name}`,
  serve: () => serveFolder(npmFolder("todomvc/examples")),
  path: `/${name}/`,
  async visit(page, at) {
    const input = page.locator("#new-todo, .new-todo").first();
    await input.waitFor();
    for (const text of ["Water the ferns", "Buy soil"]) {
      await input.click();
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
    }
    await at("added");
    await page.locator("#todo-list .toggle, .todo-list .toggle").first().click();
    await at("one done");
  },
});

export const pages = [
  page("own", "everything a page can do", () => serveFolder(here("own")), "/index.html", "#change"),
  page("own", "the demo shop", () => serveFolder(here("../../assets/demo")), "/index.html"),

  docs("rustdoc: Vec", rust, "/std/vec/struct.Vec.html", "#toggle-all-docs"),
  docs("rustdoc: std", rust, "/std/index.html", "details.toggle > summary"),
  docs("rustdoc: source", rust, "/src/core/option.rs.html"),
  docs("rustdoc: core::arch", rust, "/core/iter/trait.Iterator.html"),
  docs("mdBook: The Book", rust, "/book/ch04-01-what-is-ownership.html", "#mdbook-theme-toggle, #theme-toggle"),
  docs("mdBook: Reference", rust, "/reference/expressions/operator-expr.html", "#mdbook-search-toggle, #search-toggle", type("macro")),
  docs("mdBook: by Example", rust, "/rust-by-example/hello/print.html"),
  docs("mdBook: Cargo", rust, "/cargo/reference/manifest.html", "#mdbook-sidebar-toggle, #sidebar-toggle, label[for$=sidebar-toggle-anchor]"),
  docs("mdBook: Clippy, all of it", rust, "/clippy/print.html"),
  docs("mdBook: Nomicon", rust, "/nomicon/vec/vec-alloc.html"),
  docs("Sphinx: Python tutorial", () => serveFolder(pythonDocumentation()), "/tutorial/controlflow.html"),
  docs("Sphinx: Python library index", () => serveFolder(pythonDocumentation()), "/library/functions.html"),
  docs("Sphinx: Django", debian("doc/python-django-doc/html"), "/topics/forms/index.html"),
  docs("Sphinx: SQLAlchemy", debian("doc/python-sqlalchemy-doc/html"), "/orm/quickstart.html"),
  docs("Sphinx: Flask", debian("doc/python-flask-doc/html"), "/quickstart.html"),
  docs("Sphinx: CMake", debian("doc/cmake-data/html"), "/manual/cmake-commands.7.html"),
  docs("Sphinx: Debian developers", debian("developers-reference"), "/pkgs.html"),
  docs("Sphinx: Debian policy", debian("doc/debian-policy/policy.html"), "/index.html"),
  docs("DocBook: PostgreSQL", debian("doc/postgresql-doc-15/html"), "/ddl-partitioning.html"),
  docs("DocBook: Debian Reference", debian("debian-reference"), "/ch02.en.html"),
  docs("DocBook: aptitude", debian("doc/aptitude/html/en"), "/ch02.html"),
  docs("DocBook: Exim", debian("doc/exim4-doc-html/spec_html"), "/ch01.html"),
  docs("DocBook: Debian FAQ", debian("doc/debian/FAQ"), "/kernel.html"),
  docs("AsciiDoc: git", debian("doc/git-doc"), "/git.html"),
  docs("Texinfo: Octave", debian("doc/octave/octave.html"), "/High_002dLevel-Plotting.html"),
  docs("Texinfo: R", debian("R/doc/manual"), "/R-exts.html"),
  docs("Texinfo: zsh", debian("doc/zsh-common/html"), "/FAQ.html"),
  docs("gtk-doc: GTK widgets", debian("gtk-doc/html/gtk3"), "/ch03.html"),
  docs("YARD: Asciidoctor", debian("doc/asciidoctor-doc/html"), "/Array.html"),
  docs("Apache manual", debian("doc/apache2-doc/manual"), "/en/mod/core.html"),
  docs("SQLite: drawn grammar", debian("doc/sqlite3"), "/lang_select.html", ".imgcontainer input, button[id^=x]"),
  docs("LibreOffice help", debian("libreoffice/help"), "/en-US/text/scalc/main0000.html"),

  site("theme: Creative", packaged("startbootstrap-creative/dist"), "/index.html"),
  site("theme: Resume", packaged("startbootstrap-resume/dist"), "/index.html"),
  site("theme: SB Admin", packaged("startbootstrap-sb-admin/dist"), "/index.html", "#sidebarToggle"),
  site("theme: SB Admin, tables", packaged("startbootstrap-sb-admin/dist"), "/tables.html"),
  site("theme: SB Admin 2", packaged("startbootstrap-sb-admin-2"), "/index.html", "#userDropdown"),
  site("theme: SB Admin 2, tables", packaged("startbootstrap-sb-admin-2"), "/tables.html", "th"),
  site("theme: simple sidebar", packaged("startbootstrap-simple-sidebar/dist"), "/index.html", "#sidebarToggle"),
  site("theme: Material Dashboard", packaged("material-dashboard"), "/pages/dashboard.html"),
  site("theme: Material, sign in", packaged("material-dashboard"), "/pages/sign-in.html", "input[type=email]", type("iris")),
  site("UIkit: forms", packaged("uikit"), "/tests/form.html", "input[type=checkbox]"),
  site("UIkit: modal dialogs", packaged("uikit"), "/tests/modal.html", "[href='#modal']"),
  site("UIkit: slider", packaged("uikit"), "/tests/slider.html"),
  site("UIkit: table", packaged("uikit"), "/tests/table.html"),
  site("HTML5 boilerplate", packaged("html5-boilerplate/dist"), "/index.html"),

  app("reveal.js slides", packaged("reveal.js"), "/demo.html", ".navigate-right"),
  app("impress.js slides", packaged("impress.js"), "/index.html", "body", (page) => page.keyboard.press("Space")),
  app("jQuery UI gallery", packaged("jquery-ui-dist"), "/index.html", "#ui-id-2, #button"),
  app("CodeMirror", packaged("codemirror"), "/mode/rpm/changes/index.html", ".CodeMirror", type("Fixed.")),
  ...["react", "backbone", "angularjs", "vue", "knockoutjs", "emberjs", "vanillajs"].map(todo),
  {
    ...visits["Swagger UI (React)"],
    kind: "application",
    name: "Swagger UI",
    async visit(page, at) {
      await page.waitForSelector(".opblock");
      await at("loaded");
      await page.click(".opblock-get .opblock-summary");
      await page.waitForSelector(".opblock.is-open");
      await page.click(".try-out__btn");
      await at("clicked");
    },
  },
  app("DokuWiki: editor", serveDokuwiki, "/doku.php?id=garden&do=edit", "#wiki__text", type("====== Garden ======")),
  app("DokuWiki: log in", serveDokuwiki, "/doku.php?id=garden&do=login", "input[name=u]", type("keeper")),
  app("MediaWiki: main page", serveMediawiki, "/index.php/Main_Page"),
  app("MediaWiki: special pages", serveMediawiki, "/index.php/Special:SpecialPages"),
  app("MediaWiki: editor", serveMediawiki, "/index.php?title=Garden&action=edit", "#wpTextbox1", type("== Ferns ==")),
];
