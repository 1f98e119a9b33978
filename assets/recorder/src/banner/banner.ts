// Our own consent banner, for sites that have none: a file of its own in front of the recorder's core, where the policy asks for it and
// this visitor is asked. Two buttons that are alike, and one key in the browser, which holds the answer and nothing else.

import { say } from "../say";

type Words = readonly [question: string, more: string, yes: string, no: string];

const KEY = "hush-consent";
/** An answer holds for six months. */
const HOLDS_MS = 183 * 86_400_000;

const WORDS: Record<string, Words> = {
  cs: ["Smíme nahrávat, jak používáte tento web?", "Co se nahrává a proč", "Ano", "Ne"],
  sk: ["Smieme nahrávať, ako používate tento web?", "Čo sa nahráva a prečo", "Áno", "Nie"],
  en: ["May we record how you use this website?", "What is recorded and why", "Yes", "No"],
  de: ["Dürfen wir aufzeichnen, wie Sie diese Website nutzen?", "Was aufgezeichnet wird und warum", "Ja", "Nein"],
  pl: ["Czy możemy nagrywać, jak korzystają Państwo z tej strony?", "Co jest nagrywane i dlaczego", "Tak", "Nie"],
  fr: ["Pouvons-nous enregistrer votre utilisation de ce site ?", "Ce qui est enregistré et pourquoi", "Oui", "Non"],
  es: ["¿Podemos grabar cómo usa este sitio web?", "Qué se graba y por qué", "Sí", "No"],
  it: ["Possiamo registrare come usa questo sito?", "Che cosa viene registrato e perché", "Sì", "No"],
};

/** No animation, no colour that speaks for an answer; both buttons are of one size. */
const STYLE = `:host { all: initial; position: fixed; inset: auto 0 0; z-index: 2147483647; display: flex; justify-content: center; }
div { box-sizing: border-box; display: flex; flex-wrap: wrap; gap: 12px 20px; align-items: center; margin: 12px; padding: 16px 20px; max-width: 720px;
  font: 16px/1.4 system-ui, sans-serif; color: #111; background: #fff; border: 1px solid #767676; border-radius: 8px; box-shadow: 0 4px 16px #0003; }
p { flex: 1 1 260px; margin: 0; } a { color: inherit; } span { display: flex; gap: 12px; }
button { width: 112px; min-height: 44px; font: inherit; color: #111; background: #fff; border: 2px solid #111; border-radius: 6px; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid #0b57d0; outline-offset: 2px; }`;

const notice = ((document.currentScript as HTMLScriptElement | null)?.src ?? "").replace(/\/r\/([^/.]*)[^/]*$/, "/privacy/$1");

/** The answer that still holds. */
function kept(): string | null {
  try {
    const { answer, until } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as { answer?: string; until?: number };
    return answer && Number(until) > Date.now() && Number(until) <= Date.now() + HOLDS_MS ? answer : null;
  } catch {
    return null;
  }
}

function keep(answer: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ answer, until: Date.now() + HOLDS_MS }));
  } catch {
    // Without storage it holds for this page.
  }
}

let shown: HTMLElement | null = null;

function ask(): void {
  if (shown) return;
  const told = (document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
  const language = WORDS[told] ? told : "en";
  const [question, more, yes, no] = WORDS[language]!;
  const make = <T extends keyof HTMLElementTagNameMap>(tag: T, words = ""): HTMLElementTagNameMap[T] => Object.assign(document.createElement(tag), { textContent: words });
  shown = make("hushreel-consent" as "div");
  // No part of what is recorded.
  shown.setAttribute("data-hush", "block");
  shown.lang = language;
  const root = shown.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const [box, text, buttons, link] = [make("div"), make("p", question + " "), make("span"), make("a", more)];
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", question);
  Object.assign(link, { href: notice, target: "_blank", rel: "noopener noreferrer" });
  for (const [words, answer] of [[yes, "granted"], [no, "denied"]] as const) {
    const button = make("button", words);
    button.type = "button";
    button.addEventListener("click", () => {
      const before = kept();
      keep(answer);
      say("consent", answer === "denied" && before === "granted" ? "withdrawn" : answer);
      shown?.remove();
      shown = null;
    });
    buttons.append(button);
  }
  if (notice) text.append(link);
  box.append(text, buttons);
  root.append(box);
  document.body.append(shown);
}

/** What a page offers to think again: any element with this attribute. */
document.addEventListener("click", (event) => {
  if (!(event.target as Element | null)?.closest?.("[data-hush-consent]")) return;
  event.preventDefault();
  ask();
});

const answer = kept();
if (answer === "granted") say("consent", answer);
else if (!answer) {
  if (document.body) ask();
  else document.addEventListener("DOMContentLoaded", ask);
}
