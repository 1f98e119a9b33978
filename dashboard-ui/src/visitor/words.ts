// The page's words: the server writes them into the page, in the language that the visitor chose.

const WORDS = [
  'none', 'gone', 'lead', 'started', 'pages', 'length', 'until', 'watch', 'close', 'play', 'pause', 'position', 'stage', 'download',
  'linked_visit', 'linked_visitor', 'identified', 'restrict', 'lift', 'restricted', 'restricted_by_you', 'restricted_by_site', 'now_restricted', 'now_lifted',
  'erase', 'erase_all', 'sure', 'yes', 'no', 'erased', 'save', 'load', 'unreadable', 'failed', 'too_often',
] as const;

export type Words = Readonly<Record<(typeof WORDS)[number], string>>;

export const words = JSON.parse(document.getElementById('words')?.textContent ?? '{}') as Words;

export const language = document.documentElement.lang;
