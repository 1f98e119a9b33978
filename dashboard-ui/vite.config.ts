// Builds the dashboard into dist/. The replay frame is a build of its own (vite.frame.config.ts), so that the two share no file.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// `npx vite` for work on the dashboard alone; the API comes from a running `hushreel serve`.
const server = process.env.HUSHREEL_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  server: { proxy: { '/api': server, '/replay-frame': server } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The polyfill fetches; browsers of our target preload modules themselves.
    modulePreload: { polyfill: false },
    // A data: address would need a wider content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // The server keeps for ever what ends in `-` and a hash, so no dot or dash may stand where it looks.
        hashCharacters: 'base36',
        chunkFileNames: ({ name }) => `assets/${name.replace('.svelte', '')}-[hash].js`,
      },
    },
  },
});
