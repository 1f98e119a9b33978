// A page that is whole and at rest when the recorder comes: what booting it and telling the page for the first time cost.
import { longPage } from "../../page.mjs";

const snapshot = (name, cards) => ({ name, boots: true, html: () => longPage("", cards), run: async () => undefined });

export const boot = {
  ...snapshot("boot"),
  html: () => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Empty</title></head><body class="product-name"></body></html>`,
};
export const snapshots = [snapshot("snapshot 2k", 83), snapshot("snapshot 10k", 512), snapshot("snapshot 50k", 2_558), snapshot("snapshot 100k", 4_166)];
