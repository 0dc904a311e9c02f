import { Failure } from '../errors.ts';

const yandexDomains = ['yandex.net', 'yandex.ru', 'yandex.com'];

/** 127.0.0.0/8, ::1 and localhost. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Checks the address of an API or OAuth service taken from the settings.
 * @throws Failure 'invalid' for anything but https, or http to this machine.
 */
export function serviceUrl(text: string, setting: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return url;
  throw new Failure('invalid', `${setting} must be an https address (http only to this machine): ${text}`);
}

/**
 * Checks a link to a data host, or a redirect from one: https to a host of Yandex, or a loopback address when the API itself
 * is one. The token never travels with it.
 * @throws Failure 'nonsense' for any other address.
 */
export function dataUrl(text: string, apiUrl: URL, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url && url.username === '' && url.password === '') {
    const ofYandex = yandexDomains.some(
      (domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`),
    );
    if (url.protocol === 'https:' && ofYandex) return url;
    const plain = url.protocol === 'http:' || url.protocol === 'https:';
    if (plain && isLoopback(apiUrl.hostname) && isLoopback(url.hostname)) return url;
  }
  throw new Failure(
    'nonsense',
    `The Disk sent us to a host that is not its own${url ? `: ${url.hostname}` : ''}`,
  );
}
