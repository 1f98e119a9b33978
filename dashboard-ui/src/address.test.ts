import { expect, test } from 'vitest';
import { originOf, shortAddress } from './address';

test.each([
  ['https://shop.example/product/:id', '/product/:id'],
  ['https://shop.example', '/'],
  ['https://shop.example/a?b=:any#c', '/a?b=:any#c'],
  ['https://pay.example/done', 'pay.example/done'],
  ['http://shop.example/', 'shop.example/'],
  ['/already/short', '/already/short'],
  ['', ''],
])('%s is read as %s', (address, text) => {
  expect(shortAddress(address, 'https://shop.example')).toBe(text);
});

test('what is no address has no origin', () => {
  expect(originOf('/path')).toBe('');
  expect(originOf('http://127.0.0.1:8087/x')).toBe('http://127.0.0.1:8087');
});
