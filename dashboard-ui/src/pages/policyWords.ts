// A policy as the sentences that a person reads: what is kept, what is hidden, for how long. Pure.
import type { Policy } from '../api';
import type { Words } from '../words/speech.svelte';

export function policyWords(policy: Policy, words: Words): string[] {
  const say = words.site.words;
  return [
    say.consent[policy.consent],
    say.text[policy.text],
    say.forms[policy.forms],
    say.media[policy.media],
    say.urls[policy.urls],
    say.console[policy.console],
    say.network[policy.network],
    say.identity[policy.identity],
    ...(policy.gpc ? [say.gpc] : []),
    ...(policy.dnt ? [say.dnt] : []),
    ...(policy.sample < 100 ? [say.sample(String(policy.sample))] : []),
    ...(policy.only_urls.length ? [say.only(policy.only_urls.join(', '))] : []),
    ...(policy.skip_urls.length ? [say.skip(policy.skip_urls.join(', '))] : []),
    ...(policy.trigger === 'call' ? [say.trigger] : []),
    ...(policy.min_interaction ? [say.interaction] : []),
    say.longest(policy.max_minutes),
    say.retention(policy.retention_days),
    ...(policy.quota ? [say.quota(String(policy.quota))] : []),
  ];
}
