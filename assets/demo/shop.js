// What every page of the shop shares: the cart, the theme, the choice about recording, and the demo bar.
import { product } from './products.js';

const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const write = (key, value) => localStorage.setItem(key, JSON.stringify(value));

/** The cart: how many of which product. */
export const cart = {
  lines() {
    return Object.entries(read('shop-cart', {}))
      .map(([id, count]) => ({ item: product(id), count }))
      .filter(({ item }) => item);
  },
  set(id, count) {
    const all = read('shop-cart', {});
    if (count > 0) all[id] = Math.min(count, 9);
    else delete all[id];
    write('shop-cart', all);
    showCount();
  },
  add(id, count = 1) {
    this.set(id, (read('shop-cart', {})[id] ?? 0) + count);
  },
  clear() {
    localStorage.removeItem('shop-cart');
    showCount();
  },
  total() {
    return this.lines().reduce((sum, { item, count }) => sum + item.price * count, 0);
  },
};

/** Make an element: `make('a', { href: '/' }, 'Home', child)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function showCount() {
  const count = cart.lines().reduce((sum, line) => sum + line.count, 0);
  const badge = document.querySelector('.cart-count');
  badge.textContent = String(count);
  badge.hidden = count === 0;
}

function header() {
  const search = make('form', { class: 'search', action: '/search', role: 'search' }, make('input', { type: 'search', name: 'q', placeholder: 'Search the shop', 'aria-label': 'Search the shop' }));
  const theme = make('button', { type: 'button', class: 'plain', 'aria-label': 'Light or dark' }, '◐');
  theme.addEventListener('click', () => {
    const dark = document.documentElement.dataset.theme !== 'dark';
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    write('shop-theme', dark ? 'dark' : 'light');
  });
  const count = make('span', { class: 'cart-count', hidden: '' }, '0');
  document.body.prepend(
    make(
      'header',
      { class: 'top' },
      make('a', { class: 'brand', href: '/' }, 'Quillbark'),
      search,
      make('nav', { 'aria-label': 'Shop' }, make('a', { href: '/login' }, 'Sign in'), make('a', { href: '/cart' }, 'Cart', count), theme),
    ),
  );
  showCount();
}

function footer() {
  const choice = make('button', { type: 'button', class: 'link' }, 'Change my choice about recording');
  choice.addEventListener('click', () => banner());
  document.body.append(
    make('footer', { class: 'bottom' }, make('p', {}, 'Quillbark is a made-up shop. Nothing here is for sale, and no order leaves this computer.'), choice),
  );
}

/** Ask whether the visit may be recorded. Both answers weigh the same. */
function banner() {
  document.querySelector('.consent')?.remove();
  const answer = (choice) => {
    const before = read('shop-consent', null);
    write('shop-consent', choice);
    window.hushreel('consent', before === 'granted' && choice === 'denied' ? 'withdrawn' : choice);
    box.remove();
  };
  const no = make('button', { type: 'button' }, 'No, thank you');
  const yes = make('button', { type: 'button' }, 'Yes, record my visit');
  no.addEventListener('click', () => answer('denied'));
  yes.addEventListener('click', () => answer('granted'));
  const box = make(
    'section',
    { class: 'consent', 'aria-label': 'Recording' },
    make('p', {}, make('strong', {}, 'May we record this visit? '), 'It shows us where the shop confuses people. What you type into forms stays hidden, and you can change your mind at any time.'),
    make('div', {}, no, yes),
  );
  document.body.append(box);
}

/**
 * Switch what is kept, from the next page on. The browser may hold the recorder with the old policy for some minutes, which is
 * right for a real site; here somebody waits to see the difference, so it is fetched anew.
 */
async function choosePreset(preset, recorder) {
  await fetch(`/preset/${preset}`);
  if (recorder) await fetch(recorder.src, { cache: 'reload', mode: 'no-cors' });
  write('shop-preset', preset);
  location.reload();
}

/** A thin bar that says what this shop is for, and switches how much is kept. */
function demoBar() {
  const recorder = document.querySelector('script[src*="/r/"]');
  const now = read('shop-preset', 'balanced');
  const presets = ['strict', 'balanced', 'full'].map((preset) => {
    const link = make('a', { href: `/preset/${preset}`, ...(preset === now ? { 'aria-current': 'true' } : {}) }, preset);
    link.addEventListener('click', (event) => {
      event.preventDefault();
      void choosePreset(preset, recorder);
    });
    return link;
  });
  const bar = make('aside', { class: 'demo', 'aria-label': 'About this demo' }, make('span', {}, 'Recorded by Hushreel'), make('span', { class: 'presets' }, 'What is kept: ', ...presets));
  if (recorder) bar.append(make('a', { href: new URL('/', recorder.src).href, target: '_blank', rel: 'noopener' }, 'Open the dashboard'));
  document.body.prepend(bar);
}

header();
demoBar();
footer();
const choice = read('shop-consent', null);
if (choice === null) banner();
else window.hushreel('consent', choice);
