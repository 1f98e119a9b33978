// What to tell a person about an error: the server's own sentence where it has one, ours for the usual rest.
import { ApiError } from './api';
import type { Words } from './words/speech.svelte';

export function explain(error: unknown, words: Words): string {
  if (!(error instanceof ApiError)) return words.failed.other;
  if (error.status === 0) return words.failed.offline;
  if (error.status === 403) return words.failed.refused;
  if (error.status === 404) return words.failed.missing;
  if (error.status === 423) return words.failed.restricted;
  if (error.status === 429) return words.failed.busy;
  return error.message || words.failed.other;
}
