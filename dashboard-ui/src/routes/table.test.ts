import { describe, expect, test } from 'vitest';
import { match, safeNext, withQuery } from './table';

describe('an address', () => {
  test.each([
    ['/', 'recordings', {}],
    ['/recordings/00ff', 'recording', { id: '00ff' }],
    ['/recordings/00ff/', 'recording', { id: '00ff' }],
    ['/sites', 'sites', {}],
    ['/sites/new', 'site-new', {}],
    ['/sites/abc', 'site', { key: 'abc' }],
    ['/sites/a%2Fb', 'site', { key: 'a/b' }],
    ['/sites/abc/findings', 'findings', { key: 'abc' }],
    ['/sites/abc/privacy', 'privacy', { key: 'abc' }],
    ['/settings', 'settings', {}],
    ['/setup', 'setup', {}],
    ['/sign-in', 'sign-in', {}],
    ['/nowhere', 'not-found', {}],
    ['/sites/a/b', 'not-found', {}],
    ['/sites/%', 'not-found', {}],
  ])('%s shows %s', (path, name, params) => {
    expect(match(path)).toEqual({ name, params });
  });

  test('keeps the parameters that nobody changed', () => {
    expect(withQuery('/', new URLSearchParams('site=a&period=7d'), { period: null })).toBe('/?site=a');
    expect(withQuery('/', new URLSearchParams('site=a'), { site: '', period: '30d' })).toBe('/?period=30d');
    expect(withQuery('/', new URLSearchParams('site=a'), { site: null })).toBe('/');
  });

  test.each([
    ['/recordings/00ff?t=5', '/recordings/00ff?t=5'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example/', '/'],
    ['/nowhere', '/'],
    [null, '/'],
  ])('after signing in, %s leads to %s', (wanted, address) => {
    expect(safeNext(wanted)).toBe(address);
  });
});
