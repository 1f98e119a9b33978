// Downloads as a browser makes them.
import { get } from "node:http";

/** The bytes of an answer as they come, not unpacked. */
export function download(url, encoding) {
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers: { "Accept-Encoding": encoding } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        const right = answer.statusCode === 200 && answer.headers["content-encoding"] === encoding;
        if (right) resolve(Buffer.concat(parts));
        else reject(new Error(`${url}: ${answer.statusCode}, ${answer.headers["content-encoding"]}`));
      });
    });
    asked.on("error", reject);
  });
}
