// Canvases. In a page without scripts a browser shows what stands inside a canvas instead of it, so each is given a picture of its size
// as its content: the one that was recorded, or an empty one. It lies as the canvas did, and nothing is drawn by recorded commands.
import type { ReplayEvent } from '../player/protocol';
import { EventType, textOr } from '../player/rrweb';
import { partsOf, type Find, type Mend } from './mend';

/** What a canvas may show: a picture that brings its data, without a sign that would end it. */
const PICTURE = /^data:image\/(webp|jpeg|png);base64,[\w+/=]*$/;

export class Canvases implements Mend {
  readonly #pictures = new Map<number, string>();
  readonly #canvases = new Set<HTMLCanvasElement>();

  /** A part of rrweb's player that is told of each node it builds. */
  readonly plugin = {
    onBuild: (node: { readonly nodeName: string }) => {
      if (node.nodeName === 'CANVAS') this.#canvases.add(node as unknown as HTMLCanvasElement);
    },
  };

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#pictures.clear();
    const parts = partsOf(event, 'hushreel.canvas');
    const picture = textOr(parts?.picture, '');
    if (parts) this.#pictures.set(parts.id, PICTURE.test(picture) ? picture : '');
  }

  draw(find: Find): void {
    const shown = new Map<Node | null, string>();
    for (const [id, picture] of this.#pictures) shown.set(find(id), picture);
    for (const canvas of this.#canvases) {
      if (!canvas.isConnected) this.#canvases.delete(canvas);
      else paint(canvas, shown.get(canvas) ?? '');
    }
  }
}

function paint(canvas: HTMLCanvasElement, picture: string): void {
  const size = `width='${canvas.width}' height='${canvas.height}'`;
  const image = picture && `%3Cimage href='${picture}' ${size} preserveAspectRatio='none'/%3E`;
  const content = `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' ${size}%3E${image}%3C/svg%3E")`;
  if (canvas.style.content !== content) canvas.style.content = content;
}
