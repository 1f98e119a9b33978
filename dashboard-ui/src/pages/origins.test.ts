import { expect, test } from 'vitest';
import { readOrigins } from './origins';

test.each([
  ['https://www.example.com', ['https://www.example.com']],
  [' https://www.example.com/ \n https://*.Example.com', ['https://www.example.com', 'https://*.example.com']],
  ['http://localhost:8080,http://127.0.0.1:3000', ['http://localhost:8080', 'http://127.0.0.1:3000']],
  ['https://a.example https://a.example', ['https://a.example']],
  ['', []],
])('%j is read as %j', (text, origins) => {
  expect(readOrigins(text)).toEqual({ origins });
});

test.each(['www.example.com', 'https://example.com/shop', 'ftp://example.com', 'https://', 'https://a*.example.com'])('%s is no web address', (text) => {
  expect(readOrigins(`https://good.example\n${text}`)).toEqual({ bad: text });
});
