import { expect, test } from 'vitest';
import { proofsIn, readReceipt, writeReceipt } from './proofs';

const [one, two] = [`${'a1'.repeat(16)}.${'b2'.repeat(16)}`, `${'c3'.repeat(16)}.${'d4'.repeat(16)}`];

test('an address tells its proofs, each once and nothing else', () => {
  expect(proofsIn(`${one},${two},${one},`)).toEqual([one, two]);
  expect(proofsIn(`x${one}`)).toEqual([]);
  expect(proofsIn('')).toEqual([]);
});

test('a receipt opens what it was written for, on its own site alone', () => {
  const receipt = writeReceipt('site', 'https://rec.example.com', [one, two]);
  expect(readReceipt('site', receipt)).toEqual([one, two]);
  expect(readReceipt('other', receipt)).toBeNull();
});

test.each(['', '{}', 'null', '[]', '{"hushreel":"receipt","site":"site","recordings":[null]}', '{"hushreel":"receipt","site":"site"}'])('%s is no receipt', (text) => {
  expect(readReceipt('site', text)).toBeNull();
});
