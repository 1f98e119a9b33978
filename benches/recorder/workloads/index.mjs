// What the page and its visitor do while the recorders are measured.
import { interact } from "./interact.mjs";
import { boot, snapshots } from "./snapshot.mjs";
import { storm } from "./storm.mjs";
import { table } from "./table.mjs";
import { todo } from "./todo.mjs";

export const workloads = [boot, ...snapshots, storm, table, todo, interact];
