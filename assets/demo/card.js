// One product in a grid.
import { picture, price } from './products.js';
import { make } from './shop.js';

export const card = (item) =>
  make(
    'li',
    {},
    make(
      'a',
      { class: 'item', href: `/product/${item.id}` },
      picture(item),
      make('strong', {}, item.name),
      make('span', { class: 'row' }, make('span', {}, item.stock > 0 ? item.kind : 'Sold out'), make('span', {}, price(item.price))),
    ),
  );
