// The cart: change how many, remove, go on.
import { picture, price } from './products.js';
import { cart, make } from './shop.js';

const place = document.querySelector('.cart');

function row({ item, count }) {
  const many = make('select', { 'aria-label': `How many of ${item.name}` }, ...Array.from({ length: 9 }, (_, n) => make('option', {}, String(n + 1))));
  many.value = String(count);
  many.addEventListener('change', () => (cart.set(item.id, Number(many.value)), show()));
  const remove = make('button', { type: 'button', class: 'link' }, 'Remove');
  remove.addEventListener('click', () => (cart.set(item.id, 0), show()));
  return make(
    'tr',
    {},
    make('td', {}, picture(item)),
    make('td', {}, make('a', { href: `/product/${item.id}` }, item.name), make('br'), remove),
    make('td', {}, many),
    make('td', { class: 'number' }, price(item.price * count)),
  );
}

function show() {
  const lines = cart.lines();
  if (lines.length === 0) {
    place.replaceChildren(make('p', { class: 'soft' }, 'Nothing in it yet.'), make('a', { class: 'button', href: '/' }, 'Look around'));
    return;
  }
  place.replaceChildren(
    make('table', {}, make('tbody', {}, ...lines.map(row))),
    make('div', { class: 'sum' }, make('span', {}, 'In all ', make('strong', {}, price(cart.total()))), make('a', { class: 'button primary', href: '/checkout' }, 'Checkout')),
  );
}

show();
