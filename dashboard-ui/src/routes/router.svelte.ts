// The dashboard's state is its address: this keeps the two equal, and turns clicks on our own links into steps of history.
import { match, withQuery } from './table';

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  readonly route = $derived(match(this.path));

  /** Go to an address of ours. `replace` leaves no step in history. */
  go(address: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    const moved = location.pathname !== this.path;
    this.read();
    if (moved) scrollTo(0, 0);
  }

  /** Change query parameters of the page in sight. */
  set(changes: Record<string, string | null>, options: { replace?: boolean } = {}): void {
    this.go(withQuery(this.path, this.query, changes), options);
  }

  /** Listen to history and to clicks; call once. */
  start(): void {
    addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
      if (link.hash && link.pathname === location.pathname) return;
      if (match(link.pathname).name === 'not-found') return; // served by the server, not by us
      event.preventDefault();
      this.go(link.pathname + link.search + link.hash);
    });
  }

  private read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

export const router = new Router();
