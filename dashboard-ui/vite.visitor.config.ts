// Builds the script of the visitor's own page into dist/visitor/own.js: one file, since its page's CSP names that one alone.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  publicDir: false,
  build: {
    outDir: here('./dist/visitor'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: { input: here('./src/visitor/main.ts'), output: { entryFileNames: 'own.js' } },
  },
});
