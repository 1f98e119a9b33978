// Where the pointer is and what it does. Nothing is told of places whose events the policy hides: a drawn keypad tells a PIN.
import { silent } from "../hide/state";
import { later, listen, type Stop } from "../guard";
import { shed } from "../pace";
import * as nodes from "../node";
import * as stream from "../stream";

/** A moving pointer is told this often, by how much is given up; the line between is straight. */
const MOVE_EVERY_MS = [50, 200, Infinity, Infinity] as const;

/** The number of the node that an event at `target` is told of; 0 where nothing may be told of it. */
export function placeAt(target: Node | null): number {
  let node = target;
  // Not every target is a node: the window, for one.
  if (!node?.nodeType) return 0;
  while (node && !nodes.live(node)) node = nodes.up(node);
  const id = nodes.live(node);
  return id && !silent(nodes.stateOf(id)) ? id : 0;
}

export function startPointer(root: Document, before: (target: Node) => void): Stop {
  let movedAt = 0;
  /** Where it went since; told if it rests there. */
  let waiting: PointerEvent | null = null;
  /** Its target, which an event out of a shadow tree forgets: its host may be told of where the inside may not. */
  let over: Node | null = null;
  const tell = () => {
    const id = placeAt(over);
    const { clientX, clientY, pointerType } = waiting!;
    if (id) stream.move(id, clientX, clientY, pointerType === "touch");
    waiting = null;
  };
  const rest = later(() => {
    if (waiting) tell();
  }, MOVE_EVERY_MS[0]);
  const stops = [
    // While something is dragged, a browser tells of that instead of the pointer. What is dragged is not looked at.
    listen<PointerEvent>(root, "pointermove dragover", (event) => {
      const pause = MOVE_EVERY_MS[shed()];
      if (pause === Infinity) return;
      waiting = event;
      over = nodes.targetOf(event);
      if (event.timeStamp - movedAt < pause) return rest.ask();
      movedAt = event.timeStamp;
      tell();
    }),
    listen<DragEvent>(root, "dragend", (event) => press(event, stream.Press.Up)),
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
    waiting = null;
    const target = nodes.targetOf(event)!;
    before(target);
    const id = placeAt(target);
    if (id) stream.press(kind, id, event.clientX, event.clientY);
  }

  return () => [...stops, rest.cancel].forEach((stop) => stop());
}
