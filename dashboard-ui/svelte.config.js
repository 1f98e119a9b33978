// Svelte's compiler settings, shared by Vite and the editor's checks.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default { preprocess: vitePreprocess() };
