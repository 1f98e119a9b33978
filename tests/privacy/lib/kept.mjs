// What the server keeps of a site: as those who watch get it, and as whoever has the disk would find it.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { haystack } from "./canary.mjs";

/** `readable`, as those who watch get it, and `all` with it: each file of the server's data, its log. */
export async function keptBy(hushreel, key) {
  const readable = [];
  const items = [];
  for (let cursor = ""; cursor !== null; ) {
    const list = await hushreel.api(`/api/v1/recordings?site=${key}&limit=100${cursor && `&cursor=${cursor}`}`);
    readable.push(haystack("the list", JSON.stringify(list)));
    items.push(...list.items);
    for (const { id, marked_at, events } of list.items) {
      // What has no events has no marks either.
      for (const part of marked_at && events ? ["events", "marks"] : ["events"]) {
        readable.push(haystack(`${part} of ${id}`, JSON.stringify(await hushreel.api(`/api/v1/recordings/${id}/${part}`))));
      }
    }
    cursor = list.next ?? null;
  }
  return { items, readable, all: [...readable, ...(await filesIn(hushreel.data)), haystack("the log", hushreel.log())] };
}

/** Every file of a folder. */
export async function filesIn(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(files.filter((file) => file.isFile()).map(async ({ parentPath, name }) => haystack(name, await readFile(join(parentPath, name)))));
}
