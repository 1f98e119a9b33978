// What filters are called, and the chips of those that stand in the address.
import { say, speech } from '../words/speech.svelte';
import { CHOICES, TERMS, toggled, type ChoiceKind, type Filters } from './filters';

export interface Chip {
  readonly key: string;
  readonly name: string;
  /** What taking it away changes in the address. */
  readonly without: Readonly<Record<string, string | null>>;
}

/** A choice as people call it. */
export function choiceName(kind: ChoiceKind, value: string): string {
  if (value === 'unknown') return say().recordings.unknown;
  if (kind === 'device') return say().details.devices[value as 'desktop' | 'tablet' | 'phone'] ?? value;
  if (kind !== 'country') return value;
  try {
    return new Intl.DisplayNames(speech.code, { type: 'region' }).of(value) ?? value;
  } catch {
    return value; // no code of a country: the address was written by hand
  }
}

/** Every filter that leaves something out, in the order of the bar. */
export function chipsOf(filters: Filters, siteName: (key: string) => string): Chip[] {
  const words = say().recordings;
  const chips: Chip[] = [];
  const add = (key: string, name: string | null | undefined, without?: string) => {
    if (name) chips.push({ key: `${key} ${name}`, name, without: { [key]: without ?? null } });
  };
  add('site', filters.site && siteName(filters.site));
  add('period', filters.period && words.periods[filters.period]);
  add('visitor', filters.visitor && words.visitor(filters.visitor.slice(0, 8)));
  add('q', filters.q && words.searched(filters.q));
  for (const kind of TERMS) {
    const term = filters.terms[kind];
    add(kind, term && `${words.terms[kind]}: ${term}`);
  }
  for (const kind of CHOICES) {
    const chosen = filters.choices[kind];
    for (const value of chosen) add(kind, choiceName(kind, value), toggled(chosen, value));
  }
  add('length', filters.length && words.lengths[filters.length]);
  add('activity', filters.activity && words.activities(Number(filters.activity)));
  add('watched', filters.watched === null ? null : filters.watched ? words.onlyWatched : words.onlyUnwatched);
  add('bots', filters.bots ? words.withBots : null);
  return chips;
}
