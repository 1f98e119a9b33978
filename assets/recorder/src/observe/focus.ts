// Which control has the focus.
import { listen, type Stop } from "../guard";
import * as stream from "../stream";
import { targetOf } from "./pointer";

export function startFocus(root: Document, before: () => void): Stop {
  return listen(root, "focusin focusout", (event) => {
    before();
    const id = targetOf(event);
    if (id) event.type === "focusin" ? stream.focus(id) : stream.blur(id);
  });
}
