// Which control has the focus.
import { listen, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";
import { placeAt } from "./pointer";

export function startFocus(root: Document, before: (target: Node) => void): Stop {
  return listen(root, "focusin focusout", (event) => {
    const target = nodes.targetOf(event) as Element;
    before(target);
    const id = placeAt(target);
    if (!id) return;
    if (event.type === "focusout") return stream.blur(id);
    stream.focus(id);
    if (target.matches(":focus-visible")) stream.state(id, stream.State.Ring, []);
  });
}
