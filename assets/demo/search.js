// Searching by name, kind and description, while typing as well.
import { card } from './card.js';
import { PRODUCTS } from './products.js';

const grid = document.querySelector('.grid');
const found = document.querySelector('.found');
const asked = new URLSearchParams(location.search).get('q') ?? '';

function show(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = PRODUCTS.filter((item) => words.every((word) => `${item.name} ${item.kind} ${item.text}`.toLowerCase().includes(word)));
  grid.replaceChildren(...hits.map(card));
  found.textContent = words.length === 0 ? 'Type what you look for.' : hits.length === 1 ? 'One thing found.' : `${hits.length || 'No'} things found.`;
}

const field = document.querySelector('.search input');
field.value = asked;
field.addEventListener('input', () => show(field.value));
show(asked);
