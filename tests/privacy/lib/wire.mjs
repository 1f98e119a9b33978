// Everything that leaves the browser: it is started with this proxy for every address, so that no request, beacon or socket gets past it.
import { createServer, request } from "node:http";
import { connect } from "node:net";

/** Start the proxy. `sent` holds each request as it left: where to, its head as text, its body. Requests to hosts in `names` are answered by those ports. */
export async function startWire(names = {}) {
  const wire = { sent: [], arrived: () => {} };
  const target = (url) => {
    const { hostname, port } = new URL(url);
    return { host: "127.0.0.1", port: names[hostname] ?? (hostname === "127.0.0.1" ? port : null) };
  };
  const headOf = ({ method, url, rawHeaders }) => `${method} ${url}\n${rawHeaders.map((word, at) => word + (at % 2 ? "\n" : ": ")).join("")}`;

  const server = createServer(async (question, answer) => {
    const parts = [];
    for await (const part of question) parts.push(part);
    const body = Buffer.concat(parts);
    wire.sent.push({ url: question.url, head: headOf(question), body });
    wire.arrived();
    const { host, port } = target(question.url);
    if (!port) return answer.writeHead(204, { "Access-Control-Allow-Origin": "*" }).end();
    const { pathname, search } = new URL(question.url);
    const inner = request({ host, port, method: question.method, path: pathname + search, headers: question.headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    inner.on("error", () => answer.destroy());
    inner.end(body);
  });
  // A socket's head is kept, and every byte behind it.
  server.on("upgrade", (question, socket) => {
    const seen = { url: question.url, head: headOf(question), body: Buffer.alloc(0) };
    wire.sent.push(seen);
    socket.on("data", (part) => (seen.body = Buffer.concat([seen.body, part])));
    socket.on("error", () => socket.destroy());
  });
  // Plain sockets come as tunnels: what is asked inside one is of a page's own; ours are counted by where they go.
  server.on("connect", (question, socket) => {
    const seen = { url: `tunnel://${question.url}`, head: headOf(question), body: Buffer.alloc(0) };
    wire.sent.push(seen);
    const [hostname, port] = question.url.split(":");
    if (hostname !== "127.0.0.1") return socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const inner = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    socket.on("data", (part) => {
      seen.body = Buffer.concat([seen.body, part]);
      inner.write(part);
    });
    inner.on("data", (part) => socket.write(part));
    for (const end of [inner, socket]) {
      end.on("error", () => {});
      end.on("close", () => (inner.destroy(), socket.destroy()));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(wire, {
    port: server.address().port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}
