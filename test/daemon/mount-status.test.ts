import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { QueueStatus } from '../../src/daemon/control-messages.ts';
import { mountStatus } from '../../src/daemon/control-messages.ts';
import { emptyQueue } from '../../src/daemon/empty-queue.ts';
import { MountStatusAndQueue } from '../../src/daemon/mount-status.ts';
import { abortFailure, Failure } from '../../src/errors.ts';
import type { QueueReport, SendQueue } from '../../src/sync/queue-report.ts';

const sinceMs = Date.UTC(2026, 10, 26, 10, 0, 0);
const since = '2026-11-26T10:00:00.000Z';
const never = new AbortController().signal;
type Parts = ConstructorParameters<typeof MountStatusAndQueue>[0];
type Quota = Awaited<ReturnType<Parts['volume']['quota']>>;

describe('how a mount stands', () => {
  let report: QueueReport;
  let parts: Parts;

  beforeEach(() => {
    report = {
      uploads: 1,
      uploadBytes: 10,
      operations: 2,
      unconfirmed: 5,
      active: [{ path: 'a', sentBytes: 4, sizeBytes: 10 }],
      waiting: [
        { reason: 'retry', changes: 2, untilMs: sinceMs },
        { reason: 'turn', changes: 1, untilMs: undefined },
      ],
      unsent: [{ path: 'b', code: 'refused', message: 'no', sinceMs }],
      conflicts: [{ path: 'c', copy: 'c (conflict)', sinceMs }],
    };
    parts = {
      mountpoint: '/mnt/disk',
      account: 'work',
      root: 'disk:/',
      cacheLimitBytes: 100,
      api: {
        reach: 'online',
        outage: undefined,
        counts: { api: 3, data: 4 },
        data: { bandwidth: { up: { limit: 7 }, down: { limit: 0 } } },
      },
      freshness: { revision: 7, revisionReadAtMs: sinceMs },
      volume: {
        quota: async () => ({ total_space: 10, used_space: 6, trash_size: 2, max_file_size: undefined }),
      },
      store: {
        usedBytes: 50,
        extentCount: 1,
        clear: async () => 50,
        verify: async () => ({ extents: 1, blocks: 2, bytes: 50, wrongBlocks: 0 }),
      },
      sending: undefined,
      pins: {
        pin: async () => {},
        unpin: async () => {},
        report: () => [],
        counts: () => ({ pins: 2, files: 9, filesHere: 8, bytes: 90, bytesHere: 80, usedBytes: 85 }),
      },
      queue: { ...emptyQueue, report: () => report },
      lastSending: { ask: async () => {} },
      whereabouts: {
        locate: async () => ({ path: 'disk:/a', kind: 'file', uid: '1', account: 'work' }),
        lookAgain: async () => 0,
      },
    };
  });

  it('is put together from its parts', async () => {
    const status = await new MountStatusAndQueue(parts).status(never);
    expect(status).toEqual({
      mountpoint: '/mnt/disk',
      account: 'work',
      root: 'disk:/',
      state: 'online',
      outage: null,
      queue: {
        uploads: 1,
        uploadBytes: 10,
        operations: 2,
        unconfirmed: 5,
        active: [{ path: 'a', sentBytes: 4, sizeBytes: 10 }],
        waiting: [
          { reason: 'retry', changes: 2, until: since },
          { reason: 'turn', changes: 1, until: null },
        ],
      },
      unsent: [{ path: 'b', code: 'refused', message: 'no', since }],
      conflicts: [{ path: 'c', copy: 'c (conflict)', since }],
      quota: { totalBytes: 10, usedBytes: 6, trashBytes: 2 },
      pins: { count: 2, files: 9, filesHere: 8, bytes: 90, bytesHere: 80, usedBytes: 85 },
      cache: { usedBytes: 50, limitBytes: 100 },
      remote: { revision: 7, checkedAt: since },
      limits: { upBytesPerSecond: 7, downBytesPerSecond: 0 },
      requests: { api: 3, data: 4 },
      version: expect.stringMatching(/^\d/),
      pid: process.pid,
    });
    expect(mountStatus.parse(status)).toEqual(status);
  });

  it('is told without what the Disk does not tell, in time', async () => {
    const unknown = { totalBytes: null, usedBytes: null, trashBytes: null };
    const failing: Parts['volume'] = {
      quota: async () => {
        throw new Failure('offline', 'No connection');
      },
    };
    const silent: Parts['volume'] = { quota: () => new Promise<Quota>(() => {}) };
    for (const volume of [failing, silent]) {
      const freshness = { revision: undefined, revisionReadAtMs: undefined };
      const status = await new MountStatusAndQueue({ ...parts, volume, freshness }).status(never);
      expect(status).toMatchObject({ quota: unknown, remote: { revision: null, checkedAt: null } });
      expect(mountStatus.parse(status)).toEqual(status);
    }
  });

  it('can be paused and limited', async () => {
    let isPaused = false;
    const sending = {
      get isPaused() {
        return isPaused;
      },
      pause: () => {
        isPaused = true;
      },
      resume: () => {
        isPaused = false;
      },
    };
    const outage = new Failure('offline', 'No connection', { hint: 'Check it.' });
    const api = { ...parts.api, reach: 'offline' as const, outage };
    const control = new MountStatusAndQueue({ ...parts, api, sending });
    control.pause();
    const told = { message: 'No connection', hint: 'Check it.' };
    expect(await control.status(never)).toMatchObject({ state: 'paused', outage: told });
    control.resume();
    expect(await control.status(never)).toMatchObject({ state: 'offline' });
    expect(control.limit({ upBytesPerSecond: undefined, downBytesPerSecond: 5 })).toEqual({
      upBytesPerSecond: 7,
      downBytesPerSecond: 5,
    });
    expect(control.limit({ upBytesPerSecond: 0, downBytesPerSecond: undefined })).toEqual({
      upBytesPerSecond: 0,
      downBytesPerSecond: 5,
    });
    expect(() => new MountStatusAndQueue(parts).pause()).toThrowError('for reading only');
  });

  it('is told as it is after the Disk was asked', async () => {
    const api: { -readonly [Key in keyof Parts['api']]: Parts['api'][Key] } = {
      ...parts.api,
      reach: 'online',
    };
    const volume: Parts['volume'] = {
      quota: async () => {
        await sleep(1);
        api.reach = 'login-needed';
        throw new Failure('login-needed', 'no');
      },
    };
    expect(await new MountStatusAndQueue({ ...parts, api, volume }).status(never)).toMatchObject({
      state: 'login-needed',
    });
  });

  it('flush tells of the queue from the first moment until its end, and no longer', async () => {
    const heard: QueueStatus[] = [];
    const queue: SendQueue = {
      ...parts.queue,
      flush: async (places) => {
        expect(places).toEqual(['a']);
        await expect.poll(() => heard.length).toBeGreaterThan(1);
        report = { ...report, uploads: 0, active: [] };
        await expect.poll(() => heard.at(-1)?.uploads).toBe(0);
      },
    };
    await new MountStatusAndQueue({ ...parts, queue }).flush(['a'], never, (progress) =>
      heard.push(progress),
    );
    expect(heard[0]).toMatchObject({
      uploads: 1,
      uploadBytes: 10,
      operations: 2,
      unconfirmed: 5,
      active: [{ path: 'a', sentBytes: 4, sizeBytes: 10 }],
    });
    const { length } = heard;
    await sleep(600);
    expect(heard.length).toBe(length);
  });

  it('flush and drain do not wait for ever for a login', async () => {
    const untilGivenUp = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(abortFailure(signal)), { once: true }),
      );
    const api = { ...parts.api, reach: 'login-needed' as const };
    const queue: SendQueue = { ...parts.queue, flush: (_, signal) => untilGivenUp(signal) };
    const lastSending = { ask: untilGivenUp };
    const control = new MountStatusAndQueue({ ...parts, api, queue, lastSending }, 0);
    const told = { code: 'login-needed', hint: 'Log in with `yadiskfs setup --account work`.' };
    await expect(control.flush([], never, () => {})).rejects.toMatchObject(told);
    await expect(control.drain(never, () => {})).rejects.toMatchObject(told);
  });

  it('flush is given up with its signal, and fails as the queue does', async () => {
    const queue: SendQueue = {
      ...parts.queue,
      flush: (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(abortFailure(signal)), { once: true }),
        ),
    };
    const leaving = new AbortController();
    const flushed = new MountStatusAndQueue({ ...parts, queue }).flush([], leaving.signal, () => {});
    leaving.abort(new Failure('aborted', 'gone'));
    await expect(flushed).rejects.toMatchObject({ code: 'aborted', message: 'gone' });
  });

  it.each(['/mnt/disk', '/mnt/disk/a/b'])('nothing is exported into the mount: %s', async (folder) => {
    await expect(new MountStatusAndQueue(parts).exportTo(folder, never)).rejects.toMatchObject({
      code: 'invalid',
    });
    expect(await new MountStatusAndQueue(parts).exportTo('/mnt/disk 2', never)).toEqual([]);
  });
});
