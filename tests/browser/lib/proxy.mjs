// A bad network between the page and the server: a TCP proxy that delays, resets, truncates, and is not there at times.
import { connect, createServer } from "node:net";

/** Numbers below a bound, the same ones for the same seed. */
export function dice(seed) {
  return (below) => (seed = (seed * 48271) % 2147483647) % below;
}

/**
 * Listen on a port of its own and pass everything on to `port`. `treat`, asked anew for each connection, says what becomes of it:
 * `refuse` it; `delay` each part by so many ms; `reset` it after so many bytes sent, or after so many bytes `answered`.
 */
export async function startProxy(port, treat = () => ({})) {
  const proxy = { treat, connections: 0, broken: 0 };
  const open = new Set();
  const server = createServer((client) => {
    proxy.connections++;
    const { refuse, delay = 0, reset = Infinity, answered = Infinity } = proxy.treat(proxy.connections);
    const inner = refuse ? null : connect(port, "127.0.0.1");
    const end = () => {
      open.delete(end);
      client.resetAndDestroy();
      inner?.resetAndDestroy();
    };
    open.add(end);
    client.on("error", end);
    client.on("close", () => inner?.end());
    if (!inner) return void proxy.broken++, end();
    inner.on("error", end);
    inner.on("close", () => client.end());
    const pass = (from, to, most) => {
      let bytes = 0;
      from.on("data", (part) => {
        const room = most - bytes;
        bytes += part.length;
        const send = () => {
          if (to.destroyed) return;
          if (room > 0) to.write(part.subarray(0, room));
          if (bytes < most) return;
          proxy.broken++;
          // What was let through arrives before the reset.
          to.end();
          end();
        };
        if (delay) setTimeout(send, delay);
        else send();
      });
    };
    pass(client, inner, reset);
    pass(inner, client, answered);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(proxy, {
    address: `http://127.0.0.1:${server.address().port}`,
    /** Break what is open now. */
    cut: () => [...open].forEach((end) => end()),
    stop: () => {
      [...open].forEach((end) => end());
      server.close();
      server.unref();
    },
  });
}
