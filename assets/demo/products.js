// What the shop sells, and how it looks: every picture is drawn here, so that the shop needs no file and no network for it.

const art = {
  mug: (c) => `<path d="M66 62h52v50a16 16 0 0 1-16 16H82a16 16 0 0 1-16-16z" fill="${c}"/><path d="M118 74h9a13 13 0 0 1 0 26h-9" fill="none" stroke="${c}" stroke-width="8"/><ellipse cx="92" cy="62" rx="26" ry="6" fill="#0003"/><path d="M66 92h52v10H66z" fill="#fff4"/>`,
  notebook: (c) => `<rect x="62" y="44" width="72" height="92" rx="5" fill="${c}"/><rect x="62" y="44" width="14" height="92" rx="5" fill="#0002"/><rect x="88" y="62" width="34" height="16" rx="2" fill="#fffc"/><path d="M116 44v92" stroke="#0003" stroke-width="3"/><path d="M106 136v12l4-4 4 4v-12" fill="#d9a441"/>`,
  lamp: (c) => `<path d="M82 46h36l16 38H66z" fill="${c}"/><rect x="97" y="84" width="6" height="46" fill="#6b5a49"/><ellipse cx="100" cy="134" rx="26" ry="6" fill="#6b5a49"/><path d="M66 84h68l8 44H58z" fill="#ffe9a833"/>`,
  pen: (c) => `<g transform="rotate(35 100 92)"><rect x="92" y="34" width="16" height="84" rx="7" fill="${c}"/><rect x="92" y="78" width="16" height="5" fill="#d9a441"/><path d="M94 118h12l-6 24z" fill="#d9a441"/><path d="M108 44v26" stroke="#d9a441" stroke-width="3"/></g>`,
  plant: (c) => `<path d="M76 96h48l-6 40H82z" fill="${c}"/><rect x="72" y="90" width="56" height="10" rx="3" fill="${c}"/><path d="M100 92C92 66 74 60 66 62c2 18 16 30 34 30zM100 92c4-32 22-42 36-40-1 24-16 38-36 40zM100 92c-6-24 0-44 6-50 8 14 6 34-6 50z" fill="#5a7d55"/>`,
  clock: (c) => `<circle cx="100" cy="92" r="44" fill="${c}"/><circle cx="100" cy="92" r="36" fill="#fffdf7"/><path d="M100 68v24l16 10" fill="none" stroke="#33302b" stroke-width="5" stroke-linecap="round"/><circle cx="100" cy="92" r="3.5" fill="#33302b"/>`,
  tray: (c) => `<path d="M48 84h104l-10 36a8 8 0 0 1-8 6H66a8 8 0 0 1-8-6z" fill="${c}"/><path d="M48 84h104v8H48z" fill="#0002"/><rect x="76" y="62" width="8" height="26" rx="3" fill="#c8793f"/><rect x="92" y="54" width="8" height="34" rx="3" fill="#44617b"/><rect x="108" y="66" width="18" height="22" rx="3" fill="#d9a441"/>`,
  candle: (c) => `<path d="M74 74h52v52a10 10 0 0 1-10 10H84a10 10 0 0 1-10-10z" fill="${c}"/><rect x="82" y="94" width="36" height="22" rx="2" fill="#fffc"/><path d="M100 74V62" stroke="#33302b" stroke-width="3"/><path d="M100 40c9 10 7 20 0 22-7-2-9-12 0-22z" fill="#eda53a"/>`,
  stool: (c) => `<rect x="56" y="66" width="88" height="14" rx="7" fill="${c}"/><path d="M70 80l-8 58M130 80l8 58M100 80v52" stroke="#8a6a49" stroke-width="8" stroke-linecap="round"/><path d="M67 106h66" stroke="#8a6a49" stroke-width="5"/>`,
  blanket: (c) => `<path d="M52 70q48-22 96 0v56q-48 18-96 0z" fill="${c}"/><path d="M52 86q48-20 96 0M52 104q48-18 96 2" fill="none" stroke="#fff6" stroke-width="6"/><path d="M56 128v10M68 132v10M80 134v10M92 135v10M104 135v10M116 134v10M128 132v10M140 128v10" stroke="${c}" stroke-width="4"/>`,
};

/** Everything in the shop. Prices are in cents. */
export const PRODUCTS = [
  { id: 1, name: 'Harbour mug', kind: 'Table', price: 2400, shape: 'mug', colour: '#44617b', stock: 14, text: 'Stoneware with a slate glaze and a handle that fits three fingers. Holds what a long call needs.', details: ['350 ml', 'Dishwasher safe', 'Glazed by hand, so no two are alike'] },
  { id: 2, name: 'Plain-paper notebook', kind: 'Paper', price: 1650, shape: 'notebook', colour: '#8c4a3a', stock: 60, text: 'One hundred and sixty cream pages that lie flat, sewn, with a ribbon. Nothing printed on any of them.', details: ['A5, 160 pages', '100 g paper, no bleed', 'Cloth cover'] },
  { id: 3, name: 'Low lamp', kind: 'Light', price: 8900, shape: 'lamp', colour: '#d9a441', stock: 5, text: 'A small lamp for the corner of a desk: warm, dimmable, and low enough not to shine into anyone’s eyes.', details: ['2,700 K, dimmable', 'Height 34 cm', 'Bulb included'] },
  { id: 4, name: 'Brass fountain pen', kind: 'Paper', price: 5400, shape: 'pen', colour: '#2f3b3a', stock: 9, text: 'Heavy enough to slow a hand down. Takes standard cartridges, or ink from a bottle with the converter.', details: ['Medium nib', 'Converter included', 'Ages with use'] },
  { id: 5, name: 'Desk fern', kind: 'Green', price: 3200, shape: 'plant', colour: '#b8694a', stock: 7, text: 'Asks for a window to the north and a glass of water a week. Arrives in a clay pot with a saucer.', details: ['About 25 cm', 'Pot 14 cm', 'Care card inside'] },
  { id: 6, name: 'Quiet clock', kind: 'Room', price: 6700, shape: 'clock', colour: '#5a7d6f', stock: 11, text: 'No ticking: the hands glide. Shows hours and minutes, and leaves the seconds to you.', details: ['22 cm across', 'One AA battery a year', 'Hangs or stands'] },
  { id: 7, name: 'Sorting tray', kind: 'Room', price: 3900, shape: 'tray', colour: '#a98a63', stock: 18, text: 'One place for the things that wander: keys, pens, the little cable. Oiled oak with felt feet.', details: ['Oak, 32 × 18 cm', 'Three removable walls', 'Wipe clean'] },
  { id: 8, name: 'Cedar candle', kind: 'Room', price: 2100, shape: 'candle', colour: '#6d7f5c', stock: 26, text: 'Smells of a pencil just sharpened. Burns for about forty hours in a glass worth keeping.', details: ['180 g', 'About 40 hours', 'Refill available'] },
  { id: 9, name: 'Three-leg stool', kind: 'Room', price: 11800, shape: 'stool', colour: '#c49a6c', stock: 3, text: 'A seat, a bedside table, a step to the top shelf. Stands level on any floor, as three legs do.', details: ['Ash, 45 cm high', 'Holds 120 kg', 'Comes assembled'] },
  { id: 10, name: 'Sofa blanket', kind: 'Room', price: 7400, shape: 'blanket', colour: '#7a5c74', stock: 8, text: 'Woven from recycled wool, with a fringe that children braid. Warm without weight.', details: ['130 × 180 cm', '70 % recycled wool', 'Cold wash'] },
  { id: 11, name: 'Small planter', kind: 'Green', price: 1800, shape: 'plant', colour: '#9a8f7d', stock: 22, text: 'For a cutting that has outgrown its glass of water. With a hole at the bottom, as it should be.', details: ['Pot 9 cm', 'Saucer included', 'Plant not included'] },
  { id: 12, name: 'Evening mug', kind: 'Table', price: 2600, shape: 'mug', colour: '#8c4a3a', stock: 0, text: 'The wider sister of the harbour mug, for soup as much as for cocoa.', details: ['450 ml', 'Dishwasher safe', 'Back in two weeks'] },
];

export const product = (id) => PRODUCTS.find((one) => one.id === Number(id));

/** A product's picture as an SVG element. */
export function picture({ shape, colour, name }) {
  const holder = document.createElement('div');
  holder.innerHTML = `<svg viewBox="30 26 140 130" role="img" class="picture"><title></title><ellipse cx="100" cy="141" rx="54" ry="7" fill="#0001"/>${art[shape](colour)}</svg>`;
  holder.querySelector('title').textContent = name;
  return holder.firstElementChild;
}

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
export const price = (cents) => euros.format(cents / 100);
