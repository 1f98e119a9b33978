// A replay that neither a recorder nor a server of ours has told: a page as it stands, in the player's words. What it would load or run
// is all still in it, so that the player's own wall is all that stands before it.

/** The events of `html` as it is parsed, and of `changes` behind it; made in `page`, where nothing of it runs. */
export function toldAsIs(page, html, changes = []) {
  return page.evaluate(
    ([html, changes]) => {
      let next = 1;
      const named = new Map();
      const tell = (node) => {
        const id = next++;
        if (node.nodeType === 3) return { type: 3, id, textContent: node.data, ...(/^(style)$/.test(node.parentNode.localName) && { isStyle: true }) };
        if (node.nodeType === 8) return { type: 5, id, textContent: node.data };
        if (node.nodeType === 10) return { type: 1, id, name: node.name, publicId: node.publicId, systemId: node.systemId };
        const childNodes = [...(node.localName === "template" ? node.content : node).childNodes].map(tell);
        if (node.nodeType === 9) return { type: 0, id, childNodes };
        if (node.id) named.set(node.id, id);
        const attributes = Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]));
        return { type: 2, id, tagName: node.localName, attributes, childNodes, ...(node.namespaceURI?.endsWith("svg") && { isSVG: true }) };
      };
      const node = tell(new DOMParser().parseFromString(html, "text/html"));
      const timestamp = 1_700_000_000_000;
      return [
        { type: 4, timestamp, data: { href: "https://live.example/", width: 1280, height: 800 } },
        { type: 2, timestamp: timestamp + 1, data: { node, initialOffset: { left: 0, top: 0 } } },
        // A player needs something that follows.
        { type: 3, timestamp: timestamp + 2, data: { source: 3, id: node.id, x: 0, y: 0 } },
        ...changes.map(({ id, ...attributes }, at) => ({
          type: 3,
          timestamp: timestamp + 10 + at,
          data: { source: 0, texts: [], removes: [], adds: [], attributes: [{ id: named.get(id), attributes }] },
        })),
        { type: 3, timestamp: timestamp + 100, data: { source: 3, id: node.id, x: 0, y: 0 } },
      ];
    },
    [html, changes],
  );
}

/** The moment of `toldAsIs` at which all of it has happened, ms since 1970. */
export const TOLD_AT = 1_700_000_000_100;
