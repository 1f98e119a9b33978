// Which control has the focus.
import { listen, type Stop } from "../guard";
import * as stream from "../stream";
import { targetOf } from "./pointer";

export function startFocus(root: Document, before: () => void): Stop {
  return listen(root, "focusin focusout", (event) => {
    before();
    const id = targetOf(event);
    if (!id) return;
    if (event.type === "focusout") return stream.blur(id);
    stream.focus(id);
    if ((event.composedPath()[0] as Element).matches(":focus-visible")) stream.state(id, stream.State.Ring, []);
  });
}
