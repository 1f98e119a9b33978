// An operator's own page under preview: a file of its own in front of the recorder's core. It has the core run whatever the page says
// about consent, starts it anew with each change of the draft, and shows a bar with which things are hidden by a click.
import { fetchNatively } from "../native";
import { countOf, selectorOf } from "./selector";
import { WORDS } from "./words";

interface Settings {
  /** Below this name the recorder posts. */
  key: string;
  /** The draft's number. */
  draft: number;
  /** Whether addresses are hidden but for a list. */
  listed: boolean;
  paths: string[];
  language: string;
}

/** What the server put into the file. */
declare const __PREVIEW__: Settings;

type Api = (name: string, ...values: unknown[]) => unknown;
type Heard = Api & { preview: (settings: Settings) => void; q: unknown[][] };
type Kind = "mask" | "block" | "ignore";

/** What a page may say to its recorder that bears on what is shown. */
const HEARD = /^(block|mask|ignore|event|tag|on|recording)$/;
const HIDES = /^(block|mask|ignore)$/;
/** Before a server that does not answer is asked again. */
const PATIENCE_MS = 2_000;

const page = window as unknown as { hushreel?: Heard; __BASE__?: string };
const settings = __PREVIEW__;
const { key } = settings;
const language = settings.language === "cs" ? "cs" : "en";
const file = document.currentScript as HTMLScriptElement | null;
const base = (file?.src ?? "").replace(/\/r\/[^/]*$/, "");
const token = key.slice(-32);

const STYLE = `:host { all: initial; position: fixed; left: 0; top: 0; width: 0; height: 0; z-index: 2147483647; }
section { box-sizing: border-box; position: fixed; inset: auto 12px 12px; margin: auto; max-width: 760px; display: flex; flex-wrap: wrap; gap: 8px 16px;
  align-items: center; padding: 12px 16px; font: 14px/1.4 system-ui, sans-serif; color: #fff; background: #1b1f27; border: 1px solid #fff6;
  border-radius: 10px; box-shadow: 0 6px 24px #0006; }
p { flex: 1 1 240px; margin: 0; } code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; } span { display: flex; flex-wrap: wrap; gap: 8px; }
button { min-height: 32px; padding: 0 12px; font: inherit; color: #fff; background: #2c3340; border: 1px solid #8b93a3; border-radius: 6px; cursor: pointer; }
.primary { color: #10131a; background: #9cc4ff; border-color: #9cc4ff; }
button:focus-visible { outline: 3px solid #ffd166; outline-offset: 2px; }
.frame { position: fixed; box-sizing: border-box; border: 2px solid #ff7a00; background: #ff7a0026; pointer-events: none; } .frame[hidden] { display: none; }`;

// Another draft's file: the bar that stands there takes it up.
if (page.hushreel?.preview) page.hushreel.preview(settings);
else begin();

function begin(): void {
  const words = WORDS[language];
  let core: Api | undefined;
  let ended = false;
  let { draft, listed, paths } = settings;
  const q = [...(page.hushreel?.q ?? [])].map((call) => [...call]).filter(([name]) => HEARD.test(String(name)));
  const heard: Heard = Object.assign(
    (name: string, ...values: unknown[]) => {
      if (!HEARD.test(name)) return undefined;
      // What waits for a core, and what is hidden, which stays so when the core begins anew.
      if (!core || HIDES.test(name)) q.push([name, ...values]);
      return core?.(name, ...values);
    },
    {
      q,
      preview(next: Settings) {
        ({ listed, paths } = next);
        if (resting || lead.textContent === words.stopped) rest();
      },
    },
  );
  page.hushreel = heard;

  /** The core, which stands behind this in the same file, took the name; the page goes on talking to us. */
  const listen = (script: HTMLScriptElement | null): void =>
    script?.addEventListener("load", () => {
      core = page.hushreel;
      page.hushreel = heard;
      core?.("on", "stopped", (why: string) => why === "refused" && !ended && over(words.stopped));
    });
  listen(file);

  const say = (word: object): Promise<Response> =>
    fetchNatively(`${base}/i/v1/${key}`, {
      method: "POST",
      body: JSON.stringify(word),
      headers: { "Content-Type": "text/plain" },
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
    });

  /** Begin the recorder anew under the draft as it is now. */
  function renew(): void {
    core?.("pause");
    core = undefined;
    const next = Object.assign(document.createElement("script"), { src: `${base}/r/preview.${token}.js?${draft}` });
    listen(next);
    document.head.append(next);
  }

  async function follow(): Promise<void> {
    for (;;) {
      const answer = await say({ draft }).catch(() => null);
      if (answer?.status === 200) {
        draft = Number(await answer.text());
        renew();
      } else if (answer?.status === 404) {
        ended = true;
        core?.("stop");
        return over();
      } else if (answer?.status !== 204) await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    }
  }

  const make = <T extends keyof HTMLElementTagNameMap>(tag: T, text = ""): HTMLElementTagNameMap[T] =>
    Object.assign(document.createElement(tag), { textContent: text });
  const button = (text: string, act: () => void, name = ""): HTMLButtonElement => {
    const made = Object.assign(make("button", text), { type: "button", className: name });
    made.addEventListener("click", act);
    return made;
  };

  // A box without size: in the replay there is nothing of it.
  const host = make("hushreel-preview" as "div");
  host.setAttribute("data-hush", "block");
  host.lang = language;
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const bar = make("section");
  bar.setAttribute("aria-label", words.title);
  const lead = make("p");
  lead.setAttribute("role", "status");
  const acts = make("span");
  const frame = Object.assign(make("div"), { className: "frame" });
  bar.append(make("strong", words.title), lead, acts);
  root.append(frame, bar);

  /** Nothing is being chosen. */
  let resting = false;

  function rest(told: string = words.lead): void {
    stopPicking?.();
    resting = true;
    lead.textContent = told;
    acts.replaceChildren(button(words.pick, pick, "primary"));
    const path = location.pathname;
    if (listed && !paths.includes(path)) acts.append(button(words.address(path), () => send("paths", path)));
    acts.append(button(words.end, leave));
  }

  function over(why: string = words.over): void {
    stopPicking?.();
    resting = false;
    lead.textContent = why;
    acts.replaceChildren(button(words.end, leave));
  }

  /** This tab is one like any other again. */
  function leave(): void {
    window.name = "";
    location.reload();
  }

  function send(list: string, entry: string): void {
    say({ list, entry }).then(
      ({ ok }) => rest(ok ? words.sent : words.failed),
      () => rest(words.failed),
    );
  }

  let stopPicking: (() => void) | undefined;

  /** Let the next click choose an element. */
  function pick(): void {
    resting = false;
    lead.textContent = words.picking;
    acts.replaceChildren(button(words.back, () => rest()));
    const over = (event: PointerEvent) => outline(targetOf(event));
    const take = (event: Event) => {
      if (event.composedPath().includes(host)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const target = targetOf(event);
      if (event.type === "click" && target) choose(target);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape") rest();
      else if (event.key !== "Enter" || !document.activeElement || document.activeElement === host) return;
      else choose(document.activeElement);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const heard = ["pointerdown", "pointerup", "mousedown", "mouseup", "click", "auxclick"];
    for (const type of heard) addEventListener(type, take, true);
    addEventListener("pointermove", over, true);
    addEventListener("keydown", key, true);
    document.documentElement.style.setProperty("cursor", "crosshair");
    stopPicking = () => {
      for (const type of heard) removeEventListener(type, take, true);
      removeEventListener("pointermove", over, true);
      removeEventListener("keydown", key, true);
      document.documentElement.style.removeProperty("cursor");
      outline(null);
      stopPicking = undefined;
    };
  }

  /** Ask what is to become of an element. */
  function choose(element: Element): void {
    stopPicking?.();
    resting = false;
    outline(element);
    const selector = selectorOf(element);
    const wider = element.parentElement;
    lead.replaceChildren(make("code", selector), " · " + words.means(countOf(selector, element)));
    const kinds: Kind[] = ["mask", "block", "ignore"];
    acts.replaceChildren(...kinds.map((kind) => button(words[kind], () => done(kind, selector))));
    if (wider && wider !== document.body && wider !== document.documentElement) acts.append(button(words.wider, () => choose(wider)));
    acts.append(button(words.back, () => done()));
    acts.querySelector("button")?.focus();
    function done(kind?: Kind, entry = ""): void {
      outline(null);
      if (kind) send(kind, entry);
      else rest();
    }
  }

  function outline(element: Element | null): void {
    const box = element?.getBoundingClientRect();
    frame.hidden = !box;
    if (box) Object.assign(frame.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` });
  }

  function targetOf(event: Event): Element | null {
    const [first] = event.composedPath();
    return first instanceof Element && first !== host && !event.composedPath().includes(host) ? first : null;
  }

  /** It was clicked in one page, and holds for those that follow in this tab. */
  function show(): void {
    document.documentElement.append(host);
    outline(null);
    rest();
  }

  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);
  void follow();
}
