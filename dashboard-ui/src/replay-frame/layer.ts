// The top layer: modal dialogs and popovers are really opened in the replayed page, so that they lie where a browser lays them, with
// their backdrop. What filled the screen fills the replay: a real full screen is the watcher's to give.
import type { ReplayEvent } from '../player/protocol';
import { EventType } from '../player/rrweb';
import { elementOf, partsOf, type Find, type Mend } from './mend';

const FULLSCREEN = 'data-hushreel-fullscreen';
/** rrweb's own mark of a modal dialog: without it, its seeks would close ours. */
const RRWEB_MODE = 'rr_open_mode';

export const LAYER_RULES: readonly string[] = [
  `[${FULLSCREEN}] { position: fixed !important; inset: 0 !important; margin: 0 !important; width: 100% !important; height: 100% !important; max-width: none !important; max-height: none !important; z-index: 2147483647 !important; object-fit: contain }`,
  `:where([${FULLSCREEN}]) { background: #000 }`,
];

export class TopLayer implements Mend {
  /** What stands there, the lowest first. */
  readonly #wanted = new Map<number, unknown>();
  #shown = new Map<HTMLElement, unknown>();

  cast(event: ReplayEvent): void {
    if (event.type === EventType.FullSnapshot) this.#wanted.clear();
    const parts = partsOf(event, 'hushreel.layer');
    if (!parts) return;
    this.#wanted.delete(parts.id);
    if (parts.layer !== null) this.#wanted.set(parts.id, parts.layer);
  }

  draw(find: Find): void {
    const wanted = new Map<HTMLElement, unknown>();
    for (const [id, layer] of this.#wanted) {
      const element = elementOf(find, id);
      if (element?.isConnected) wanted.set(element, layer);
    }
    for (const [element, layer] of this.#shown) if (wanted.get(element) !== layer) close(element, layer);
    let below: HTMLElement | undefined;
    let anew = false;
    for (const [element, layer] of wanted) {
      if (anew && layer !== 'fullscreen') close(element, layer);
      if (!stands(element, layer)) {
        open(element, layer, below);
        // Who stands above must come later.
        anew = true;
      }
      below = element;
    }
    this.#shown = wanted;
  }
}

function stands(element: HTMLElement, layer: unknown): boolean {
  if (layer === 'modal') return element.matches(':modal') && element.hasAttribute('open');
  return layer === 'popover' ? element.matches(':popover-open') : element.hasAttribute(FULLSCREEN);
}

function open(element: HTMLElement, layer: unknown, below: HTMLElement | undefined): void {
  if (layer === 'fullscreen') return element.setAttribute(FULLSCREEN, '');
  // What is inert takes no focus, which belongs to the player's keyboard.
  const inert = element.hasAttribute('inert');
  element.setAttribute('inert', '');
  try {
    if (layer === 'modal' && element.nodeName === 'DIALOG') {
      const dialog = element as HTMLDialogElement;
      leave(dialog);
      dialog.showModal();
      dialog.setAttribute(RRWEB_MODE, 'modal');
      // A popover that hangs on another does not close it.
    } else if (layer === 'popover') element.showPopover(below ? { source: below } : undefined);
  } catch {
    // Not a dialog, not a popover, or gone: a replay goes on without it.
  }
  if (!inert) element.removeAttribute('inert');
}

function close(element: HTMLElement, layer: unknown): void {
  element.removeAttribute(FULLSCREEN);
  try {
    if (layer === 'popover') element.hidePopover();
    else if (layer === 'modal') {
      const stays = element.hasAttribute('open');
      leave(element as HTMLDialogElement);
      if (stays) element.setAttribute('open', '');
    }
  } catch {
    // It is closed or gone.
  }
}

/** Take a dialog out of the top layer; a browser leaves it there when its attribute alone goes. */
function leave(dialog: HTMLDialogElement): void {
  dialog.removeAttribute(RRWEB_MODE);
  if (dialog.matches(':modal')) dialog.setAttribute('open', '');
  dialog.close();
}
