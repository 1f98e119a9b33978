// The order beside the form, and spaces in the card number as people expect them.
import { price } from './products.js';
import { cart, make } from './shop.js';

const list = document.querySelector('.summary dl');
const SHIPPING = { post: 0, bike: 400 };

function show() {
  const shipping = SHIPPING[document.querySelector('[name=shipping]:checked').value];
  list.replaceChildren(
    ...cart.lines().flatMap(({ item, count }) => [make('dt', {}, count > 1 ? `${item.name} × ${count}` : item.name), make('dd', {}, price(item.price * count))]),
    make('dt', { class: 'soft' }, 'Shipping'),
    make('dd', {}, shipping === 0 ? 'free' : price(shipping)),
    make('dt', {}, make('strong', {}, 'In all')),
    make('dd', {}, make('strong', {}, price(cart.total() + shipping))),
  );
}

for (const choice of document.querySelectorAll('[name=shipping]')) choice.addEventListener('change', show);
const number = document.querySelector('#card');
number.addEventListener('input', () => {
  number.value = number.value.replace(/\D/g, '').slice(0, 16).replace(/(\d{4})(?=\d)/g, '$1 ');
});
show();
