import type { Reply } from '../wire/index.ts';

/** Recorded: successes name the charset, errors do not. */
export const jsonType = 'application/json; charset=utf-8';

export function jsonReply(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  const bytes = Buffer.from(JSON.stringify(body));
  return {
    status,
    headers: { 'content-type': jsonType, 'content-length': bytes.length, ...headers },
    body: bytes,
  };
}

/** Recorded: even replies without a body are said to be JSON. */
export function emptyReply(status: number): Reply {
  return { status, headers: { 'content-type': jsonType, 'content-length': 0 }, body: null };
}

/** A reply of the hosts that speak no JSON: no type, no body. */
export function bareReply(status: number, headers: Record<string, string | number> = {}): Reply {
  return { status, headers: { 'content-length': 0, ...headers }, body: null };
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  410: 'Gone',
  416: 'Requested Range Not Satisfiable',
  500: 'Internal Server Error',
};

/** The error page of the hosts that serve bytes. */
export function htmlReply(status: number, headers: Record<string, string> = {}): Reply {
  const title = `${status} ${reasons[status] ?? 'Error'}`;
  const page = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '<hr><center>nginx</center>',
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
  const bytes = Buffer.from(page);
  return {
    status,
    headers: { 'content-type': 'text/html', 'content-length': bytes.length, ...headers },
    body: bytes,
  };
}
