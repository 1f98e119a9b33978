// Who is signed in, and where a visit of the dashboard begins: set-up, signing in or the page asked for.
import * as api from './api';
import { router } from './routes/router.svelte';
import { safeNext } from './routes/table';
import { speech } from './words/speech.svelte';

class Login {
  account = $state.raw<api.Account | null>(null);
  /** The first question to the server is still open. */
  asking = $state(true);
  failed = $state.raw<unknown>(null);
  /** May change things: policies, findings, recordings. */
  manages = $derived(this.account?.role === 'owner' || this.account?.role === 'admin');

  /** Ask the server who we are; without an account, go where one gets in. */
  async begin(): Promise<void> {
    this.asking = true;
    this.failed = null;
    try {
      await this.welcome(await api.account());
      if (router.route.name === 'sign-in') this.enter();
    } catch (error) {
      if (error instanceof api.ApiError && error.status === 401) await this.#turnAway();
      else this.failed = error;
    }
    this.asking = false;
  }

  /** `account` is signed in from now on. */
  async welcome(account: api.Account): Promise<void> {
    if (account.language) await speech.speak(account.language);
    this.account = account;
  }

  /** Go to the page that was asked for before signing in. */
  enter(): void {
    router.go(safeNext(router.query.get('next')), { replace: true });
  }

  async leave(): Promise<void> {
    await api.signOut();
    this.account = null;
    router.go('/sign-in');
  }

  /** The login has ended while the dashboard was open. */
  ended(): void {
    this.account = null;
    this.#toSignIn();
  }

  async #turnAway(): Promise<void> {
    if (router.route.name === 'setup') return;
    const { needed } = await api.setupNeeded();
    if (needed) router.go('/setup', { replace: true });
    else if (router.route.name !== 'sign-in') this.#toSignIn();
  }

  #toSignIn(): void {
    const next = location.pathname + location.search;
    router.go(next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`, { replace: true });
  }
}

export const login = new Login();
