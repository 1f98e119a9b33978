// A moment as a line that a person reads, with its sign. Pure.
import type { IconName } from '../components/icons';
import { duration, number } from '../formats';
import type { Words } from '../words/speech.svelte';
import type { Moment } from './model';
import type { Target } from './nodes';

export const MOMENT_ICONS: Record<Moment['kind'], IconName> = {
  page: 'page',
  click: 'click',
  rage: 'warn',
  dead: 'warn',
  'error-click': 'warn',
  'quick-back': 'back',
  input: 'input',
  resize: 'resize',
  tab: 'tab',
  gap: 'gap',
  shed: 'gap',
  error: 'warn',
  event: 'check',
};

export function momentWords(moment: Moment, words: Words, language: string): string {
  switch (moment.kind) {
    case 'page':
      return moment.load ? words.event.load(moment.url) : words.event.page(moment.url);
    case 'click':
      return words.event.click(targetWords(moment.target, words));
    case 'rage':
      return words.event.rage(targetWords(moment.target, words), moment.clicks);
    case 'dead':
      return words.event.dead(targetWords(moment.target, words));
    case 'error-click':
      return words.event.errorClick(targetWords(moment.target, words));
    case 'quick-back':
      return words.event.quickBack(moment.url);
    case 'error':
      return words.event.error([moment.name, moment.message].filter(Boolean).join(': '));
    case 'event':
      return words.event.event(moment.name);
    case 'input':
      return moment.toggle ? words.event.toggle(targetWords(moment.target, words)) : words.event.input(targetWords(moment.target, words));
    case 'resize':
      return words.event.resize(words.player.viewport(moment.width, moment.height));
    case 'tab':
      return moment.hidden ? words.event.left : words.event.back;
    case 'gap':
      if (moment.batches > 0) return words.event.missing(moment.batches);
      if (moment.ops === 0 && moment.ms > 0) return words.event.skipped(duration(language, moment.ms));
      return words.event.gap(number(language, moment.ops), duration(language, moment.ms));
    case 'shed':
      return words.event.sheds[moment.level] ?? words.event.shedsMore;
  }
}

function targetWords(target: Target, words: Words): string {
  const kind = words.event.kinds[target.kind];
  if (target.name === null) return kind;
  return target.name === '' ? words.event.hidden(kind) : words.event.named(kind, target.name);
}
