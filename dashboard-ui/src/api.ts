// The one place that speaks to the network. Types are those of ARCHITECTURE.md, "The API".
import { ArraySplitter } from './player/splitter';
import type { Marks } from './player/marks';
import type { ReplayAsset, ReplayEvent } from './player/protocol';

export type Preset = 'strict' | 'balanced' | 'full' | 'changed';

export interface Account {
  id: string;
  email: string;
  role: string;
  language: string | null;
}

export interface Site {
  key: string;
  name: string;
  origins: string[];
  preset: Preset;
  paused: boolean;
  purpose: string;
  created_at: number;
  policy_version: number;
  policy_hash: string;
  recordings: number;
  snippet: string;
  last_fetched_at: number | null;
  last_batch_at: number | null;
}

export interface NewSite {
  name: string;
  origins: string[];
  preset: 'strict' | 'balanced' | 'full';
  consent: 'required' | 'not-required';
  purpose: string;
}

export interface Policy {
  preset: Preset;
  text: 'mask' | 'redact' | 'show';
  forms: 'off' | 'masked' | 'record';
  media: 'block' | 'same-origin' | 'show';
  urls: 'listed' | 'generalised' | 'path';
  mask: string[];
  block: string[];
  ignore: string[];
  show: string[];
  paths: string[];
  query: string[];
  attributes: string[];
  console: 'off' | 'meta' | 'redact';
  network: 'off' | 'meta' | 'redact';
  consent: 'required' | 'by-country' | 'not-required';
  identity: 'none' | 'visit' | 'visitor';
  gpc: boolean;
  dnt: boolean;
  countries: Record<string, 'required' | 'not-required'>;
  sample: number;
  only_urls: string[];
  skip_urls: string[];
  trigger: 'call' | 'load';
  max_minutes: number;
  min_interaction: number;
  compat: string[];
  banner: boolean;
  purpose: string;
  retention_days: number;
  /** Megabytes; 0 for none. */
  quota: number;
}

/** One key of a policy that is not as it was. */
export interface Change {
  key: string;
  from: unknown;
  to: unknown;
  looser: boolean;
}

export interface PolicyVersion {
  version: number;
  hash: string;
  saved_at: number;
  by: string | null;
  reason: string;
  changes: Change[];
}

export interface SavedPolicy {
  version: number;
  hash: string;
  policy: Policy;
  saved_at: number;
  /** Keys that the server's configuration file sets, and its name. */
  fixed: { file: string; keys: string[] };
}

/** What the public notice of a site says in one language; more of it stands in the page itself. */
export interface Notice {
  link: string;
  paste: string;
  notice: string;
}

export interface Progress {
  fetched: boolean;
  batch: boolean;
  recording: string | null;
  refused: { rule: string; count: number }[];
}

export interface Recording {
  id: string;
  site: string;
  started_at: number;
  ended_at: number;
  duration_ms: number;
  state: 'live' | 'finished' | 'refused';
  refused_rule: string | null;
  pages: number;
  clicks: number;
  inputs: number;
  events: number;
  bytes: number;
  entry: string;
  exit: string;
  device: 'desktop' | 'tablet' | 'phone';
  browser: string;
  os: string;
  width: number;
  height: number;
  /** Two letters; null where it is not known. */
  country: string | null;
  /** A program that says so itself. */
  bot: boolean;
  /** Names whose browser it was; null where the policy lets no visit be known again. */
  visitor: string | null;
  preset: Preset;
  policy_version: number;
  /** On what basis it was made, since when, and under which policy. */
  consent: { basis: string; at: number; policy: string | null };
  gaps: number;
  /** Batches that cannot be read any more, as far as is known: their bytes have changed on the server's disk. */
  damaged: number;
  watched: boolean;
  /** When its keyframes and marks were made; none while that is still to come. */
  marked_at: number | null;
  /** How often what a watcher looks for was found; all zero until then. */
  signals: { rage: number; dead: number; error_clicks: number; quick_backs: number; errors: number; custom: number };
  /** What is restricted is kept longer. */
  expires_at: number;
  /** Who asked that it is kept and not used, since longest first. */
  restrictions: Restriction[];
}

/** Somebody who asks. */
export interface Actor {
  /** `visitor`, `command`, or the id of an account or a token. */
  by: string;
  /** The account's address or the token's name, as far as it is still there. */
  name: string | null;
}

export interface Restriction extends Actor {
  since: number;
  reason: string;
}

/** Something that was asked about a recording, and when it was done. */
export interface DataRequest extends Actor {
  recording: string;
  kind: 'access' | 'copy' | 'erasure' | 'withdrawal' | 'restriction' | 'lift';
  reason: string;
  times: number;
  asked_at: number;
  done_at: number;
}

/** A picture or font that could not be read when the page was recorded. */
export interface Unreadable {
  url: string;
  cause: Cause;
}

export type Cause = 'cors' | 'too-large' | 'budget' | 'save-data' | 'failed' | 'type' | 'forbidden' | 'insecure' | 'lost';

export interface RecordingDetail extends Recording {
  /** What the site called whoever was signed in. */
  identified: string[];
  unreadable: number;
  page_list: { page: string; url: string; title: string | null; at: number }[];
  gap_list: { at: number; ops: number; ms: number }[];
}

export interface Token {
  id: string;
  name: string;
  role: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

export interface Strength {
  score: 0 | 1 | 2 | 3 | 4;
  warning: string | null;
  suggestions: string[];
}

/** The server's refusal: its status and its own sentence. Status 0 means that no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    detail: string,
  ) {
    super(detail);
  }
}

async function ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path.startsWith('/') ? path : `/api/v1/${path}`, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      // A file goes as it is.
      body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'offline', '');
  }
  if (answer.ok) return answer;
  const problem: { type?: string; title?: string; detail?: string } = await answer.json().catch(() => ({}));
  throw new ApiError(answer.status, problem.type ?? '', problem.detail ?? problem.title ?? '');
}

const read = async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
  (await ask(method, path, body, signal)).json() as Promise<T>;

const tell = async (method: string, path: string, body?: unknown): Promise<void> => {
  await ask(method, path, body);
};

const id = encodeURIComponent;

/** What became of one window of a file. */
export interface ImportedRecording {
  id: string;
  pages: number;
  events: number;
  started_at: number;
  duration_ms: number;
  taken_out: number;
}

export const importRecordings = (site: string, file: Blob) =>
  read<{ recordings: ImportedRecording[] }>('POST', `sites/${id(site)}/recordings/import`, file);

/** Where a browser downloads a recording: as a file that plays itself, or as data. */
export const downloadOf = (recording: string, form: 'html' | 'json') => `/api/v1/recordings/${id(recording)}/export.${form}`;

/** Where it downloads the list that these parameters ask for, as a table. */
export const tableOf = (query: RecordingsQuery): string => `/api/v1/recordings.csv?${new URLSearchParams(query)}`;

export const setupNeeded = () => read<{ needed: boolean }>('GET', 'setup');
export const setUp = (first: { token: string; email: string; password: string; language: string }) =>
  read<{ account: Account }>('POST', 'setup', first);
export const passwordStrength = (password: string, email: string, signal: AbortSignal) =>
  read<Strength>('POST', 'password/check', { password, email }, signal);

export const signIn = (email: string, password: string) => read<{ account: Account }>('POST', 'login', { email, password });
export const signOut = () => tell('DELETE', 'login');
export const account = () => read<Account>('GET', 'account');
export const setLanguage = (language: string) => tell('PUT', 'account', { language });

export const sites = () => read<{ items: Site[] }>('GET', 'sites');
export const site = (key: string) => read<Site>('GET', `sites/${id(key)}`);
export const addSite = (site: NewSite) => read<Site>('POST', 'sites', site);
export const changeSite = (key: string, change: { name?: string; origins?: string[]; paused?: boolean }) =>
  read<Site>('PATCH', `sites/${id(key)}`, change);
export const removeSite = (key: string) => tell('DELETE', `sites/${id(key)}`);
export const policy = (key: string) => read<SavedPolicy>('GET', `sites/${id(key)}/policy`);
export const setPolicy = (key: string, policy: Policy, reason = '') =>
  read<SavedPolicy>('PUT', `sites/${id(key)}/policy?reason=${encodeURIComponent(reason)}`, policy);
export const presets = () => read<Record<Preset, Policy>>('GET', 'presets');
/** What saving this policy would change; an error names the key that is wrong. */
export const comparePolicy = (key: string, policy: Policy, signal: AbortSignal) =>
  read<{ changes: Change[]; looser: boolean }>('POST', `sites/${id(key)}/policy/compare`, policy, signal);
/** On how many pages each rule was looked for, and on how many it matched something. */
export const ruleHits = (key: string) =>
  read<{ items: { key: string; selector: string; looked: number; matched: number }[] }>('GET', `sites/${id(key)}/rules`);

export interface Words {
  en: string;
  cs: string;
}

/** One thing that a law or a regulator asks, held against the policy. */
export interface Clause {
  id: string;
  sentence: Words;
  source: string;
  verdict: 'pass' | 'fail' | 'does-not-apply';
  reason: Words;
  change: { key: string; to: unknown; how: Words } | null;
}

export interface Profiles {
  items: { profile: 'cnil-2026' | 'cz' | 'eu-default' | 'us-ca'; ok: boolean; clauses: Clause[] }[];
  notice: Words;
}

export const dataRequests = (key: string, cursor: string | null) =>
  read<{ items: DataRequest[]; next: string | null }>('GET', `sites/${id(key)}/requests?limit=10${cursor ? `&cursor=${cursor}` : ''}`);

export const profiles = (key: string) => read<Profiles>('GET', `sites/${id(key)}/profiles`);

/** A list of the policy that a click in the previewed page can add to. */
export type PickList = 'mask' | 'block' | 'ignore' | 'paths';

const previews = (key: string, token = '') => `sites/${id(key)}/previews${token && `/${token}`}`;

/** Look at the operator's own page under this policy; the token opens it. */
export const beginPreview = (key: string, policy: Policy, language: string) => read<{ token: string }>('POST', previews(key), { policy, language });
export const changePreview = (key: string, token: string, policy: Policy) => tell('PUT', previews(key, token), { policy });
export const endPreview = (key: string, token: string) => tell('DELETE', previews(key, token));

export async function previewAssets(key: string, token: string): Promise<ReplayAsset[]> {
  const { items } = await read<{ items: { hash: string; kind: string }[] }>('GET', `${previews(key, token)}/assets`);
  return fetchAssets(items, (hash) => `${previews(key, token)}/assets/${hash}`);
}

/** Hear what would be kept of the page, as it happens; the returned function stops. The browser reconnects by itself. */
export function followPreview(
  key: string,
  token: string,
  on: {
    page: () => void;
    events: (events: ReplayEvent[]) => void;
    asset: () => void;
    /** `number` grows: what was heard before is told again to a new listener. */
    picked: (list: PickList, entry: string, number: number) => void;
    refused: (rule: string, selector: string) => void;
    tooLarge: () => void;
    ended: () => void;
  },
): () => void {
  const source = new EventSource(`/api/v1/${previews(key, token)}/events`);
  const hear = <T>(name: string, take: (said: T, number: number) => void) =>
    source.addEventListener(name, (event: MessageEvent<string>) => take(JSON.parse(event.data) as T, Number(event.lastEventId)));
  hear('page', on.page);
  hear('events', on.events);
  hear('asset', on.asset);
  hear('picked', (said: { list: PickList; entry: string }, number) => on.picked(said.list, said.entry, number));
  hear('refused', (said: { rule: string; selector: string }) => on.refused(said.rule, said.selector));
  hear('too-large', on.tooLarge);
  source.addEventListener('error', () => source.readyState === EventSource.CLOSED && on.ended());
  return () => source.close();
}

export const policyVersions = (key: string) => read<{ items: PolicyVersion[] }>('GET', `sites/${id(key)}/policy/versions`);

/** The public notice, which is no part of the API: visitors read the same. */
export const notice = (key: string, language: string) => read<Notice>('GET', `/privacy/${id(key)}.json?lang=${id(language)}`);

/** Follow a new site's first steps; the returned function stops. The browser reconnects by itself. */
export function followProgress(key: string, on: { progress: (now: Progress) => void; connected: (yes: boolean) => void }): () => void {
  const source = new EventSource(`/api/v1/sites/${id(key)}/progress`);
  source.addEventListener('progress', (event: MessageEvent<string>) => on.progress(JSON.parse(event.data) as Progress));
  source.addEventListener('open', () => on.connected(true));
  source.addEventListener('error', () => on.connected(false));
  return () => source.close();
}

/** Parameters of the list, as `filters.ts` makes them. */
export type RecordingsQuery = Readonly<Record<string, string>>;

export interface Choice {
  readonly value: string;
  readonly count: number;
}

/** How many recordings would fit with each choice. */
export type Facets = Readonly<Record<'site' | 'device' | 'browser' | 'os' | 'country' | 'signal', readonly Choice[]>>;

export interface RecordingList {
  items: Recording[];
  next: string | null;
  /** All that fit. */
  count: number;
  facets: Facets | null;
}

export function recordings(query: RecordingsQuery, signal: AbortSignal): Promise<RecordingList> {
  return read('GET', `recordings?${new URLSearchParams(query)}`, undefined, signal);
}

/** Paths, events or tags that recordings are found by, those of the most recordings first. */
export function terms(kind: 'page' | 'event' | 'tag', part: string, site: string | null, signal: AbortSignal): Promise<{ items: Choice[] }> {
  return read('GET', `recordings/terms?${new URLSearchParams({ kind, q: part, site: site ?? '' })}`, undefined, signal);
}

export const recording = (recording: string) => read<RecordingDetail>('GET', `recordings/${id(recording)}`);
export const restrict = (recording: string, reason: string) => tell('POST', `recordings/${id(recording)}/restriction`, { reason });
export const lift = (recording: string, reason: string) => tell('DELETE', `recordings/${id(recording)}/restriction?reason=${encodeURIComponent(reason)}`);
export const deleteRecording = (recording: string) => tell('DELETE', `recordings/${id(recording)}`);
/** All that is known of a visitor; of his recordings, those that are restricted stay when he is erased. */
export interface Visitor {
  id: string;
  site: string;
  recordings: number;
  restricted: number;
}

export const visitor = (visitor: string) => read<Visitor>('GET', `visitors/${id(visitor)}`);
export const deleteVisitor = (visitor: string) => tell('DELETE', `visitors/${id(visitor)}`);
export const setWatched = (recording: string) => tell('PUT', `recordings/${id(recording)}/watched`);

/** The events of a recording, handed over while they still arrive. Ends when all have come. */
export async function events(recording: string, take: (events: ReplayEvent[]) => void, signal: AbortSignal): Promise<void> {
  const answer = await ask('GET', `recordings/${id(recording)}/events`, undefined, signal);
  if (!answer.body) return;
  const splitter = new ArraySplitter();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const found = splitter.push(value).map((text) => JSON.parse(text) as ReplayEvent);
    if (found.length > 0) take(found);
  }
  if (!splitter.finished) throw new ApiError(0, 'interrupted', '');
}

/** What happened in a finished recording, and where its parts begin. */
export const marks = (recording: string) => read<Marks>('GET', `recordings/${id(recording)}/marks`);

/** The events from one keyframe to the next, as a JSON array. */
export async function part(recording: string, from: number, to: number | null, signal: AbortSignal): Promise<string> {
  const until = to === null ? '' : `&to=${to}`;
  return (await ask('GET', `recordings/${id(recording)}/events?from=${from}${until}`, undefined, signal)).text();
}

/** Requests for pictures and fonts under way at once. */
const ASSETS_AT_ONCE = 6;

/** The bytes of these. One that is gone meanwhile is missing, which breaks nothing. */
async function fetchAssets(items: readonly { hash: string; kind: string }[], pathOf: (hash: string) => string, signal?: AbortSignal): Promise<ReplayAsset[]> {
  const found: ReplayAsset[] = [];
  const waiting = [...items];
  const fetchOn = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { hash, kind } = next;
      const answer = await ask('GET', pathOf(hash), undefined, signal).catch(() => undefined);
      if (answer) found.push({ hash, kind, bytes: await answer.arrayBuffer() });
    }
  };
  await Promise.all(Array.from({ length: ASSETS_AT_ONCE }, fetchOn));
  return found;
}

/** The recording's pictures and fonts. */
export async function assets(recording: string, signal: AbortSignal): Promise<ReplayAsset[]> {
  const { items } = await assetList(recording, signal);
  return fetchAssets(items, (hash) => `recordings/${id(recording)}/assets/${hash}`, signal);
}

export const assetList = (recording: string, signal: AbortSignal) =>
  read<{ items: { hash: string; kind: string; bytes: number }[]; missing: (Unreadable & { imported: string | null })[] }>('GET', `recordings/${id(recording)}/assets`, undefined, signal);

export const unreadable = (key: string) => read<{ items: (Unreadable & { times: number })[] }>('GET', `sites/${id(key)}/unreadable`);

/** What was found on a site that somebody has to mend: kind and place, never a value. */
export interface Finding {
  id: string;
  by: 'recorder' | 'door' | 'auditor';
  kind: string;
  page: string;
  selector: string;
  times: number;
  first_at: number;
  last_at: number;
  state: 'open' | 'fixed' | 'accepted';
  reason: string;
  fix: { attribute: string; mask: string | null };
}

export const findings = (key: string) => read<{ items: Finding[] }>('GET', `sites/${id(key)}/findings`);
export const settleFinding = (key: string, finding: string, state: Finding['state'], reason: string) =>
  tell('PUT', `sites/${id(key)}/findings/${id(finding)}`, { state, reason });

export const tokens = () => read<{ items: Token[] }>('GET', 'tokens');
export const createToken = (token: { name: string; role: string; days: number }) => read<Token & { token: string }>('POST', 'tokens', token);
export const revokeToken = (token: string) => tell('DELETE', `tokens/${id(token)}`);
