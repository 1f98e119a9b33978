// The catalogue, with a filter by kind.
import { card } from './card.js';
import { PRODUCTS } from './products.js';
import { make } from './shop.js';

const grid = document.querySelector('.grid');
const filters = document.querySelector('.filters');
const kinds = ['All', ...new Set(PRODUCTS.map(({ kind }) => kind))];

function show(kind) {
  grid.replaceChildren(...PRODUCTS.filter((item) => kind === 'All' || item.kind === kind).map(card));
  for (const button of filters.children) button.setAttribute('aria-pressed', String(button.textContent === kind));
}

for (const kind of kinds) {
  const button = make('button', { type: 'button', 'aria-pressed': 'false' }, kind);
  button.addEventListener('click', () => show(kind));
  filters.append(button);
}
show('All');
