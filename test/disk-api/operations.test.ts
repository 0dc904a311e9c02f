import { describe, expect, it } from 'vitest';
import { awaitOperation, operationIdOf, readOperation } from '../../src/disk-api/operations.ts';
import { deleteResource } from '../../src/disk-api/resources.ts';
import { copyResource, moveResource } from '../../src/disk-api/transfers.ts';
import { clientOf, countOf, pathsOn, standInClient } from './client.ts';
import { type Answer, json, refused, scriptedServer } from './scripted-server.ts';

const about = { what: 'do it', path: 'disk:/a' };

async function polled(answer: (nth: number) => Answer) {
  const polledAtMs: number[] = [];
  const server = await scriptedServer(() => {
    polledAtMs.push(performance.now());
    return answer(polledAtMs.length);
  });
  return { api: clientOf(server.apiUrl), polledAtMs, server };
}

const going = json(200, { status: 'in-progress' });
const success = json(200, { status: 'success' });

describe.concurrent('an operation', () => {
  it('is polled at growing intervals until it has succeeded', async () => {
    const { api, polledAtMs, server } = await polled((nth) => (nth < 6 ? going : success));
    await awaitOperation(api, 'abc', about);
    const gapsMs = polledAtMs.slice(1).map((atMs, index) => atMs - (polledAtMs[index] ?? 0));
    expect(server.asked[0]?.path).toBe('/operations/abc');
    expect(server.asked[0]?.query.get('fields')).toBe('status');
    expect(gapsMs.length).toBe(5);
    for (const [index, gapMs] of gapsMs.entries()) {
      const dueMs = Math.min(2_000, 500 * 2 ** (index + 1));
      expect(gapMs).toBeGreaterThan(dueMs - 20);
      expect(gapMs).toBeLessThan(dueMs + 1_500);
    }
  });

  it.each(['failed', 'failure'])('that ends with the word "%s" has failed', async (status) => {
    const { api } = await polled(() => json(200, { status }));
    await expect(awaitOperation(api, 'abc', about)).rejects.toMatchObject({ code: 'operation-failed' });
  });

  it('may be in a state that we do not know, and is then waited for', async () => {
    const { api, polledAtMs } = await polled((nth) => (nth < 3 ? json(200, { status: 'queued' }) : success));
    await awaitOperation(api, 'abc', about);
    expect(polledAtMs.length).toBe(3);
  });

  it('survives lost polls', async () => {
    const troubles: Answer[] = [
      'hang up',
      refused(500, 'X'),
      json(200, {}),
      refused(429, 'TooManyRequestsError'),
    ];
    const { api } = await polled((nth) => troubles[nth - 1] ?? success);
    await awaitOperation(api, 'abc', about);
  });

  it('is in doubt when the server does not know it for a while, but not at once', async () => {
    const startedAtMs = performance.now();
    const { api } = await polled(() => refused(404, 'DiskOperationNotFoundError'));
    await expect(awaitOperation(api, 'abc', about)).rejects.toMatchObject({
      code: 'in-doubt',
      path: 'disk:/a',
    });
    expect(performance.now() - startedAtMs).toBeGreaterThan(5_000);
    const late = await polled((nth) => (nth === 1 ? refused(404, 'DiskOperationNotFoundError') : success));
    await awaitOperation(late.api, 'abc', about);
  });

  it('is in doubt when it does not end in time, and hears the signal', async () => {
    const { api } = await polled(() => going);
    await expect(awaitOperation(api, 'abc', about, { operationMs: 500 })).rejects.toMatchObject({
      code: 'in-doubt',
    });
    await expect(
      awaitOperation(api, 'abc', about, { signal: AbortSignal.timeout(400) }),
    ).rejects.toMatchObject({ code: 'aborted' });
  });

  it('ends with a login that is not valid any more', async () => {
    const { api } = await polled(() => refused(401, 'UnauthorizedError'));
    await expect(awaitOperation(api, 'abc', about)).rejects.toMatchObject({ code: 'login-needed' });
  });

  it('is named by hrefs of several forms', () => {
    const api = { url: new URL('https://cloud-api.yandex.net/v1/disk') };
    for (const href of [
      'https://cloud-api.yandex.net/v1/disk/operations/1cff59326d',
      'http://cloud-api.yandex.net/v1/disk/operations/1cff59326d',
      'https://cloud-api.yandex.com:443/v1/disk/operations/1cff59326d',
      'https://cloud-api.yandex.net/v1/disk/operations?id=1cff59326d',
      '/v1/disk/operations?id=1cff59326d',
      '/operations/1cff59326d',
    ])
      expect(operationIdOf(href, api)).toBe('1cff59326d');
    for (const href of [
      'https://cloud-api.yandex.net.evil.example/v1/disk/operations/1cff59326d',
      'https://evil.example/v1/disk/operations/1cff59326d',
      'https://cloud-api.yandex.net/v1/disk/resources?id=1cff59326d',
      'https://cloud-api.yandex.net/v1/disk/operations',
      'javascript:alert(1)',
      '',
    ])
      expect(() => operationIdOf(href, api)).toThrow(expect.objectContaining({ code: 'nonsense' }));
  });
});

describe.concurrent('operations of the stand-in', () => {
  it.each([
    'path',
    'query',
    'http',
  ] as const)('are waited for (href of the form "%s")', async (operationHref) => {
    const { api, disk } = await standInClient({ operationMs: 400, operationHref });
    disk.model.putFile('disk:/a/b.txt', 'x', { parents: true });
    const ids: string[] = [];
    await copyResource(api, 'disk:/a', 'disk:/copy', { onOperation: (id) => ids.push(id) });
    expect(await pathsOn(disk)).toContain('disk:/copy/b.txt');
    expect(ids.length).toBe(1);
    expect(await readOperation(api, ids[0] ?? '')).toBe('success');
    await deleteResource(api, 'disk:/a');
    expect(await pathsOn(disk)).toEqual(['disk:/copy', 'disk:/copy/b.txt']);
  });

  it('fail without an effect where they fail', async () => {
    const { api, disk } = await standInClient({ operationsFail: true });
    disk.model.putFile('disk:/a/b.txt', 'x', { parents: true });
    await expect(moveResource(api, 'disk:/a', 'disk:/b')).rejects.toMatchObject({ code: 'operation-failed' });
    expect(await pathsOn(disk)).toEqual(['disk:/a', 'disk:/a/b.txt']);
  });

  it('hold others off for a while, which wait for their turn', async () => {
    const { api, disk } = await standInClient({ operationMs: 1_500 });
    disk.model.putFile('disk:/a/b.txt', 'x', { parents: true });
    await Promise.all([moveResource(api, 'disk:/a', 'disk:/b'), deleteResource(api, 'disk:/a/b.txt')]);
    expect(await pathsOn(disk)).toEqual(['disk:/b', 'disk:/b/b.txt']);
    expect(countOf(disk, 'resources.delete')).toBeGreaterThan(1);
  });

  it('are in doubt when their id is forgotten too soon', async () => {
    const { api, disk } = await standInClient({ operationMs: 100, operationLifeMs: 0 });
    disk.model.putFile('disk:/a/b.txt', 'x', { parents: true });
    await expect(moveResource(api, 'disk:/a', 'disk:/b')).rejects.toMatchObject({ code: 'in-doubt' });
    expect(await pathsOn(disk)).toEqual(['disk:/b', 'disk:/b/b.txt']);
  });
});
