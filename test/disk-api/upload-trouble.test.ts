import { describe, expect, it } from 'vitest';
import { uploadFile } from '../../src/disk-api/upload.ts';
import type { LastBytes, UploadTiming } from '../../src/disk-api/upload-request.ts';
import type { StandIn } from '../stand-in/index.ts';
import type { Fault } from '../stand-in/wire/index.ts';
import { bytesOf, chunksOf } from './bytes.ts';
import { clientOf, countOf, pathsOn, standInClient } from './client.ts';
import { type Answer, json, scriptedServer } from './scripted-server.ts';

const bytes = bytesOf(400_000);
/** More than the buffers between two programs take in: what breaks half-way breaks before everything was handed over. */
const large = bytesOf(24_000_000);
const path = 'disk:/a.bin';
const request = { path, overwrite: false, sizeBytes: bytes.length, open: () => chunksOf(bytes) };
const quick: Partial<UploadTiming> = {
  tailMs: () => 1_500,
  brokenMs: () => 800,
  stallMs: 1_500,
  operationEveryMs: 100,
};

const largeRequest = { ...request, sizeBytes: large.length, open: () => chunksOf(large) };

function isThere(disk: StandIn, content = bytes): boolean {
  return disk.model.read(path).equals(content);
}

describe.concurrent('an upload that meets trouble', () => {
  it.each<[string, Fault]>([
    ['400: the link was used', { kind: 'status', status: 400, body: 'html' }],
    ['404', { kind: 'status', status: 404, body: 'html' }],
    ['410: the link is too old', { kind: 'status', status: 410, body: 'html' }],
    ['412', { kind: 'status', status: 412, body: 'empty' }],
    ['429', { kind: 'status', status: 429, body: 'empty' }],
    ['423', { kind: 'status', status: 423, body: 'empty' }],
    ['500', { kind: 'status', status: 500, body: 'html' }],
    ['503', { kind: 'status', status: 503, body: 'empty' }],
    ['a reset at once', { kind: 'reset' }],
    ['a reset after the last byte', { kind: 'reset', stage: 'before-commit' }],
    ['a redirect', { kind: 'status', status: 302, headers: { location: 'https://evil.example/' } }],
  ])('takes a new link after %s', async (_, fault) => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({ route: 'uploader.put', count: 1, fault });
    await uploadFile(api, { ...request, timing: quick });
    expect(isThere(disk)).toBe(true);
    expect([countOf(disk, 'resources.upload-link'), countOf(disk, 'uploader.put')]).toEqual([2, 2]);
  });

  it.each<[number, string]>([
    [413, 'too-large'],
    [507, 'no-space'],
    [409, 'exists'],
    [403, 'refused'],
    [415, 'unsupported'],
  ])('takes %i for an answer: %s', async (status, code) => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({
      route: 'uploader.put',
      count: 1,
      fault: { kind: 'status', status, body: 'html' },
    });
    await expect(uploadFile(api, { ...request, timing: quick })).rejects.toMatchObject({ code });
    expect(countOf(disk, 'uploader.put')).toBe(1);
  });

  it('does not send again what is there: the answer was lost', async () => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({ route: 'uploader.put', fault: { kind: 'lost-reply' } });
    await uploadFile(api, { ...request, timing: quick });
    expect(isThere(disk)).toBe(true);
    expect(countOf(disk, 'uploader.put')).toBe(1);
  });

  it('does not wait for an answer when the operation has succeeded', async () => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({ route: 'uploader.put', fault: { kind: 'silence', stage: 'before-response' } });
    const startedAtMs = performance.now();
    await uploadFile(api, { ...request, timing: { ...quick, tailMs: () => 20_000 } });
    expect(performance.now() - startedAtMs).toBeLessThan(8_000);
    expect([isThere(disk), countOf(disk, 'uploader.put')]).toEqual([true, 1]);
  });

  it('waits for the hashes of a large file to be computed', async () => {
    const { api, disk } = await standInClient({ commitMs: 2_500 });
    await uploadFile(api, { ...request, timing: { ...quick, tailMs: () => 10_000, brokenMs: () => 0 } });
    expect([isThere(disk), countOf(disk, 'uploader.put')]).toEqual([true, 1]);
  });

  it('is in doubt when it is not told in time what came of all its bytes, and is not sent again', async () => {
    const { api, disk } = await standInClient();
    disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
    await expect(uploadFile(api, { ...request, timing: quick })).rejects.toMatchObject({
      code: 'in-doubt',
      path,
    });
    expect(countOf(disk, 'uploader.put')).toBe(1);
  });

  it('is in doubt when it was given up after its last byte, and not before', async () => {
    const { api, disk } = await standInClient();
    const gate = disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
    const giving = new AbortController();
    const late = uploadFile(api, { ...request, signal: giving.signal, timing: quick });
    await gate.arrived();
    giving.abort();
    await expect(late).rejects.toMatchObject({ code: 'in-doubt' });
    gate.release();
    await new Promise((resolve) => setTimeout(resolve, 100));
    disk.model.remove(path, { permanently: true });
    for (const when of [0, 200_000]) {
      const early = new AbortController();
      const signal = early.signal;
      const onProgress = (sentBytes: number) => {
        if (sentBytes >= when) early.abort();
      };
      await expect(uploadFile(api, { ...request, signal, onProgress })).rejects.toMatchObject({
        code: 'aborted',
      });
    }
    expect(await pathsOn(disk)).toEqual([]);
  });

  it('finds that an earlier try of its own has taken the name meanwhile', async () => {
    const { api, disk } = await standInClient();
    // The connection breaks behind the last byte, nothing is there for a while, and then it is.
    disk.wire.faults.add({
      route: 'uploader.put',
      count: 1,
      fault: { kind: 'reset', stage: 'before-commit' },
    });
    const gate = disk.wire.hold({ route: 'resources.upload-link', stage: 'before', skip: 1 });
    const uploading = uploadFile(api, { ...request, timing: quick });
    await gate.arrived();
    disk.model.putFile(path, bytes);
    gate.release();
    await uploading;
    expect([isThere(disk), countOf(disk, 'uploader.put')]).toEqual([true, 1]);
  });

  it('fails where somebody else has taken the name meanwhile', async () => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({
      route: 'uploader.put',
      count: 1,
      fault: { kind: 'reset', stage: 'before-commit' },
    });
    const gate = disk.wire.hold({ route: 'resources.upload-link', stage: 'before', skip: 1 });
    const uploading = uploadFile(api, { ...request, timing: quick });
    const refusal = expect(uploading).rejects.toMatchObject({ code: 'exists' });
    await gate.arrived();
    disk.model.putFile(path, 'of somebody else');
    gate.release();
    await refusal;
    expect(disk.model.read(path).toString()).toBe('of somebody else');
  });

  it('ends after a bounded number of tries', async () => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({ route: 'uploader.put', fault: { kind: 'status', status: 503, body: 'empty' } });
    await expect(uploadFile(api, { ...request, timing: quick })).rejects.toMatchObject({ code: 'server' });
    expect(countOf(disk, 'uploader.put')).toBe(4);
  });
});

describe('an upload of more than the buffers on the way take in', () => {
  it.each<[string, Fault]>([
    ['is cut', { kind: 'cut', direction: 'up', afterBytes: 150_000 }],
    ['stalls', { kind: 'stall', direction: 'up', afterBytes: 150_000 }],
    ['is refused with an error', { kind: 'status', status: 503, body: 'html' }],
  ])('takes a new link when a connection %s half-way', async (_, fault) => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({ route: 'uploader.put', count: 1, fault });
    await uploadFile(api, { ...largeRequest, timing: quick });
    expect(isThere(disk, large)).toBe(true);
    expect([countOf(disk, 'resources.upload-link'), countOf(disk, 'uploader.put')]).toEqual([2, 2]);
  });

  it('calls before the last bytes again for each try', async () => {
    const { api, disk } = await standInClient();
    const fault: Fault = { kind: 'cut', direction: 'up', afterBytes: 100_000 };
    disk.wire.faults.add({ route: 'uploader.put', count: 1, fault });
    disk.wire.faults.add({
      route: 'uploader.put',
      count: 1,
      fault: { kind: 'reset', stage: 'before-commit' },
    });
    const attempts: number[] = [];
    await uploadFile(api, {
      ...largeRequest,
      timing: quick,
      beforeLastBytes: async ({ attempt }) => {
        attempts.push(attempt);
      },
    });
    expect([attempts, isThere(disk, large)]).toEqual([[2, 3], true]);
  });
});

describe.concurrent('a body that broke off', () => {
  const cut: Fault = { kind: 'cut', direction: 'up', afterBytes: 150_000 };
  const settings = ['keep', 'keep-chunked', 'drop'] as const;
  const files = [
    ['before everything was out', largeRequest, large],
    ['when everything was out', request, bytes],
  ] as const;

  it.each(
    settings.flatMap((cutBody) => files.map((file) => [cutBody, ...file] as const)),
  )('is made good, whatever the server stored of it (%s, %s)', async (cutBody, _, sending, content) => {
    const { api, disk } = await standInClient({ cutBody });
    disk.wire.faults.add({ route: 'uploader.put', count: 1, fault: cut });
    const held: LastBytes[] = [];
    const timing = { ...quick, brokenMs: () => 6_000 };
    const beforeLastBytes = async (about: LastBytes) => {
      held.push(about);
    };
    await uploadFile(api, { ...sending, timing, beforeLastBytes });
    expect(isThere(disk, content)).toBe(true);
    const wreck = held.at(-1)?.wreck;
    if (cutBody === 'keep') expect(wreck?.sizeBytes).toBeLessThanOrEqual(200_000);
    else expect(wreck).toBeUndefined();
  });

  it('does not let what somebody else put there be replaced', async () => {
    const { api, disk } = await standInClient({ cutBody: 'keep' });
    disk.wire.faults.add({ route: 'uploader.put', count: 1, fault: cut });
    const gate = disk.wire.hold({ route: 'operations.get', stage: 'before' });
    const uploading = uploadFile(api, { ...request, timing: quick });
    const refusal = expect(uploading).rejects.toMatchObject({ code: 'exists' });
    await gate.arrived();
    disk.model.putFile(path, 'of somebody else');
    gate.release();
    await refusal;
    expect(disk.model.read(path).toString()).toBe('of somebody else');
  });
});

describe.concurrent('an upload link', () => {
  async function linked(link: Answer, put: Answer = { status: 201 }) {
    const server = await scriptedServer(({ method, path: asked }) => {
      if (method === 'PUT') return put;
      return asked === '/resources/upload' ? link : json(200, { status: 'success' });
    });
    return { server, api: clientOf(server.apiUrl) };
  }

  it.each([
    'https://evil.example/upload-target/x',
    'https://uploader.disk.yandex.net.evil.example/x',
    'ftp://uploader1j.disk.yandex.net/x',
    'http://uploader1j.disk.yandex.net/x',
    'https://user:password@uploader1j.disk.yandex.net/x',
    '//',
  ])('to %s is not used', async (href) => {
    const { api, server } = await linked(json(200, { href, operation_id: 'abc' }));
    await expect(uploadFile(api, request)).rejects.toMatchObject({ code: 'nonsense' });
    expect(server.asked.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('is asked for again when the answer to that is lost', async () => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({ route: 'resources.upload-link', count: 2, fault: { kind: 'lost-reply' } });
    await uploadFile(api, request);
    expect(isThere(disk)).toBe(true);
  });

  it('that takes a part for the whole is not believed', async () => {
    const server = await scriptedServer(({ method, path: asked }) => {
      if (method === 'PUT') return { status: 201 };
      if (asked === '/resources/upload')
        return json(200, { href: `${server.origin}/x`, operation_id: 'abc' });
      if (asked.startsWith('/operations')) return json(200, { status: 'failed' });
      return json(404, { error: 'DiskNotFoundError' });
    });
    await expect(uploadFile(clientOf(server.apiUrl), { ...request, timing: quick })).rejects.toMatchObject({
      code: 'operation-failed',
    });
  });
});
