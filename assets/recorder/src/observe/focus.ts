// Which control has the focus.
import { listen, type Stop } from "../guard";
import * as nodes from "../node";
import * as stream from "../stream";
import { placeOf } from "./pointer";

export function startFocus(root: Document, before: () => void): Stop {
  return listen(root, "focusin focusout", (event) => {
    before();
    const id = placeOf(event);
    if (!id) return;
    if (event.type === "focusout") return stream.blur(id);
    stream.focus(id);
    if ((nodes.targetOf(event) as Element).matches(":focus-visible")) stream.state(id, stream.State.Ring, []);
  });
}
