// The dashboard's entry: learns the language of the browser, then shows the page of the address.
import { mount } from 'svelte';
import App from './App.svelte';
import { router } from './routes/router.svelte';
import { speech } from './words/speech.svelte';
import './style/tokens.css';
import './style/base.css';

await speech.speak(null);
router.start();
mount(App, { target: document.getElementById('app') as HTMLElement });
