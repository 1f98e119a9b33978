// One product: its picture, its facts, and the way into the cart.
import { picture, price, product } from './products.js';
import { cart, make } from './shop.js';

const item = product(location.pathname.split('/').pop());
const place = document.querySelector('.product');

if (!item) {
  place.append(make('h1', {}, 'This is no longer here'), make('a', { href: '/' }, 'Back to the shop'));
} else {
  document.title = `${item.name} · Quillbark`;
  const count = make('select', { id: 'count' }, ...[1, 2, 3, 4].map((n) => make('option', {}, String(n))));
  const add = make('button', { type: 'button', class: 'primary' }, item.stock > 0 ? 'Add to cart' : 'Sold out');
  const notice = make('p', { class: 'notice', role: 'status' });
  add.disabled = item.stock === 0;
  add.addEventListener('click', () => {
    cart.add(item.id, Number(count.value));
    notice.replaceChildren('In your cart. ', make('a', { href: '/cart' }, 'Go to the cart'));
  });
  place.append(
    picture(item),
    make(
      'div',
      {},
      make('p', { class: 'soft' }, item.kind),
      make('h1', {}, item.name),
      make('p', { class: 'cost' }, price(item.price)),
      make('p', {}, item.text),
      make('ul', {}, ...item.details.map((detail) => make('li', {}, detail))),
      make('div', { class: 'buy' }, make('div', {}, make('label', { for: 'count' }, 'How many'), count), add),
      notice,
    ),
  );
}
