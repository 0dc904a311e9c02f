import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { untilAborted } from '../../src/async/shared-tasks.ts';
import type {
  CacheStats,
  CacheVerdict,
  Limits,
  Located,
  MountStatus,
  PinStatus,
  QueueStatus,
} from '../../src/daemon/control-messages.ts';
import { ControlServer } from '../../src/daemon/control-server.ts';
import { withShortAddress } from '../../src/daemon/control-socket.ts';
import type { MountControl } from '../../src/daemon/mount-control.ts';
import { Failure } from '../../src/errors.ts';
import type { WhichDeletions } from '../../src/sync/queue-report.ts';
import { testFolder } from '../mount/mounted-disk.ts';

export const someQueue: QueueStatus = {
  uploads: 2,
  uploadBytes: 3 << 20,
  operations: 1,
  unconfirmed: 0,
  active: [{ path: 'a/film.mkv', sentBytes: 1 << 20, sizeBytes: 2 << 20 }],
  waiting: [],
};

export function statusOf(mountpoint: string, change: Partial<MountStatus> = {}): MountStatus {
  return {
    mountpoint,
    account: 'default',
    root: 'disk:/',
    state: 'online',
    outage: null,
    queue: someQueue,
    unsent: [],
    conflicts: [],
    quota: { totalBytes: null, usedBytes: null, trashBytes: null },
    cache: { usedBytes: 0, limitBytes: 1 },
    pins: { count: 0, files: 0, filesHere: 0, bytes: 0, bytesHere: 0, usedBytes: 0 },
    remote: { revision: null, checkedAt: null },
    limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
    requests: { api: 1, data: 0 },
    version: '0.0.0',
    pid: process.pid,
    ...change,
  };
}

/** A mount of which the test decides what it has to send: a flush ends when the test says so. */
export class ScriptedControl implements MountControl {
  readonly calls: string[] = [];
  current: MountStatus;
  /** When all that is left after the mount is sent. */
  drained: Promise<void> = Promise.resolve();
  readonly #flushes: { readonly end: (failure?: Failure) => void }[] = [];

  constructor(current: MountStatus) {
    this.current = current;
  }

  /** Flushes that are waited for. */
  get waiting(): number {
    return this.#flushes.length;
  }

  endFlushes(failure?: Failure): void {
    for (const { end } of this.#flushes.splice(0)) end(failure);
  }

  async status(): Promise<MountStatus> {
    return this.current;
  }

  async flush(
    places: readonly string[],
    signal: AbortSignal,
    onProgress: (queue: QueueStatus) => void,
  ): Promise<void> {
    this.calls.push(`flush ${places.join(',')}`);
    onProgress(this.current.queue);
    const ended = new Promise<void>((resolve, reject) => {
      this.#flushes.push({ end: (failure) => (failure ? reject(failure) : resolve()) });
    });
    try {
      await untilAborted(ended, signal);
    } catch (error) {
      this.calls.push(`flush failed: ${error instanceof Failure ? error.message : error}`);
      throw error;
    }
  }

  async sendDeletions({ name, place }: WhichDeletions): Promise<void> {
    this.calls.push(`send deletions ${name} ${place}`);
  }

  async drain(signal: AbortSignal, onProgress: (queue: QueueStatus) => void): Promise<void> {
    this.calls.push('drain');
    onProgress(this.current.queue);
    await untilAborted(this.drained, signal);
  }

  retry(places: readonly string[]): number {
    this.calls.push(`retry ${places.join(',')}`);
    return this.current.unsent.length;
  }

  async discard(place: string): Promise<void> {
    this.calls.push(`discard ${place}`);
    if (!this.current.unsent.some(({ path }) => path === place))
      throw new Failure('not-found', `Nothing is unsent at ${place}`, { path: place });
  }

  async pin(places: readonly string[]): Promise<void> {
    this.calls.push(`pin ${places.join(',')}`);
  }

  async unpin(places: readonly string[]): Promise<void> {
    this.calls.push(`unpin ${places.join(',')}`);
  }

  pins(): PinStatus[] {
    return [];
  }

  async exportTo(folder: string): Promise<readonly string[]> {
    this.calls.push(`export ${folder}`);
    return this.current.unsent.map(({ path }) => join(folder, path));
  }

  pause(): void {
    this.calls.push('pause');
    this.current = { ...this.current, state: 'paused' };
  }

  resume(): void {
    this.calls.push('resume');
    this.current = { ...this.current, state: 'online' };
  }

  limit({
    upBytesPerSecond = 0,
    downBytesPerSecond = 0,
  }: { [Direction in keyof Limits]: number | undefined }) {
    this.calls.push(`limit ${upBytesPerSecond} ${downBytesPerSecond}`);
    return { upBytesPerSecond, downBytesPerSecond };
  }

  cacheStats(): CacheStats {
    return { usedBytes: 1, limitBytes: 2, extents: 3 };
  }

  async cacheClear(): Promise<number> {
    return 1;
  }

  async cacheVerify(): Promise<CacheVerdict> {
    return { extents: 1, blocks: 1, bytes: 1, wrongBlocks: 0 };
  }

  async locate(place: string): Promise<Located> {
    this.calls.push(`locate ${place}`);
    return { path: `disk:/${place}`, kind: 'file', uid: '1', account: 'default' };
  }

  async lookAgain(uid: string, paths: readonly string[]): Promise<number> {
    this.calls.push(`look again ${uid} ${paths.join(',')}`);
    return paths.length;
  }
}

/** A scripted mount behind a real socket. */
export async function listening(socket?: string) {
  const folder = await testFolder();
  const file = socket ?? join(folder, 'control.sock');
  const control = new ScriptedControl(statusOf('/mnt/disk'));
  const faults: unknown[] = [];
  const server = await ControlServer.listen(file, control, (error) => faults.push(error));
  return {
    folder,
    control,
    faults,
    mount: { mountpoint: '/mnt/disk', pid: process.pid, root: 'disk:/', socket: file },
    close: async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends bytes as they are. @returns all that comes back, up to the end of the connection */
export async function talk(file: string, bytes: string): Promise<string> {
  return withShortAddress(file, async (address) => {
    const socket = connect(address);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    // Who is cut off while it still talks hears that first.
    socket.on('error', () => {});
    socket.write(bytes);
    await once(socket, 'close');
    return text;
  });
}
