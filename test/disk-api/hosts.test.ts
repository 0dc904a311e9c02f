import { describe, expect, it } from 'vitest';
import { dataUrl, serviceUrl } from '../../src/disk-api/hosts.ts';

const real = new URL('https://cloud-api.yandex.net/v1/disk');
const local = new URL('http://127.0.0.1:8080/v1/disk');

describe('the address of a service', () => {
  it.each([
    'https://cloud-api.yandex.net/v1/disk',
    'https://disk.example/api',
    'http://127.0.0.1:80/x',
    'http://127.8.9.1/x',
    'http://localhost:1/',
    'http://[::1]:1/',
  ])('may be %s', (text) => {
    expect(serviceUrl(text, 'YADISKFS_API_URL').href).toBe(new URL(text).href);
  });

  // Over plain HTTP everybody on the way reads the token.
  it.each([
    'http://cloud-api.yandex.net/v1/disk',
    'http://127.0.0.1.evil.example/',
    'http://localhost.evil.example/',
    'http://0.0.0.0/',
    'http://[::2]/',
    'http://10.0.0.1/',
    'ftp://localhost/',
    'file:///etc/passwd',
    'cloud-api.yandex.net',
    '',
  ])('may not be %s', (text) => {
    expect(() => serviceUrl(text, 'YADISKFS_API_URL')).toThrow('YADISKFS_API_URL must be an https address');
  });
});

describe('a link to bytes, or a redirect on the way to them', () => {
  it.each([
    'https://downloader.disk.yandex.ru/disk/a?b=c',
    'https://s123vla.storage.yandex.net/rdisk/x',
    'https://yandex.com/x',
  ])('may lead to %s', (text) => {
    expect(dataUrl(text, real).href).toBe(text);
  });

  it.each([
    'http://downloader.disk.yandex.ru/disk/a',
    'https://yandex.ru.evil.example/',
    'https://evilyandex.ru/',
    'https://evil.example/?yandex.ru',
    'https://evil.example/#.yandex.ru',
    'https://yandex.ru@evil.example/',
    'https://user:password@downloader.disk.yandex.ru/',
    'https://127.0.0.1/',
    'http://localhost:6379/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'data:text/plain,x',
    '//evil.example/x',
    'https://',
  ])('never to %s', (text) => {
    expect(() => dataUrl(text, real, new URL('https://downloader.disk.yandex.ru/from'))).toThrow();
  });

  it('may lead to this machine only where the API is on it', () => {
    expect(dataUrl('http://127.0.0.1:9/x', local).port).toBe('9');
    expect(dataUrl('/x', local, new URL('http://127.0.0.1:9/y')).href).toBe('http://127.0.0.1:9/x');
    expect(() => dataUrl('http://127.0.0.1:9/x', real)).toThrow('a host that is not its own: 127.0.0.1');
    expect(() => dataUrl('http://10.0.0.1/x', local)).toThrow();
  });
});
