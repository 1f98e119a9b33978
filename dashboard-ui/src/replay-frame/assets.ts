// Pictures and fonts of a recording. Events name them as `hush:HASH`; their bytes come by the port and become blob: addresses,
// which stand in the events before rrweb sees them. A vector picture was drawn as pixels: it is framed in the size it had.
import type { ReplayAsset, ReplayEvent } from '../player/protocol';
import { EventType, type Fields, isFields, isNode, listOf, Source, walk } from '../player/rrweb';

const LINK = /hush:([0-9a-f]{32})(?:\/(\d{1,5})x(\d{1,5})(u?))?/g;
/** Where nothing stands. */
const NOWHERE = 'data:,';
/** `String.fromCharCode` takes so many at once. */
const SLICE = 0x8000;

type Written = Record<string, unknown>;

export class Assets {
  readonly #held = new Map<string, ReplayAsset>();
  readonly #addresses = new Map<string, string>();

  take(assets: readonly ReplayAsset[]): void {
    for (const asset of assets) this.#held.set(asset.hash, asset);
  }

  /** Put addresses that load where the event names an asset. Changes `event`. */
  fill(event: ReplayEvent): void {
    if (!isFields(event.data)) return;
    if (event.type === EventType.FullSnapshot) return this.#tree(event.data.node);
    if (event.type !== EventType.Incremental) return;
    const { data } = event;
    switch (data.source) {
      case Source.Mutation:
        for (const added of listOf(data.adds)) if (isFields(added)) this.#tree(added.node);
        for (const changed of listOf(data.attributes)) if (isFields(changed)) this.#strings(changed.attributes);
        return;
      case Source.StyleRule:
        for (const added of listOf(data.adds)) this.#strings(added);
        return this.#strings(data);
      case Source.AdoptedSheets:
        for (const style of listOf(data.styles)) if (isFields(style)) for (const rule of listOf(style.rules)) this.#strings(rule);
        return;
    }
  }

  #tree(root: unknown): void {
    if (!isNode(root)) return;
    for (const node of walk(root)) this.#strings(node.attributes);
  }

  #strings(fields: unknown): void {
    if (!isFields(fields)) return;
    for (const [name, value] of Object.entries(fields as Fields)) {
      if (typeof value === 'string' && value.includes('hush:')) {
        (fields as Written)[name] = value.replace(LINK, (link, hash: string, width?: string, height?: string, unsized?: string) => this.#address(link, hash, width, height, unsized));
      }
    }
  }

  #address(link: string, hash: string, width?: string, height?: string, unsized?: string): string {
    const known = this.#addresses.get(link);
    if (known) return known;
    const asset = this.#held.get(hash);
    if (!asset) return NOWHERE;
    const parts = width && height ? [framed(asset, width, height, !unsized)] : [asset.bytes];
    const address = URL.createObjectURL(new Blob(parts, { type: width ? 'image/svg+xml' : asset.kind }));
    this.#addresses.set(link, address);
    return address;
  }
}

function framed(asset: ReplayAsset, width: string, height: string, sized: boolean): string {
  const own = sized ? ` width="${width}" height="${height}"` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg"${own} viewBox="0 0 ${width} ${height}"><image href="${inline(asset)}" width="${width}" height="${height}"/></svg>`;
}

function inline({ bytes, kind }: ReplayAsset): string {
  const signs = new Uint8Array(bytes);
  let text = '';
  for (let at = 0; at < signs.length; at += SLICE) text += String.fromCharCode(...signs.subarray(at, at + SLICE));
  return `data:${kind};base64,${btoa(text)}`;
}
