// Where the pointer is and what it does. Nothing is told of places whose events the policy hides: a drawn keypad tells a PIN.
import { silent } from "../hide/state";
import { listen, type Stop } from "../guard";
import { shed } from "../pace";
import * as nodes from "../node";
import * as stream from "../stream";

/** A moving pointer is told this often, by how much is given up; the line between is straight. */
const MOVE_EVERY_MS = [50, 200, Infinity, Infinity] as const;

/** The node that an event is about; 0 where nothing may be told of it. */
export function targetOf(event: Event): number {
  let node = event.composedPath()[0] as Node | null | undefined;
  // Not every target is a node: the window, for one.
  if (!node?.nodeType) return 0;
  while (node && !nodes.live(node)) node = nodes.up(node);
  const id = nodes.live(node ?? null);
  return id && !silent(nodes.stateOf(id)) ? id : 0;
}

export function startPointer(root: Document, before: () => void): Stop {
  let movedAt = 0;
  const stops = [
    listen<PointerEvent>(root, "pointermove", (event) => {
      if (event.timeStamp - movedAt < MOVE_EVERY_MS[shed()]) return;
      movedAt = event.timeStamp;
      const id = targetOf(event);
      if (id) stream.move(id, event.clientX, event.clientY, event.pointerType === "touch");
    }),
    listen<PointerEvent>(root, "pointerdown pointerup pointercancel", (event) => {
      const touch = event.pointerType === "touch";
      if (event.type === "pointerdown") press(event, touch ? stream.Press.TouchStart : stream.Press.Down);
      else if (event.type === "pointerup") press(event, touch ? stream.Press.TouchEnd : stream.Press.Up);
      else if (touch) press(event, stream.Press.TouchCancel);
    }),
    listen<MouseEvent>(root, "click dblclick contextmenu", (event) => {
      press(event, event.type === "click" ? stream.Press.Click : event.type === "dblclick" ? stream.Press.DoubleClick : stream.Press.ContextMenu);
    }),
  ];

  function press(event: MouseEvent, kind: stream.Press): void {
    before();
    const id = targetOf(event);
    if (id) stream.press(kind, id, event.clientX, event.clientY);
  }

  return () => stops.forEach((stop) => stop());
}
