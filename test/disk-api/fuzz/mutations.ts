import { gzipSync } from 'node:zlib';
import type { Random } from './random.ts';

/** A reply on its way to the client. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** How much of the body is sent before the connection ends; all of it where absent. */
  readonly cutAfterBytes?: number;
  /** Nothing is said, and the connection stays open or is closed. */
  readonly wire?: 'silence' | 'hang up';
}

export interface Mutated {
  readonly reply: WireReply;
  /** For whoever reads of a failure. */
  readonly how: string;
}

type Mutation = (reply: WireReply, random: Random, evil: readonly [string, ...string[]]) => WireReply;

const statuses = [
  200, 201, 202, 204, 206, 207, 226, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 407,
  409, 410, 411, 412, 413, 415, 416, 418, 421, 423, 425, 429, 451, 500, 501, 502, 503, 504, 507, 509, 511,
  599,
] as const;

const oddTexts = [
  '',
  ' ',
  'x'.repeat(200_000),
  '\u0000',
  '../../etc/passwd',
  'disk:/',
  'disk:/somebody else',
  '\ud800',
  '\u202e',
  '👾'.repeat(300),
  '__proto__',
  'constructor',
  'NaN',
  '-1',
  'true',
  '\r\nX-Injected: 1',
] as const;

const oddNumbers = [0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e308, -1e308, 1e-320] as const;

/** Anything that JSON can say. */
function oddValue(random: Random, evil: readonly [string, ...string[]]): unknown {
  const make = random.pick<() => unknown>([
    () => null,
    () => random.chance(0.5),
    () => random.pick(oddNumbers),
    () => random.pick(oddTexts),
    () => random.pick(evil),
    () => [],
    () => ({}),
    () => [[[[{}]]]],
    () => ({ error: random.pick(oddTexts), status: 'success' }),
    () => Array.from({ length: 500 }, (_, index) => index),
  ]);
  return make();
}

/** Changes one place of a value, somewhere in its depth. */
function mutateValue(value: unknown, random: Random, evil: readonly [string, ...string[]]): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.15)) return oddValue(random, evil);
  if (Array.isArray(value)) {
    const items: unknown[] = [...value];
    const at = random.below(Math.max(1, items.length));
    const kind = random.below(4);
    if (kind === 0) items.splice(at, 1);
    else if (kind === 1) items.push(items[at]);
    else if (kind === 2) items.reverse();
    else items[at] = mutateValue(items[at], random, evil);
    return items;
  }
  const entries: [string, unknown][] = Object.entries(value);
  const at = random.below(Math.max(1, entries.length));
  const [key = 'x', inner] = entries[at] ?? [];
  const kind = random.below(5);
  if (kind === 0) entries.splice(at, 1);
  else if (kind === 1) entries.push([random.pick(oddTexts), oddValue(random, evil)]);
  else if (kind === 2)
    entries.push(['error', random.pick(['DiskNotFoundError', 'DiskResourceLockedError', 'toString', 'X'])]);
  else entries[at] = [key, mutateValue(inner, random, evil)];
  return Object.fromEntries(entries);
}

const withJson: Mutation = (reply, random, evil) => {
  let value: unknown = {};
  // What an earlier mutation has nested a thousand deep is left as it is.
  if (!reply.body.includes('[[[[[[[[[[') && !reply.body.includes('{"a":{"a":{"a":')) {
    try {
      value = JSON.parse(reply.body.toString('utf8'));
    } catch {
      // No JSON any more.
    }
  }
  const times = 1 + random.below(3);
  for (let time = 0; time < times; time++) value = mutateValue(value, random, evil);
  return { ...reply, body: Buffer.from(JSON.stringify(value) ?? '') };
};

const withBytes: Mutation = (reply, random) => {
  const { body } = reply;
  const make = random.pick<() => Buffer>([
    () => body.subarray(0, random.below(body.length + 1)),
    () => Buffer.concat([body, body]),
    () => Buffer.concat([Buffer.from('\ufeff'), body]),
    () => Buffer.concat([body, Buffer.from('garbage')]),
    () => Buffer.alloc(0),
    () => Buffer.from('<html><body>Sign in to the network</body></html>'),
    () => Buffer.from(body.toString('utf8'), 'utf16le'),
    () => Buffer.from(body.toString('utf8'), 'latin1'),
    () => Buffer.from('['.repeat(100_000)),
    () => Buffer.from(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`),
    () => Buffer.from('null'),
    () => gzipSync(body),
    () => Buffer.alloc(random.below(5_000), 0xff),
    () => {
      const flipped = Buffer.from(body);
      for (let time = 0; time < 3 && flipped.length > 0; time++)
        flipped[random.below(flipped.length)] = random.below(256);
      return flipped;
    },
  ]);
  return { ...reply, body: make() };
};

const withStatus: Mutation = (reply, random) => ({ ...reply, status: random.pick(statuses) });

const withHeaders: Mutation = (reply, random, evil) => {
  const headers = { ...reply.headers };
  const make = random.pick<() => Record<string, string>>([
    () => ({ location: random.pick(evil) }),
    () => ({
      'retry-after': random.pick(['0', '-1', '1e9', 'soon', '', 'Thu, 01 Jan 1970 00:00:00 GMT', '0.2']),
    }),
    () => ({
      'content-type': random.pick([
        'text/html',
        'application/octet-stream',
        '',
        'application/json; charset=utf-16',
      ]),
    }),
    () => ({ 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'zstd', 'identity', 'rot13']) }),
    () => ({
      'content-range': random.pick([
        'bytes 0-0/1',
        'bytes */*',
        'bytes 5-2/10',
        'items 0-9/10',
        'bytes 0-99999999999999999999/7',
      ]),
    }),
    () => ({ etag: random.pick(['"x"', 'W/""', 'd41d8cd98f00b204e9800998ecf8427e', '']) }),
    () => ({ 'set-cookie': 'a=b; Domain=.yandex.net', 'x-large': 'x'.repeat(9_000) }),
    () => ({ 'x-too-large': 'x'.repeat(40_000) }),
    () => ({ connection: 'close' }),
    () => ({ 'content-length': String(reply.body.length + random.pick([-1, 1, 1_000_000])) }),
  ]);
  return { ...reply, headers: { ...headers, ...make() } };
};

const withRedirect: Mutation = (reply, random, evil) => ({
  ...reply,
  status: random.pick([301, 302, 303, 307, 308]),
  headers: { ...reply.headers, location: random.pick(evil) },
});

const withWire: Mutation = (reply, random) => {
  const kind = random.below(4);
  if (kind === 0) return { ...reply, wire: 'silence' };
  if (kind === 1) return { ...reply, wire: 'hang up' };
  return { ...reply, cutAfterBytes: random.below(reply.body.length + 1) };
};

const mutations: readonly [readonly [string, Mutation], ...(readonly [string, Mutation])[]] = [
  ['json', withJson],
  ['json', withJson],
  ['json', withJson],
  ['bytes', withBytes],
  ['status', withStatus],
  ['status', withStatus],
  ['headers', withHeaders],
  ['redirect', withRedirect],
  ['wire', withWire],
];

/** One to three things done to a reply. @param evil addresses that nothing may be asked of */
export function mutate(reply: WireReply, random: Random, evil: readonly [string, ...string[]]): Mutated {
  const names: string[] = [];
  let mutated = reply;
  const times = 1 + random.below(3);
  for (let time = 0; time < times; time++) {
    const [name, mutation] = random.pick(mutations);
    names.push(name);
    mutated = mutation(mutated, random, evil);
  }
  return { reply: mutated, how: `${names.join('+')} → ${mutated.wire ?? mutated.status}` };
}
