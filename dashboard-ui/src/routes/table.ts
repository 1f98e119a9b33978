// Every address of the dashboard, and how an address is read. Pure: the browser's history is in router.svelte.ts.

export type RouteName = 'recordings' | 'recording' | 'sites' | 'site-new' | 'site' | 'findings' | 'privacy' | 'settings' | 'sign-in' | 'setup' | 'not-found';

export interface Match {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
}

const TABLE: readonly (readonly [pattern: string, name: RouteName])[] = [
  ['/', 'recordings'],
  ['/recordings/:id', 'recording'],
  ['/sites', 'sites'],
  ['/sites/new', 'site-new'],
  ['/sites/:key', 'site'],
  ['/sites/:key/findings', 'findings'],
  ['/sites/:key/privacy', 'privacy'],
  ['/settings', 'settings'],
  ['/sign-in', 'sign-in'],
  ['/setup', 'setup'],
];

/** What `path` shows. The first pattern that fits wins; none is `not-found`. */
export function match(path: string): Match {
  const parts = split(path);
  for (const [pattern, name] of TABLE) {
    const params = fit(split(pattern), parts);
    if (params) return { name, params };
  }
  return { name: 'not-found', params: {} };
}

/** The same address with some query parameters changed; `null` or '' removes one. */
export function withQuery(path: string, query: URLSearchParams, changes: Record<string, string | null>): string {
  const next = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value) next.set(key, value);
    else next.delete(key);
  }
  const text = next.toString();
  return text ? `${path}?${text}` : path;
}

/** `wanted` if it is an address of ours, else the home page: a link must not send anybody elsewhere after signing in. */
export function safeNext(wanted: string | null): string {
  return wanted && /^\/(?![/\\])/.test(wanted) && match(wanted.split(/[?#]/, 1)[0] ?? '/').name !== 'not-found' ? wanted : '/';
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function fit(pattern: string[], parts: string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, want] of pattern.entries()) {
    const got = parts[index] ?? '';
    if (want.startsWith(':')) {
      try {
        params[want.slice(1)] = decodeURIComponent(got);
      } catch {
        return undefined; // a stray percent sign is no address of ours
      }
    } else if (want !== got) return undefined;
  }
  return params;
}
