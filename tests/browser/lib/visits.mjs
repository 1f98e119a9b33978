// Scripted visits to real web sites: each clicks, types, scrolls, toggles a theme or view, navigates twice and goes back,
// and stops at moments where page and replay are compared.
import { readFile } from "node:fs/promises";
import { npmFolder, pythonDocumentation, rustDocumentation, serveDokuwiki, serveFolder } from "./sites.mjs";

/** Scroll as a wheel does, and wait until the page came to rest there. */
export async function wheel(page, y) {
  await page.mouse.move(640, 500);
  await page.mouse.wheel(0, y);
  await page.waitForFunction(() => new Promise((resolve) => {
    let last = -1;
    const look = () => {
      const now = scrollY + [...document.querySelectorAll("main, .page, #content")].reduce((sum, node) => sum + node.scrollTop, 0);
      if (now === last) resolve(true);
      last = now;
      setTimeout(look, 120);
    };
    look();
  }));
}

const rust = async () => serveFolder(await rustDocumentation());

/** A visit to a book made with mdBook: themes, sidebar, search, chapters. */
const book = (path, chapter, next) => ({
  serve: rust,
  path,
  async visit(page, at) {
    await page.click("#mdbook-theme-toggle, #theme-toggle");
    await at("theme menu");
    await page.click("button.theme#mdbook-theme-navy, button.theme#navy, button.theme[id$=navy]");
    await at("dark theme");
    await wheel(page, 900);
    await at("scrolled");
    await page.click("#mdbook-sidebar-toggle, #sidebar-toggle, label[for$=sidebar-toggle-anchor]");
    await at("sidebar");
    await page.click("#mdbook-search-toggle, #search-toggle");
    await page.keyboard.type("macro");
    await at("search");
    await page.goto(new URL(chapter, page.url()).href);
    await at("first navigation");
    await wheel(page, 600);
    await page.goto(new URL(next, page.url()).href);
    await at("second navigation");
    await page.goBack();
    await at("back");
    await page.mouse.click(600, 300);
    await wheel(page, 1500);
    await at("read on");
  },
});

/** A visit to one of the old to-do list applications. */
const todo = (name) => ({
  serve: () => serveFolder(npmFolder(`todomvc/examples`)),
  path: `/${name}/`,
  async visit(page, at) {
    const input = "#new-todo, .new-todo";
    await page.click(input);
    for (const text of ["Water the ferns", "Repot the cactus", "Buy soil"]) {
      await page.locator(input).first().pressSequentially(text);
      await page.keyboard.press("Enter");
      await at(`added ${text}`);
    }
    await page.locator("#todo-list .toggle, .todo-list .toggle").nth(1).click();
    await at("one done");
    await page.click('a[href*="#/active"]');
    await at("active");
    await page.click('a[href*="#/completed"]');
    await at("completed");
    await page.goBack();
    await at("back");
    await page.click('a[href$="#/"]');
    await page.locator("#todo-list label, .todo-list label").first().dblclick();
    await at("editing");
    await page.keyboard.press("End");
    await page.keyboard.type(" today");
    await page.keyboard.press("Enter");
    await at("edited");
    await page.mouse.wheel(0, 300);
    await page.locator("#toggle-all, .toggle-all").first().evaluate((node) => node.click());
    await at("all toggled");
  },
});

export const allVisits = {
  "rustdoc, a large type": {
    serve: rust,
    path: "/std/vec/struct.Vec.html",
    async visit(page, at) {
      await wheel(page, 1200);
      await at("scrolled");
      await page.click("#toggle-all-docs");
      await at("summary");
      await page.click("rustdoc-toolbar .settings-menu a");
      await page.waitForSelector("#settings, .popover .setting-line");
      await at("settings");
      await page.click("#theme-ayu, label[for=theme-ayu], .setting-radio:has-text('ayu')");
      await at("dark theme");
      await page.keyboard.press("Escape");
      await page.keyboard.press("s");
      await page.waitForSelector("input.search-input");
      await page.locator("input.search-input").first().pressSequentially("drain");
      await at("search");
      await page.goto(new URL("../option/enum.Option.html", page.url().split("?")[0]).href);
      await at("first navigation");
      await wheel(page, 2500);
      await at("read on");
      await page.goto(new URL("../index.html", page.url()).href);
      await at("second navigation");
      await page.goBack();
      await at("back");
      await page.locator("details.toggle > summary").nth(2).click();
      await at("folded");
    },
  },
  "rustdoc, an index of a crate": {
    serve: rust,
    path: "/std/index.html",
    async visit(page, at) {
      await page.locator("details.toggle > summary").first().click();
      await at("folded");
      await page.locator("details.toggle > summary").first().click();
      await wheel(page, 1500);
      await at("scrolled");
      await page.click("rustdoc-toolbar .settings-menu a");
      await page.waitForSelector("#settings, .popover .setting-line");
      await page.click("#theme-dark, label[for=theme-dark], .setting-radio:has-text('dark')");
      await at("dark theme");
      await page.keyboard.press("Escape");
      await at("settings closed");
      await page.click("dt a[href='collections/index.html']");
      await page.waitForURL(/collections/);
      await at("first navigation");
      await page.click("dt a[href='struct.HashMap.html']");
      await page.waitForURL(/HashMap/);
      await at("second navigation");
      await page.keyboard.press("s");
      await page.waitForSelector("input.search-input");
      await page.locator("input.search-input").first().pressSequentially("entry");
      await at("search");
      await page.goto(new URL("/std/collections/struct.HashMap.html", page.url()).href);
      await at("again");
      await page.goBack();
      await at("back");
    },
  },
  "mdBook, The Rust Programming Language": book("/book/ch01-00-getting-started.html", "/book/ch04-01-what-is-ownership.html", "/book/ch10-02-traits.html"),
  "mdBook, Rust by Example": book("/rust-by-example/hello.html", "/rust-by-example/hello/print.html", "/rust-by-example/fn/closures.html"),
  "mdBook, the Reference": book("/reference/introduction.html", "/reference/expressions/operator-expr.html", "/reference/types/closure.html"),
  "Sphinx, the Python tutorial": {
    serve: () => serveFolder(pythonDocumentation()),
    path: "/tutorial/index.html",
    async visit(page, at) {
      await wheel(page, 500);
      await at("scrolled");
      // This edition has no theme of its own; its reader prefers a dark one.
      await page.emulateMedia({ colorScheme: "dark" });
      await at("dark preferred");
      await page.locator("input[name=q]:visible").first().pressSequentially("lambda");
      await at("typed");
      await page.goto(new URL("controlflow.html", page.url()).href);
      await at("first navigation");
      await wheel(page, 3000);
      await at("read on");
      await page.locator("a.headerlink").nth(3).evaluate((node) => node.click());
      await at("fragment");
      await page.goto(new URL("classes.html", page.url()).href);
      await at("second navigation");
      await page.mouse.click(700, 400);
      await page.goBack();
      await at("back");
      await wheel(page, 800);
      await at("read again");
    },
  },
  "TodoMVC, React": todo("react"),
  "TodoMVC, Backbone": todo("backbone"),
  "TodoMVC, AngularJS": todo("angularjs"),
  "Swagger UI (React)": {
    serve: async () => {
      const folder = npmFolder("swagger-ui-dist");
      const initializer = (await readFile(`${folder}/swagger-initializer.js`, "utf8")).replace(/url: "[^"]*"/, 'url: "/greenhouse.json"');
      return serveFolder(folder, { "/swagger-initializer.js": initializer, "/greenhouse.json": SPECIFICATION });
    },
    path: "/index.html",
    async visit(page, at) {
      await page.waitForSelector(".opblock");
      await at("specification");
      await page.click(".opblock-get .opblock-summary");
      await page.waitForSelector(".opblock.is-open");
      await at("operation open");
      await page.click(".try-out__btn");
      await page.waitForSelector(".parameters input[type=text]");
      await page.locator(".parameters input[type=text]").first().pressSequentially("17");
      await at("typed");
      await page.locator(".parameters select").first().selectOption("closed");
      await at("chosen");
      await wheel(page, 500);
      await at("scrolled");
      await page.click(".opblock-post .opblock-summary");
      await page.waitForSelector(".opblock-post .opblock-body");
      await at("second operation");
      await page.click(".authorize");
      await page.waitForSelector(".dialog-ux .modal-ux");
      await at("dialog");
      await page.click(".btn-done");
      await page.goto(new URL("/oauth2-redirect.html", page.url()).href);
      await page.goto(new URL("/index.html?again=1", page.url()).href);
      await page.waitForSelector(".swagger-ui .topbar");
      await at("second navigation");
      await page.goBack();
      await page.goBack();
      await page.waitForSelector(".swagger-ui .topbar");
      await at("back");
    },
  },
  "DokuWiki (PHP)": {
    serve: serveDokuwiki,
    path: "/doku.php",
    async visit(page, at) {
      await page.goto(new URL("/doku.php?id=garden&do=edit", page.url()).href);
      await page.waitForSelector("#wiki__text");
      await page.locator("#wiki__text").pressSequentially("====== Garden ======\nFerns like **shade**.\n");
      await at("typed");
      await page.click("#edbtn__preview");
      await page.waitForSelector("div.preview");
      await at("preview");
      await page.click("#edbtn__save");
      await page.waitForSelector("h1");
      await at("saved");
      await page.mouse.click(640, 400);
      await page.goto(new URL("/doku.php?id=garden&do=login", page.url()).href);
      await page.waitForSelector("input[name=u]");
      await page.locator("input[name=u]").pressSequentially("keeper");
      await page.locator("input[name=p]").pressSequentially("not the password");
      await at("login form");
      await page.click("#dw__login button[type=submit]");
      await page.waitForSelector("div.error");
      await at("login refused");
      await page.goBack();
      await at("back");
      await page.goto(new URL("/doku.php?id=garden&do=revisions", page.url()).href);
      await at("revisions");
      await page.locator("#qsearch__in").pressSequentially("fern");
      await at("search typed");
      await page.goto(new URL("/doku.php?id=garden&do=index", page.url()).href);
      await wheel(page, 400);
      await at("index");
    },
  },
};

/** One of each kind of site: what a change waits for. `make check-all` visits them all (ALL_VISITS). */
const SHORT = ["rustdoc, an index of a crate", "mdBook, Rust by Example", "TodoMVC, React", "Swagger UI (React)", "DokuWiki (PHP)"];

export const visits = process.env.ALL_VISITS ? allVisits : Object.fromEntries(SHORT.map((name) => [name, allVisits[name]]));

const SPECIFICATION = JSON.stringify({
  openapi: "3.0.3",
  info: { title: "Greenhouse", version: "1.0" },
  components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } },
  paths: {
    "/beds/{id}": {
      get: {
        tags: ["beds"],
        summary: "One bed",
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "integer" } },
          { name: "state", in: "query", schema: { type: "string", enum: ["open", "closed"] } },
        ],
        responses: { 200: { description: "The bed" } },
      },
    },
    "/beds": {
      post: {
        tags: ["beds"],
        summary: "A new bed",
        requestBody: { content: { "application/json": { schema: { type: "object", properties: { plant: { type: "string" } } } } } },
        responses: { 201: { description: "Made" } },
      },
    },
  },
});
