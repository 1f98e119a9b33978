// After the order: the cart is empty, and there is a number to remember.
import { cart } from './shop.js';

cart.clear();
document.querySelector('.order').textContent = `QB-${String(Date.now()).slice(-6)}`;
