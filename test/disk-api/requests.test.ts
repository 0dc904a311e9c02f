import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/disk-api/api.ts';
import { readDisk, readRevision } from '../../src/disk-api/disk.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import { makeFolder } from '../../src/disk-api/resources.ts';
import { moveResource } from '../../src/disk-api/transfers.ts';
import { Failure } from '../../src/errors.ts';
import { clientOf } from './client.ts';
import { type Answer, type Asked, json, page, refused, scriptedServer } from './scripted-server.ts';

const disk = json(200, { revision: 7, total_space: 10, used_space: 3 });

/** Answers one after the other; the last one again and again. */
function inTurn(...answers: (Answer | undefined)[]) {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)];
}

/** Whether the network is there is asked on the side, when it takes long. */
function isProbe({ query }: Asked): boolean {
  return query.get('fields') === 'revision';
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (outcome instanceof Failure) return outcome;
  throw new Error(`Not a Failure: ${inspect(outcome)}`);
}

describe.concurrent('a call that reads', () => {
  it('carries the token and asks for fields', async () => {
    const server = await scriptedServer(() => disk);
    expect((await readDisk(clientOf(server.apiUrl))).revision).toBe(7);
    expect(server.asked[0]?.headers['authorization']).toBe('OAuth TOKEN');
    expect(server.asked[0]?.headers['content-length']).toBeUndefined();
    expect(server.asked[0]?.query.get('fields')).toContain('revision');
  });

  it.each<[string, Answer[]]>([
    ['a connection that breaks', ['hang up', 'hang up']],
    ['500 and 503', [refused(500, 'InternalServerError'), refused(503, 'Whatever')]],
    [
      'pages of a proxy',
      [
        { status: 502, body: '<html>' },
        { status: 504, body: '' },
      ],
    ],
    ['too many requests', [refused(429, 'TooManyRequestsError', { 'retry-after': '0' })]],
    ['a lock', [refused(423, 'DiskResourceLockedError')]],
    [
      'half an answer',
      [{ status: 200, headers: { 'content-type': 'application/json' }, body: '{"revision":' }],
    ],
    [
      'an answer of another shape',
      [json(200, []), json(200, null), json(200, { revision: 'seven' }), json(200, {})],
    ],
    ['an answer in another encoding', [{ status: 200, body: Buffer.from('{"revision":7}', 'utf16le') }]],
    [
      'an answer that is no UTF-8',
      [{ status: 200, body: Buffer.from('{"revision":7,"user":{"login":"\xe4"}}', 'latin1') }],
    ],
    ['a login page of the network', [page, { status: 302, headers: { location: 'http://hotel.example/' } }]],
    [
      'a body shorter than announced',
      [{ status: 200, headers: { 'content-length': 100, connection: 'close' }, body: '{"revision":7}' }],
    ],
    [
      'a compressed body that is none',
      [{ status: 200, headers: { 'content-encoding': 'gzip' }, body: '{"revision":7}' }],
    ],
  ])('survives %s', async (_, troubles) => {
    const answer = inTurn(...troubles, disk);
    const server = await scriptedServer((asked) => (isProbe(asked) ? disk : answer()));
    expect((await readDisk(clientOf(server.apiUrl))).revision).toBe(7);
    expect(server.asked.filter((asked) => !isProbe(asked)).length).toBe(troubles.length + 1);
  });

  it('takes a uid that is a number', async () => {
    const server = await scriptedServer(() => json(200, { user: { uid: 100000001, login: 5 } }));
    expect((await readDisk(clientOf(server.apiUrl))).user).toMatchObject({ uid: '100000001' });
  });

  it('knows a Disk that tells no revision: of what was asked for, nothing is left', async () => {
    for (const answer of [json(200, {}), json(200, { total_space: 10 }), json(200, { revision: null })]) {
      const server = await scriptedServer(() => answer);
      expect(await readRevision(clientOf(server.apiUrl))).toBeUndefined();
      expect(server.asked.length).toBe(1);
    }
  });

  it.each<[string, Answer, string]>([
    ['404', refused(404, 'DiskNotFoundError'), 'not-found'],
    ['403', refused(403, 'ForbiddenError'), 'refused'],
    ['401', refused(401, 'UnauthorizedError'), 'login-needed'],
    ['400', refused(400, 'FieldValidationError'), 'invalid'],
    ['an unknown name', refused(409, 'DiskSomethingNewError'), 'exists'],
    ['a name that objects have', refused(404, 'constructor'), 'not-found'],
    ['an unknown status', refused(418, 'TeapotError'), 'refused'],
    ['423 for the month', refused(423, 'DiskUploadTrafficLimitExceeded'), 'allowance-spent'],
    ['429 for a download limit', refused(429, 'DiskResourceDownloadLimitExceededError'), 'refused'],
    ['507', refused(507, 'DiskStorageQuotaExhaustedError'), 'no-space'],
  ])('takes %s for an answer', async (_, answer, code) => {
    const server = await scriptedServer(() => answer);
    expect((await failureOf(readResource(clientOf(server.apiUrl), 'disk:/a'))).code).toBe(code);
    expect(server.asked.length).toBe(1);
  });

  it('never takes the answer of somebody else for a word of the Disk', async () => {
    const html = { 'content-type': 'text/html' };
    const answers: Answer[] = [
      { status: 404, headers: html, body: '<html>no</html>' },
      { status: 404 },
      json(403, { code: 17 }),
      { status: 307, headers: { location: 'http://127.0.0.1:9/' } },
      { status: 511, body: 'sign in' },
      page,
    ];
    await Promise.all(
      answers.map(async (answer) => {
        const server = await scriptedServer(() => answer);
        const failure = await failureOf(readResource(clientOf(server.apiUrl), 'disk:/a'));
        expect(failure.code).toBe('offline');
        expect(failure.hint).toContain('login page');
      }),
    );
  });

  it('follows no redirect with the token', async () => {
    const elsewhere = await scriptedServer(() => disk);
    const server = await scriptedServer(() => ({ status: 301, headers: { location: elsewhere.apiUrl } }));
    await failureOf(readDisk(clientOf(server.apiUrl)));
    expect(elsewhere.asked).toEqual([]);
  });

  it('waits as long as Retry-After says, and holds back others meanwhile', async () => {
    const server = await scriptedServer(
      inTurn(refused(429, 'TooManyRequestsError', { 'retry-after': '1' }), disk),
    );
    const api = clientOf(server.apiUrl);
    const startedAtMs = performance.now();
    const first = readDisk(api);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.all([first, readDisk(api), readDisk(api)]);
    expect(performance.now() - startedAtMs).toBeGreaterThan(950);
    expect(server.asked.length).toBe(4);
  });

  it('does not wait for a minute that a server asks for', async () => {
    const server = await scriptedServer(() => refused(503, 'Maintenance', { 'retry-after': '3600' }));
    const failure = await failureOf(readDisk(clientOf(server.apiUrl)));
    expect(failure).toMatchObject({ code: 'server', retryAfterMs: 60_000 });
    expect(server.asked.length).toBe(1);
  });

  it('ends with a nonsensical answer when it goes on, in a bounded number of tries', async () => {
    const server = await scriptedServer(() => json(200, 'whatever'));
    expect((await failureOf(readDisk(clientOf(server.apiUrl)))).code).toBe('nonsense');
    expect(server.asked.length).toBeGreaterThan(4);
    expect(server.asked.length).toBeLessThanOrEqual(8);
  });

  it('fails within seconds when nothing listens', async () => {
    const startedAtMs = performance.now();
    expect((await failureOf(readDisk(clientOf('http://127.0.0.1:1/v1/disk')))).code).toBe('offline');
    expect(performance.now() - startedAtMs).toBeLessThan(8_000);
  });

  it('goes on at once over a new connection where a kept one has died', async () => {
    const server = await scriptedServer(() => disk);
    const api = clientOf(server.apiUrl);
    await Promise.all([readDisk(api), readDisk(api), readDisk(api)]);
    server.dropConnections();
    await readDisk(api);
    expect(server.asked.length).toBeLessThanOrEqual(5);
  });

  it('keeps its connection', async () => {
    const server = await scriptedServer(inTurn(disk, refused(404, 'DiskNotFoundError'), page, disk));
    const api = clientOf(server.apiUrl);
    await readDisk(api);
    await failureOf(readDisk(api));
    await readDisk(api);
    expect(new Set(server.asked.map(({ connection }) => connection))).toEqual(new Set([1]));
  });

  it('gives up silence after eight seconds, also a kept connection that went dead, and then tries a new one', async () => {
    const silent = await scriptedServer(() => 'silence');
    const startedAtMs = performance.now();
    const dead = await scriptedServer(({ nth }) => (nth === 2 ? 'silence' : disk));
    const api = clientOf(dead.apiUrl);
    await readDisk(api);
    const [failure] = await Promise.all([failureOf(readDisk(clientOf(silent.apiUrl))), readDisk(api)]);
    expect(failure.code).toBe('offline');
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    expect(silent.asked.length).toBe(1);
    expect(dead.asked.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('hears the signal at every point', async () => {
    const giving = new AbortController();
    const { signal } = giving;
    const server = await scriptedServer(({ query }) => {
      if (query.get('path') === 'disk:/silent') return 'silence';
      return refused(503, 'Busy');
    });
    const api = clientOf(server.apiUrl, { ratePerSecond: 4 });
    const readings = [
      'disk:/silent',
      'disk:/busy',
      'disk:/silent',
      'disk:/busy',
      'disk:/queued',
      'disk:/queued',
    ];
    const failures = readings.map((path) => failureOf(readResource(api, path, { signal })));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const abortedAtMs = performance.now();
    giving.abort();
    expect((await Promise.all(failures)).map(({ code }) => code)).toEqual(readings.map(() => 'aborted'));
    expect(performance.now() - abortedAtMs).toBeLessThan(200);
    expect((await failureOf(readDisk(api, { signal }))).code).toBe('aborted');
  });
});

describe.concurrent('the token', () => {
  it('is renewed once for all who were refused, and each asks once more', async () => {
    let current = 'OLD';
    const refusals: string[] = [];
    const server = await scriptedServer(({ headers }) =>
      headers['authorization'] === 'OAuth NEW' ? disk : refused(401, 'UnauthorizedError'),
    );
    let renewing: Promise<boolean> | undefined;
    const api = clientOf(server.apiUrl, {
      tokens: {
        accessToken: async () => current,
        refused: (token) => {
          refusals.push(token);
          renewing ??= new Promise((resolve) =>
            setTimeout(() => {
              current = 'NEW';
              resolve(true);
            }, 50),
          );
          return renewing;
        },
      },
    });
    await Promise.all(Array.from({ length: 10 }, () => readDisk(api)));
    expect(new Set(refusals)).toEqual(new Set(['OLD']));
    expect(server.asked.length).toBe(20);
  });

  it('is refused for good after a second 401', async () => {
    const server = await scriptedServer(() => refused(401, 'UnauthorizedError'));
    const tokens = { accessToken: async () => 'TOKEN', refused: async () => true };
    const failure = await failureOf(readDisk(clientOf(server.apiUrl, { tokens })));
    expect(failure.code).toBe('login-needed');
    expect(server.asked.length).toBe(2);
  });

  it('lets a change be sent again after a 401, which is a refusal', async () => {
    let current = 'OLD';
    const server = await scriptedServer(({ headers }) =>
      headers['authorization'] === 'OAuth NEW'
        ? json(201, { href: 'https://cloud-api.yandex.net/v1/disk/resources?path=disk%3A%2Fnew+name' })
        : refused(401, 'UnauthorizedError'),
    );
    const tokens = {
      accessToken: async () => current,
      refused: async () => {
        current = 'NEW';
        return true;
      },
    };
    const made = await moveResource(clientOf(server.apiUrl, { tokens }), 'disk:/a', 'disk:/new name');
    expect(made.path).toBe('disk:/new name');
    expect(server.asked.length).toBe(2);
  });

  it('that cannot be renewed leaves nothing in doubt', async () => {
    const server = await scriptedServer(() => refused(401, 'UnauthorizedError'));
    const noNetwork = new Failure('offline', 'No connection to the OAuth host');
    const tokens = {
      accessToken: async () => 'OLD',
      refused: async () => {
        throw noNetwork;
      },
    };
    const api = clientOf(server.apiUrl, { tokens });
    expect((await failureOf(moveResource(api, 'disk:/a', 'disk:/b'))).code).toBe('offline');
  });

  it('is in no failure, however deep one looks', async () => {
    const secret = 'y0_SECRET';
    const answers: Answer[] = [
      'hang up',
      refused(401, 'UnauthorizedError'),
      refused(403, 'ForbiddenError'),
      page,
      json(200, { revision: 'x' }),
      { status: 200, headers: { 'content-encoding': 'gzip' }, body: 'x' },
    ];
    const failures = answers.flatMap((answer) =>
      [
        (api: Api) => readDisk(api),
        (api: Api) => moveResource(api, 'disk:/a', 'disk:/b'),
        (api: Api) => makeFolder(api, 'disk:/c'),
      ].map(async (ask) => {
        const server = await scriptedServer(() => answer);
        const api = clientOf(server.apiUrl, { tokens: { accessToken: async () => secret } });
        return ask(api).catch((error: unknown) => error);
      }),
    );
    const told = (await Promise.all(failures)).filter((failure) => failure instanceof Failure);
    expect(told.length).toBeGreaterThan(14);
    for (const failure of told)
      expect(inspect(failure, { depth: 20, showHidden: true, getters: true })).not.toContain(secret);
  });

  it('does not go to a proxy that the environment names', async () => {
    const proxy = await scriptedServer(() => disk);
    const before = { ...process.env };
    Object.assign(process.env, {
      http_proxy: proxy.origin,
      HTTP_PROXY: proxy.origin,
      ALL_PROXY: proxy.origin,
    });
    try {
      const server = await scriptedServer(() => disk);
      await readDisk(clientOf(server.apiUrl));
      expect(proxy.asked).toEqual([]);
    } finally {
      for (const name of ['http_proxy', 'HTTP_PROXY', 'ALL_PROXY']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });
});

describe('the rate', () => {
  it('is what the server sees: never more than so many in a second, reads and changes together', async () => {
    const arrivedAtMs: number[] = [];
    const server = await scriptedServer(({ method }) => {
      arrivedAtMs.push(performance.now());
      return method === 'GET' ? disk : json(201, {});
    });
    const api = clientOf(server.apiUrl, { ratePerSecond: 10 });
    await Promise.all([
      ...Array.from({ length: 15 }, () => readDisk(api)),
      ...Array.from({ length: 10 }, (_, index) => makeFolder(api, `disk:/${index}`)),
    ]);
    for (const [index, atMs] of arrivedAtMs.entries()) {
      const later = arrivedAtMs[index + 10];
      if (later !== undefined) expect(later - atMs).toBeGreaterThanOrEqual(1000);
    }
  });
});
