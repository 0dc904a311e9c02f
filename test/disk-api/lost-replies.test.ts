import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/disk-api/api.ts';
import { type Call, calls } from '../../src/disk-api/calls.ts';
import type { ChangeOptions } from '../../src/disk-api/changes.ts';
import { savePublic } from '../../src/disk-api/public-resources.ts';
import { publish, setPublicSettings, unpublish } from '../../src/disk-api/publication.ts';
import { deleteResource, makeFolder, setProperties } from '../../src/disk-api/resources.ts';
import { saveUrl } from '../../src/disk-api/save-url.ts';
import { copyResource, moveResource } from '../../src/disk-api/transfers.ts';
import { deleteTrashed, emptyTrash, restoreTrashed } from '../../src/disk-api/trash.ts';
import { clientOf } from './client.ts';
import { type Answer, type Asked, json, page, refused, scriptedServer } from './scripted-server.ts';

const trashed = 'trash:/a_0123456789012345678901234567890123456789';

/** Every call that changes something, as the product makes it. */
const changes: Record<keyof typeof calls, (api: Api, options: ChangeOptions) => Promise<unknown>> = {
  makeFolder: (api, options) => makeFolder(api, 'disk:/a', options),
  deleteResource: (api, options) => deleteResource(api, 'disk:/a', options),
  setProperties: (api, options) => setProperties(api, 'disk:/a', { key: 'value' }, options),
  move: (api, options) => moveResource(api, 'disk:/a', 'disk:/b', options),
  copy: (api, options) => copyResource(api, 'disk:/a', 'disk:/b', options),
  saveUrl: (api, options) => saveUrl(api, 'https://example.org/', 'disk:/b', options),
  publish: (api, options) => publish(api, 'disk:/a', options),
  unpublish: (api, options) => unpublish(api, 'disk:/a', options),
  setPublicSettings: (api, options) => setPublicSettings(api, 'disk:/a', { readOnly: true }, options),
  savePublic: (api, options) => savePublic(api, { key: 'https://yadi.sk/d/x' }, options),
  deleteTrashed: (api, options) => deleteTrashed(api, trashed, options),
  emptyTrash: (api, options) => emptyTrash(api, options),
  restore: (api, options) => restoreTrashed(api, trashed, options),
};

const repeated = entriesWith('repeat');
const looked = entriesWith('look');

function entriesWith(lostReply: Call['lostReply']) {
  return (Object.keys(changes) as (keyof typeof calls)[])
    .filter((name) => calls[name].lostReply === lostReply)
    .map((name) => [name] as const);
}

/** Done, and answered as the call is. */
function done({ method, path }: Asked): Answer {
  if (method === 'GET') return json(200, { name: 'a', type: 'file', public_url: 'https://yadi.sk/d/x' });
  if (method === 'DELETE') return { status: 204 };
  if (path === '/resources/upload')
    return json(202, { href: 'https://cloud-api.yandex.net/v1/disk/operations/abc' });
  return json(method === 'PATCH' || path.endsWith('publish') ? 200 : 201, {
    href: 'https://cloud-api.yandex.net/v1/disk/resources?path=disk%3A%2Fb',
  });
}

/** Answers to changes in turn; what reads is answered as if all were done. */
async function serverOf(...answers: ((asked: Asked) => Answer)[]) {
  const changesSeen: Asked[] = [];
  const server = await scriptedServer((asked) => {
    if (asked.path.startsWith('/operations/')) return json(200, { status: 'success' });
    if (asked.method === 'GET') return done(asked);
    changesSeen.push(asked);
    return (answers[changesSeen.length - 1] ?? done)(asked);
  });
  return { api: clientOf(server.apiUrl), changesSeen };
}

const lost: [string, (asked: Asked) => Answer][] = [
  ['a connection that breaks', () => 'hang up'],
  ['a 500', () => refused(500, 'InternalServerError')],
  ['a 502 of a proxy', () => ({ status: 502, body: '<html>' })],
  ['a login page', () => page],
  ['a redirect', () => ({ status: 302, headers: { location: 'https://elsewhere.example/' } })],
  ['a 203 of a proxy', () => json(203, { hello: 'I am a proxy' })],
  ['a 404 in HTML', () => ({ status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' })],
];

describe.concurrent.each(looked)('%s, which may do harm when it is done twice', (name) => {
  it('is never sent again after a lost reply', async () => {
    await Promise.all(
      lost.map(async ([, answer]) => {
        const { api, changesSeen } = await serverOf(answer);
        await expect(changes[name](api, {})).rejects.toMatchObject({ code: 'in-doubt' });
        expect(changesSeen.length).toBe(1);
      }),
    );
  });

  it('is done when a look says so, is sent again when nothing has happened, and in doubt when nobody can tell', async () => {
    const outcomes = await Promise.all(
      (['done', 'undone', 'unclear'] as const).map(async (verdict) => {
        const { api, changesSeen } = await serverOf(() => 'hang up');
        const outcome = await changes[name](api, { look: async () => verdict }).then(
          () => 'resolved',
          (error: { code: string }) => error.code,
        );
        return [outcome, changesSeen.length];
      }),
    );
    expect(outcomes).toEqual([
      ['resolved', 1],
      ['resolved', 2],
      ['in-doubt', 1],
    ]);
  });

  it('is looked at once more when a try after an "undone" finds that the first one came late', async () => {
    const verdicts = ['undone', 'done'] as const;
    let looks = 0;
    const { api, changesSeen } = await serverOf(
      () => 'hang up',
      () => refused(404, 'DiskNotFoundError'),
    );
    await changes[name](api, { look: async () => verdicts[looks++] ?? 'unclear' });
    expect([looks, changesSeen.length]).toEqual([2, 2]);
  });

  it('is sent again where it was refused for being too much or in the way, or never left', async () => {
    const { api, changesSeen } = await serverOf(
      () => refused(429, 'TooManyRequestsError', { 'retry-after': '0' }),
      () => refused(423, 'DiskResourceLockedError'),
    );
    await changes[name](api, {});
    expect(changesSeen.length).toBe(3);
  });

  it('is not sent again where others hold what was looked at before, unless they may be an earlier try', async () => {
    const locked = () => refused(423, 'DiskResourceLockedError');
    const { api, changesSeen } = await serverOf(locked);
    await expect(changes[name](api, { wasLookedAt: true })).rejects.toMatchObject({ code: 'locked' });
    expect(changesSeen.length).toBe(1);
    const lost = await serverOf(() => 'hang up', locked);
    await changes[name](lost.api, { wasLookedAt: true, look: async () => 'undone' });
    expect(lost.changesSeen.length).toBe(3);
  });

  it('is not sent after a long "come back later" where it was looked at before', async () => {
    const busy = (seconds: number) => () => refused(429, 'TooManyRequestsError', { 'retry-after': seconds });
    const { api, changesSeen } = await serverOf(busy(1), busy(20));
    await expect(changes[name](api, { wasLookedAt: true, priority: 'background' })).rejects.toMatchObject({
      code: 'busy',
      retryAfterMs: 20_000,
    });
    expect(changesSeen.length).toBe(2);
    // Nor is one that comes while nothing is taken.
    await expect(changes[name](api, { wasLookedAt: true, priority: 'background' })).rejects.toMatchObject({
      code: 'busy',
    });
    const waiting = new AbortController();
    const patient = changes[name](api, { priority: 'background', signal: waiting.signal });
    setTimeout(() => waiting.abort(), 100);
    await expect(patient).rejects.toMatchObject({ code: 'aborted' });
    expect(changesSeen.length).toBe(2);
  });

  it('is in doubt when it was given up while it was under way, and not before', async () => {
    const giving = new AbortController();
    const { api, changesSeen } = await serverOf(() => {
      giving.abort();
      return 'silence';
    });
    await expect(changes[name](api, { signal: giving.signal })).rejects.toMatchObject({ code: 'in-doubt' });
    await expect(changes[name](api, { signal: giving.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(changesSeen.length).toBe(1);
  });
});

it('is not in doubt what was asked of a machine where nothing listens', async () => {
  const api = clientOf('http://127.0.0.1:1/v1/disk');
  const outcomes = Object.values(changes).map((change) =>
    change(api, {}).catch((error: { code: string }) => error.code),
  );
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['offline']));
});

describe.concurrent.each(repeated)('%s, which is the same when it is done twice', (name) => {
  it('is sent again after a lost reply', async () => {
    await Promise.all(
      lost.map(async ([, answer]) => {
        const { api, changesSeen } = await serverOf(answer);
        await changes[name](api, {});
        expect(changesSeen.length).toBe(2);
        expect(changesSeen[1]).toMatchObject({ body: changesSeen[0]?.body, method: changesSeen[0]?.method });
        expect(changesSeen[1]?.query.toString()).toBe(changesSeen[0]?.query.toString());
      }),
    );
  });

  it('is not sent again where a look shows that it was done', async () => {
    const { api, changesSeen } = await serverOf(() => 'hang up');
    await changes[name](api, { look: async () => 'done' });
    expect(changesSeen.length).toBe(1);
    const doubtful = await serverOf(() => 'hang up');
    await expect(changes[name](doubtful.api, { look: async () => 'unclear' })).rejects.toMatchObject({
      code: 'in-doubt',
    });
    expect(doubtful.changesSeen.length).toBe(1);
  });
});

describe('what a repetition finds', () => {
  it('is a folder that is there', async () => {
    const { api } = await serverOf(
      () => 'hang up',
      () => refused(409, 'DiskPathPointsToExistentDirectoryError'),
    );
    expect(await makeFolder(api, 'disk:/a')).toEqual({ state: 'there', path: undefined });
  });

  it('is a file in the way', async () => {
    const { api } = await serverOf(() => refused(409, 'DiskResourceAlreadyExistsError'));
    await expect(makeFolder(api, 'disk:/a')).rejects.toMatchObject({ code: 'exists' });
  });

  it('is that it is gone', async () => {
    const { api } = await serverOf(
      () => 'hang up',
      () => refused(404, 'DiskNotFoundError'),
    );
    expect(await deleteResource(api, 'disk:/a')).toBe('gone');
  });
});

describe('a change that became an operation which cannot be asked about', () => {
  it.each([
    ['no link', json(202, {})],
    ['no JSON', { status: 202, body: 'accepted' }],
    ['no body', { status: 202 }],
    ['a link to another host', json(202, { href: 'https://evil.example/v1/disk/operations/abc' })],
    ['a link to nothing', json(202, { href: 'https://cloud-api.yandex.net/v1/disk/operations/' })],
    [
      'a link to something else',
      json(202, { href: 'https://cloud-api.yandex.net/v1/disk/resources?id=abc' }),
    ],
    [
      'a link that climbs',
      json(202, { href: 'https://cloud-api.yandex.net/v1/disk/operations/%2e%2e%2fresources' }),
    ],
  ] satisfies [string, Answer][])('is in doubt: %s', async (_, answer) => {
    const { api, changesSeen } = await serverOf(() => answer);
    await expect(moveResource(api, 'disk:/a', 'disk:/b')).rejects.toMatchObject({ code: 'in-doubt' });
    expect(changesSeen.length).toBe(1);
  });
});
