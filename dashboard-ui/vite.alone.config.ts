// Builds the player of an exported recording into dist/alone/player.js: one classic script that stands in the file itself, with its
// style in it, and loads nothing.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  publicDir: false,
  build: {
    outDir: here('./dist/alone'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    // The pointer: the file's CSP lets images come as data: only.
    assetsInlineLimit: 4096,
    rolldownOptions: { input: here('./src/alone/main.ts'), output: { entryFileNames: 'player.js', format: 'iife' } },
  },
});
