import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { uploadFile } from '../../src/disk-api/upload.ts';
import type { LastBytes } from '../../src/disk-api/upload-request.ts';
import { Failure } from '../../src/errors.ts';
import { bytesOf, chunksOf } from './bytes.ts';
import { clientOf, countOf, pathsOn, standInClient } from './client.ts';
import { json, refused, scriptedServer } from './scripted-server.ts';

const sizes = [0, 1, 65_535, 65_536, 65_537, 1_000_003];
const largeBytes = bytesOf(400_000);

function upload(bytes: Buffer, path = 'disk:/a.bin') {
  return { path, overwrite: false, sizeBytes: bytes.length, open: () => chunksOf(bytes) };
}

describe.concurrent('an upload', () => {
  it.each(sizes)('brings every byte of %i, in one PUT', async (sizeBytes) => {
    const { api, disk } = await standInClient();
    const bytes = bytesOf(sizeBytes);
    const progress: number[] = [];
    await uploadFile(api, { ...upload(bytes), onProgress: (sentBytes) => progress.push(sentBytes) });
    expect(disk.model.read('disk:/a.bin').equals(bytes)).toBe(true);
    expect([countOf(disk, 'resources.upload-link'), countOf(disk, 'uploader.put')]).toEqual([1, 1]);
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
    expect(progress.at(-1) ?? 0).toBe(sizeBytes);
  });

  it.each(
    sizes,
  )('of %i bytes tells its length, is never chunked, and carries no token', async (sizeBytes) => {
    const bytes = bytesOf(sizeBytes);
    const server = await scriptedServer(({ method, path }) => {
      if (path.startsWith('/operations')) return json(200, { status: 'success' });
      if (method === 'GET') return json(200, { href: `${server.origin}/target`, operation_id: 'abc' });
      return { status: 201 };
    });
    await uploadFile(clientOf(server.apiUrl), upload(bytes));
    const put = server.asked.find(({ method }) => method === 'PUT');
    expect(put?.headers).toMatchObject({ 'content-length': String(sizeBytes) });
    expect(put?.headers['transfer-encoding']).toBeUndefined();
    expect(put?.headers['authorization']).toBeUndefined();
    expect(put?.body.equals(bytes)).toBe(true);
  });

  it('replaces only what it may', async () => {
    for (const overwriteCheckedAt of ['link', 'commit', 'both'] as const) {
      const { api, disk } = await standInClient({ overwriteCheckedAt });
      disk.model.putFile('disk:/a.bin', 'old');
      await expect(uploadFile(api, upload(largeBytes))).rejects.toMatchObject({ code: 'exists' });
      expect(disk.model.read('disk:/a.bin').toString()).toBe('old');
      await uploadFile(api, { ...upload(largeBytes), overwrite: true });
      expect(disk.model.read('disk:/a.bin').equals(largeBytes)).toBe(true);
    }
  });

  it('says what is wrong with the place', async () => {
    const { api, disk } = await standInClient();
    disk.model.mkdir('disk:/folder');
    await expect(uploadFile(api, upload(largeBytes, 'disk:/no/a'))).rejects.toMatchObject({
      code: 'no-parent',
    });
    await expect(uploadFile(api, upload(largeBytes, 'disk:/folder'))).rejects.toMatchObject({
      code: 'is-a-folder',
    });
    await expect(uploadFile(api, upload(largeBytes, 'disk:/'))).rejects.toMatchObject({ code: 'invalid' });
  });

  it.each([
    'link',
    'commit',
    'both',
  ] as const)('says that there is no room (noticed at: %s)', async (quotaCheckedAt) => {
    const { api, disk } = await standInClient({ quotaCheckedAt, totalSpaceBytes: 100 });
    disk.model.putFile('disk:/full', 'x'.repeat(100));
    await expect(uploadFile(api, upload(largeBytes))).rejects.toMatchObject({ code: 'no-space' });
    expect(await pathsOn(disk)).toEqual(['disk:/full']);
  });

  it('tells a file that is too large and an allowance that is spent from a lock', async () => {
    const { api, disk } = await standInClient({ maxFileSizeBytes: 1_000 });
    await expect(uploadFile(api, upload(largeBytes))).rejects.toMatchObject({ code: 'too-large' });
    disk.control.set({ uploadAllowanceBytes: 0 });
    await expect(uploadFile(api, upload(largeBytes))).rejects.toMatchObject({ code: 'allowance-spent' });
    disk.control.set({ uploadAllowanceBytes: null, maxFileSizeBytes: 1_000_000 });
    disk.control.lock('disk:/a.bin', 1_000);
    await uploadFile(api, upload(largeBytes));
  });

  it.each([201, 202] as const)('waits until the file is in place (answer %i)', async (uploadAnswer) => {
    const { api, disk } = await standInClient({ uploadAnswer, lateCommitMs: 800, uploadOperationLagMs: 800 });
    const startedAtMs = performance.now();
    await uploadFile(api, upload(largeBytes));
    expect(performance.now() - startedAtMs).toBeGreaterThan(750);
    expect(disk.model.read('disk:/a.bin').equals(largeBytes)).toBe(true);
  });

  it('goes on without an operation, by the file itself', async () => {
    let storedAtMs = Number.POSITIVE_INFINITY;
    const shown = {
      name: 'a.bin',
      type: 'file',
      size: largeBytes.length,
      md5: createHash('md5').update(largeBytes).digest('hex'),
    };
    const server = await scriptedServer(({ method, path }) => {
      if (path === '/resources/upload') return json(200, { href: `${server.origin}/target` });
      if (method === 'PUT') {
        storedAtMs = performance.now() + 600;
        return { status: 202 };
      }
      return performance.now() < storedAtMs ? refused(404, 'DiskNotFoundError') : json(200, shown);
    });
    await uploadFile(clientOf(server.apiUrl), upload(largeBytes));
    expect(performance.now()).toBeGreaterThanOrEqual(storedAtMs);
    expect(server.asked.filter(({ method }) => method === 'PUT').length).toBe(1);
  });

  it('does not send what has changed its length', async () => {
    const { api, disk } = await standInClient();
    for (const sizeBytes of [0, largeBytes.length - 1, largeBytes.length + 1, 10_000_000]) {
      const request = { ...upload(largeBytes), sizeBytes };
      await expect(uploadFile(api, request)).rejects.toMatchObject({ code: 'local' });
    }
    expect(await pathsOn(disk)).toEqual([]);
  });

  it('passes on what goes wrong with the source, and closes it', async () => {
    const { api, disk } = await standInClient();
    let closed = 0;
    async function* broken() {
      try {
        yield largeBytes.subarray(0, 200_000);
        throw new Error('the local disk broke');
      } finally {
        closed++;
      }
    }
    const request = { ...upload(largeBytes), open: broken };
    await expect(uploadFile(api, request)).rejects.toThrow('the local disk broke');
    expect([closed, await pathsOn(disk)]).toEqual([1, []]);
  });

  it('keeps to a limit that can be changed meanwhile', async () => {
    const { api } = await standInClient();
    api.data.bandwidth.up.limit = 300_000;
    setTimeout(() => {
      api.data.bandwidth.up.limit = 600_000;
    }, 700);
    const startedAtMs = performance.now();
    await Promise.all([
      uploadFile(api, upload(largeBytes, 'disk:/a')),
      uploadFile(api, upload(largeBytes, 'disk:/b')),
    ]);
    const tookSec = (performance.now() - startedAtMs) / 1000;
    expect(tookSec).toBeGreaterThan(1.5);
    expect(tookSec).toBeLessThan(2.6);
  });

  it('of a large file holds little of it in memory', async () => {
    const sizeBytes = 200 << 20;
    const { api, disk } = await standInClient();
    const chunk = bytesOf(1 << 20);
    async function* open() {
      for (let sentBytes = 0; sentBytes < sizeBytes; sentBytes += chunk.length) yield chunk;
    }
    // What it takes beyond this is what the stand-in keeps.
    let mostBytes = 0;
    const beforeBytes = process.memoryUsage().arrayBuffers;
    await uploadFile(api, {
      path: 'disk:/large',
      overwrite: false,
      sizeBytes,
      open,
      onProgress: (sentBytes) => {
        mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - beforeBytes - sentBytes);
      },
    });
    expect(mostBytes).toBeLessThan(24 << 20);
    expect((await disk.control.tree()).entries[0]?.sizeBytes).toBe(sizeBytes);
  });
});

describe.concurrent('the last bytes of an upload', () => {
  it.each(sizes)('are held back until they may go (%i bytes)', async (sizeBytes) => {
    const { api, disk } = await standInClient();
    const bytes = bytesOf(sizeBytes);
    const held: LastBytes[] = [];
    await uploadFile(api, {
      ...upload(bytes),
      beforeLastBytes: async (about) => {
        held.push(about);
        await new Promise((resolve) => setTimeout(resolve, 100));
        const { bytesIn } = disk.wire.statistics.snapshot().routes['uploader.put'] ?? { bytesIn: 0 };
        expect(bytesIn).toBe(Math.max(0, sizeBytes - 65_536));
        expect(await pathsOn(disk)).toEqual([]);
        expect(countOf(disk, 'uploader.put')).toBe(sizeBytes > 65_536 ? 1 : 0);
      },
    });
    const [md5, sha256] = ['md5', 'sha256'].map((name) => createHash(name).update(bytes).digest('hex'));
    expect(held).toMatchObject([{ digest: { md5, sha256 }, attempt: 1, wreck: undefined }]);
    expect(disk.model.read('disk:/a.bin').equals(bytes)).toBe(true);
  });

  it.each([1_000, 400_000])('never go when they must not (%i bytes)', async (sizeBytes) => {
    const { api, disk } = await standInClient({ cutBody: 'drop' });
    const conflict = new Failure('stale', 'Somebody else was quicker');
    const refusing = uploadFile(api, {
      ...upload(bytesOf(sizeBytes)),
      beforeLastBytes: async () => {
        throw conflict;
      },
    });
    await expect(refusing).rejects.toBe(conflict);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await pathsOn(disk)).toEqual([]);
    expect(countOf(disk, 'resources.upload-link')).toBe(1);
  });

  it.each([
    1_000, 400_000,
  ])('are not held for longer than a while; then a new link is taken (%i bytes)', async (sizeBytes) => {
    const { api, disk } = await standInClient();
    const bytes = bytesOf(sizeBytes);
    const attempts: number[] = [];
    let toldTooLate = 0;
    await uploadFile(api, {
      ...upload(bytes),
      timing: { holdMs: 300 },
      beforeLastBytes: async ({ attempt, signal }) => {
        attempts.push(attempt);
        if (attempt > 1) return;
        await new Promise<void>((_, reject) =>
          signal.addEventListener('abort', () => {
            toldTooLate++;
            reject(new Error('too late'));
          }),
        );
      },
    });
    expect([attempts, toldTooLate]).toEqual([[1, 2], 1]);
    expect(countOf(disk, 'resources.upload-link')).toBe(2);
    expect(disk.model.read('disk:/a.bin').equals(bytes)).toBe(true);
  });

  it('are given up when the look takes too long every time', async () => {
    const { api, disk } = await standInClient();
    const never = uploadFile(api, {
      ...upload(bytesOf(10)),
      timing: { holdMs: 50 },
      beforeLastBytes: () => new Promise(() => {}),
    });
    await expect(never).rejects.toMatchObject({ code: 'timed-out' });
    expect(await pathsOn(disk)).toEqual([]);
  });
});
