import { describe, expect, it } from 'vitest';
import { classifyRangeReply } from '../../src/disk-api/range-reply.ts';
import { folderPageReply, publicReply, resourceReply } from '../../src/disk-api/replies.ts';
import { readUploadAnswer } from '../../src/disk-api/upload-answer.ts';
import { loadRecordings, type RecordedExchange } from '../recordings/load.ts';
import { clientOf } from './client.ts';
import { recordedCalls } from './recorded-calls.ts';
import { type Answer, json, scriptedServer } from './scripted-server.ts';

const base = 'https://cloud-api.yandex.net/v1/disk';
const codeByError: Readonly<Record<string, string>> = {
  DiskNotFoundError: 'not-found',
  DiskPathDoesntExistsError: 'no-parent',
  DiskSymlinkPasswordRequiredError: 'refused',
  UnauthorizedError: 'login-needed',
};

const recordings = loadRecordings();
const counts = { read: 0, entries: 0, narrow: 0, refusals: 0, dataHosts: 0, otherHosts: 0 };

/** The recorded reply; what is asked besides it is answered as plainly as can be. */
function replier({ request, response }: RecordedExchange) {
  const { status, headers, body } = response;
  const type = headers['content-type'];
  const recorded: Answer = {
    status,
    headers: type === undefined ? {} : { 'content-type': type },
    ...(body && 'json' in body && { body: JSON.stringify(body.json) }),
  };
  const recordedPath = new URL(request.url).pathname.replace('/v1/disk', '') || '/';
  return ({ method, path }: { method: string; path: string }): Answer => {
    if (method === request.method && path === recordedPath) return recorded;
    if (path.startsWith('/operations/')) return json(200, { status: 'success' });
    return json(200, { name: 'x', type: 'file', public_url: 'https://yadi.sk/d/x' });
  };
}

function routeOf({ request }: RecordedExchange): string {
  const path = new URL(request.url).pathname.replace('/v1/disk', '').replace(/^(\/operations)\/.*$/, '$1');
  return `${request.method} ${path}`;
}

type Body = {
  readonly error?: string;
  readonly name?: string;
  readonly items?: readonly Json[];
  readonly _embedded?: { readonly items?: readonly Json[] };
};
type Json = Readonly<Record<string, unknown>>;

function jsonOf({ response }: RecordedExchange): Body {
  return (response.body && 'json' in response.body ? response.body.json : {}) as Body;
}

/** True for a reply to somebody who did not ask for the name, which we need. */
function isNarrow(exchange: RecordedExchange): boolean {
  const { name, error, items } = jsonOf(exchange);
  const isResource = /^(GET|PATCH) (\/public)?\/resources$/.test(routeOf(exchange));
  const isTrash = routeOf(exchange) === 'GET /trash/resources' && !jsonOf(exchange)._embedded;
  const isList = items?.some((item) => item['name'] === undefined) ?? false;
  return error === undefined && ((isResource && name === undefined) || isTrash || isList);
}

/** The entries of a page are read whatever its folder tells of itself. */
function readEntries(exchange: RecordedExchange): void {
  const items = jsonOf(exchange)._embedded?.items ?? [];
  const shape = exchange.request.url.includes('/public/') ? publicReply : resourceReply;
  for (const item of items.filter(({ name, type }) => name !== undefined && type !== undefined)) {
    counts.entries++;
    expect(shape.parse(item)).toMatchObject({ name: item['name'], type: item['type'] });
  }
}

/** Without what the reply does not tell. */
function told(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}

async function readRecorded(exchange: RecordedExchange): Promise<void> {
  const { status } = exchange.response;
  const recorded = jsonOf(exchange);
  readEntries(exchange);
  if (isNarrow(exchange)) {
    counts.narrow++;
    expect(folderPageReply.safeParse(recorded).success).toBe(false);
    return;
  }
  const call = recordedCalls[routeOf(exchange)];
  if (!call) throw new Error(`No call of ours for ${routeOf(exchange)}`);
  const api = clientOf((await scriptedServer(replier(exchange))).apiUrl);
  const outcome = await call.ask(api, exchange).catch((error: unknown) => error);
  api.close();
  if (recorded.error === 'DiskOperationNotFoundError') {
    counts.refusals++;
    expect(outcome).toBe('unknown');
  } else if (recorded.error === 'DiskPathPointsToExistentDirectoryError') {
    counts.refusals++;
    expect(outcome).toMatchObject({ state: 'there' });
  } else if (status >= 400) {
    counts.refusals++;
    expect(outcome).toMatchObject({ code: codeByError[recorded.error ?? ''] });
  } else {
    counts.read++;
    const value = told(call.value(recorded, exchange));
    if (typeof value === 'object' && value !== null) expect(outcome).toMatchObject(value);
    else expect(outcome).toEqual(value);
  }
}

describe.concurrent.each(
  recordings.map(({ name, exchanges }) => [name, exchanges] as const),
)('what was recorded as %s', (_, exchanges) => {
  it('is read by the client, reply by reply', { timeout: 60_000 }, async () => {
    await Promise.all(
      exchanges.map(async (exchange) => {
        const { request, response } = exchange;
        if (request.url.startsWith(base)) return readRecorded(exchange);
        const answer = { kind: 'answered' as const, status: response.status, headers: response.headers };
        if (/uploader/.test(request.url)) {
          counts.dataHosts++;
          expect(readUploadAnswer(answer, 'disk:/a').kind).toBe('stored');
        } else if (/downloader/.test(request.url)) {
          counts.dataHosts++;
          const sizeBytes = Number(response.headers['content-length']);
          const { kind } = classifyRangeReply(response.status, response.headers, {
            start: 0,
            end: sizeBytes,
            sizeBytes,
          });
          expect(kind).toBe({ 200: 'bytes', 410: 'dead-link', 500: 'trouble' }[response.status]);
        } else counts.otherHosts++;
      }),
    );
  });
});

it('leaves none out', () => {
  expect(counts).toEqual({ read: 245, entries: 28, narrow: 97, refusals: 46, dataHosts: 31, otherHosts: 8 });
});
