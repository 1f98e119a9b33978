// Which language is spoken now. English is built in; others are fetched when first asked for.
import { en } from './en';

export type Words = typeof en;
export type Language = 'en' | 'cs';

export const LANGUAGES: readonly { readonly code: Language; readonly name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'cs', name: 'Čeština' },
];

const LOAD: Record<Language, () => Promise<Words>> = {
  en: () => Promise.resolve(en),
  cs: async () => (await import('./cs')).cs,
};

class Speech {
  code = $state<Language>('en');
  words = $state.raw<Words>(en);

  /** Speak `language`, or the browser's where it is unknown. */
  async speak(language: string | null | undefined): Promise<void> {
    const code = known(language) ?? browserLanguage();
    const words = await LOAD[code]();
    this.code = code;
    this.words = words;
    document.documentElement.lang = code;
  }
}

export const speech = new Speech();

/** The words of the language spoken now. */
export const say = (): Words => speech.words;

function browserLanguage(): Language {
  return navigator.languages.map(known).find((code) => code !== undefined) ?? 'en';
}

function known(language: string | null | undefined): Language | undefined {
  return LANGUAGES.find(({ code }) => code === language?.slice(0, 2).toLowerCase())?.code;
}
