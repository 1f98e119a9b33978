// The recorded page rebuilt from decoded batches, without the server: what the recorder said, and nothing else.

export class Page {
  nodes = new Map();
  document = null;
  url = null;

  /** Apply the ops of one batch, in order. An op about an unknown node is an error here: the recorder must not send one. */
  apply(ops) {
    const open = [];
    let place = null;
    for (const op of ops) {
      const top = open.at(-1);
      switch (op.op) {
        case "snapshot":
          this.nodes = new Map();
          this.document = this.node(op.id, { kind: "document" });
          open.push({ node: this.document, at: 0 });
          this.url = op.url;
          break;
        case "add": {
          const parent = this.get(op.parent);
          const at = op.previous === undefined ? 0 : parent.children.indexOf(this.get(op.previous)) + 1;
          if (op.previous !== undefined && at === 0) throw new Error(`node ${op.previous} is no child of ${op.parent}`);
          open.push({ node: parent, at });
          break;
        }
        case "element":
        case "block":
        case "text":
        case "masked":
        case "comment":
        case "doctype": {
          const { op: kind, id, ...rest } = op;
          const node = this.node(id, { kind, ...rest, attributes: new Map(op.attributes ?? []) });
          this.insert(top, node);
          if (op.open) open.push({ node, at: 0 });
          break;
        }
        case "shadow":
        case "frame": {
          const node = this.node(op.id, { kind: op.op });
          node.parent = top.node;
          top.node[op.op] = node;
          open.push({ node, at: 0 });
          break;
        }
        case "moved": {
          const node = this.get(op.node);
          const siblings = node.parent.children;
          const was = siblings.indexOf(node);
          siblings.splice(was, 1);
          if (node.parent === top.node && was < top.at) top.at--;
          for (let up = top.node; up; up = up.parent) if (up === node) throw new Error("a node inside itself");
          this.insert(top, node);
          break;
        }
        case "css":
          top.node.css = op.css;
          break;
        case "end":
          open.pop();
          break;
        case "remove": {
          const node = this.get(op.node);
          const siblings = node.parent.children;
          siblings.splice(siblings.indexOf(node), 1);
          this.forget(node);
          break;
        }
        case "attribute":
          this.get(op.node).attributes.set(op.name, op.value);
          break;
        case "attribute gone":
          this.get(op.node).attributes.delete(op.name);
          break;
        case "set text":
          Object.assign(this.get(op.node), { kind: "text", text: op.text });
          break;
        case "set masked":
          Object.assign(this.get(op.node), { kind: "masked", bucket: op.bucket });
          break;
        case "input":
          Object.assign(this.get(op.node), { value: op.value, checked: !!(op.flags & 4) });
          break;
        case "sheet":
          this.get(op.node).css = op.css;
          break;
        case "page":
          this.url = op.url;
          break;
        default:
          if (op.node !== undefined) this.get(op.node);
      }
    }
  }

  node(id, parts) {
    const node = { id, parent: null, children: [], ...parts };
    this.nodes.set(id, node);
    return node;
  }

  get(id) {
    const node = this.nodes.get(id);
    if (!node) throw new Error(`no live node ${id}`);
    return node;
  }

  insert(place, node) {
    node.parent = place.node;
    place.node.children.splice(place.at++, 0, node);
  }

  forget(node) {
    this.nodes.delete(node.id);
    for (const child of [...node.children, node.shadow, node.frame]) if (child) this.forget(child);
  }

  /** The tree in a form that `liveTree` gives for the page itself. */
  tree(node = this.document) {
    if (node.kind === "text") return node.text;
    if (node.kind === "masked") return `#${node.bucket}`;
    if (node.kind === "comment") return "<!>";
    if (node.kind === "doctype") return `<!${node.name}>`;
    const parts = [];
    if (node.shadow) parts.push(["#shadow", ...this.tree(node.shadow).slice(1)]);
    if (node.frame) parts.push(["#frame", ...this.tree(node.frame).slice(1)]);
    for (const child of node.children) parts.push(this.tree(child));
    const attributes = [...node.attributes ?? []].filter(([name]) => name === "class" || name === "title").sort();
    return [(node.tag ?? "#root") + attributes.map(([name, value]) => `[${name}=${value}]`).join(""), ...parts];
  }
}

/** The live page in the same form; runs in the page. */
export function liveTree() {
  const told = (node) => {
    if (node.nodeType === 3) return node.data;
    if (node.nodeType === 8) return "<!>";
    if (node.nodeType === 10) return `<!${node.name}>`;
    const parts = [];
    if (node.shadowRoot) parts.push(["#shadow", ...[...node.shadowRoot.childNodes].map(told)]);
    if (node.localName === "iframe") parts.push(["#frame", ...[...node.contentDocument.childNodes].map(told)]);
    if (!/^(script|noscript|style|title|textarea)$/.test(node.localName)) parts.push(...[...node.childNodes].map(told));
    const attributes = ["class", "title"].filter((name) => node.hasAttribute?.(name));
    const tag = /^(script|base)$/.test(node.localName) ? "noscript" : (node.localName ?? "#root");
    return [tag + attributes.map((name) => `[${name}=${node.getAttribute(name)}]`).join(""), ...parts];
  };
  return told(document);
}
