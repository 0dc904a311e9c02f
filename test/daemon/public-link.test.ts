import { describe, expect, it } from 'vitest';
import { parsePublicLink } from '../../src/daemon/public-link.ts';

describe('a public link', () => {
  const key = `${'ab+/'.repeat(20)}==`;

  it.each([
    ['https://yadi.sk/d/abc', 'https://yadi.sk/d/abc', undefined],
    ['https://yadi.sk/i/abc/', 'https://yadi.sk/i/abc', undefined],
    ['http://disk.yandex.ru/d/abc?w=1', 'https://disk.yandex.ru/d/abc', undefined],
    ['https://disk.yandex.com.tr/d/abc/a%20b/%D1%8F', 'https://disk.yandex.com.tr/d/abc', '/a b/я'],
    ['https://disk.360.yandex.ru/d/abc', 'https://disk.360.yandex.ru/d/abc', undefined],
    [`https://disk.yandex.ru/public?hash=${encodeURIComponent(key)}`, key, undefined],
    [`https://disk.yandex.ru/public/?hash=${encodeURIComponent(`${key}:/x/y`)}`, key, '/x/y'],
    [key, key, undefined],
  ])('%s', (link, expected, path) => {
    expect(parsePublicLink(link)).toEqual({ key: expected, path });
  });

  it('takes a path inside besides', () => {
    expect(parsePublicLink('https://yadi.sk/d/abc/x', 'y/z/')).toEqual({
      key: 'https://yadi.sk/d/abc',
      path: '/x/y/z',
    });
  });

  it.each([
    'nonsense',
    '',
    'https://yadi.sk/',
    'https://yadi.sk/x/abc',
    'https://example.com/d/abc',
    'https://disk.yandex.ru.evil.com/d/abc',
    'https://evil.com/public?hash=aaaaaaaaaaaaaaaaaaaaaaaa',
    'file:///d/abc',
    'https://yadi.sk/d/abc/%E0%A4%A',
    'https://yadi.sk/d/abc/a%2F..%2Fx',
  ])('is not %j', (link) => {
    expect(() => parsePublicLink(link)).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });
});
