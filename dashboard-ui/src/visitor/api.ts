// The one place of the visitor's own page that speaks to the network. Proofs go in bodies, never in addresses.
import type { ReplayAsset, ReplayEvent } from '../player/protocol';
import { ArraySplitter } from '../player/splitter';
import type { Proof } from './proofs';

export interface Recording {
  readonly id: string;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly pages: number;
  readonly expires_at: number;
  /** Since when it is kept and not used. */
  readonly restricted_at: number | null;
  readonly restricted_by_visitor: boolean;
  /** With what it is linked: the others of its tab, or the browser's other visits. */
  readonly linked: 'visit' | 'visitor' | null;
  /** What the site called whoever was signed in. */
  readonly identified: readonly string[];
}

/** What the server did not do. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(String(status));
  }
}

async function ask(site: string, what: string, body: object): Promise<Response> {
  const answer = await fetch(`/visitor/v1/${site}/${what}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    credentials: 'omit',
    cache: 'no-store',
  });
  if (!answer.ok) throw new Refused(answer.status);
  return answer;
}

/** Those of these recordings that are there. */
export async function list(site: string, proofs: readonly Proof[]): Promise<Recording[]> {
  return ((await (await ask(site, 'recordings', { proofs })).json()) as { items: Recording[] }).items;
}

export const erase = (site: string, proof: Proof): Promise<unknown> => ask(site, 'erase', { proof });

export const restrict = (site: string, proof: Proof): Promise<unknown> => ask(site, 'restrict', { proof });
export const lift = (site: string, proof: Proof): Promise<unknown> => ask(site, 'lift', { proof });

/** The whole recording as rrweb JSON. */
export const download = async (site: string, proof: Proof): Promise<Blob> => (await ask(site, 'copy', { proof })).blob();

/** Hand over the recording's events as they arrive. */
export async function events(site: string, proof: Proof, take: (events: ReplayEvent[]) => void): Promise<void> {
  const answer = await ask(site, 'events', { proof });
  const splitter = new ArraySplitter();
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    const found = splitter.push(piece.value).map((text) => JSON.parse(text) as ReplayEvent);
    if (found.length > 0) take(found);
  }
  if (!splitter.finished) throw new Error('the recording broke off');
}

/** The recording's pictures and fonts; one that does not come is drawn as an empty one. */
export async function assets(site: string, proof: Proof): Promise<ReplayAsset[]> {
  const { items } = (await (await ask(site, 'assets', { proof })).json()) as { items: { hash: string; kind: string }[] };
  const found = await Promise.all(
    items.map(async ({ hash, kind }) => {
      const answer = await ask(site, 'asset', { proof, hash }).catch(() => null);
      return answer && { hash, kind, bytes: await answer.arrayBuffer() };
    }),
  );
  return found.filter((asset) => asset !== null);
}
