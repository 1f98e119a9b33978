// Builds the replay frame into dist/replay-frame/: its CSP allows nothing from elsewhere, not even from the dashboard.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('./src/replay-frame'),
  base: '/replay-frame/',
  publicDir: false,
  build: {
    outDir: here('./dist/replay-frame'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // The frame's CSP lets images come as data: only; the pointer is the one there is.
    assetsInlineLimit: 4096,
    rolldownOptions: { output: { hashCharacters: 'base36' } },
  },
});
