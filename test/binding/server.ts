/**
 * A process that serves a mount and does what it is told over IPC: a mount must never be touched by the process that
 * serves it, so tests of it need two.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Mount, mount, mountWithText } from '../../src/fuse/binding/mount.ts';
import { MountError } from '../../src/fuse/binding/mount-error.ts';
import type { MountOptions } from '../../src/fuse/binding/options.ts';
import { MemoryFiles, memoryOperations } from './memory-files.ts';

/** What a test may ask for. Paths are those inside of the mount. */
export interface Commands {
  mount(mountpoint: string, options: MountOptions): { mountpoint: string; isMended: boolean };
  /** With an option string of any kind. */
  mountWithText(mountpoint: string, optionText: string): void;
  unmount(detachIfBusy: boolean): void;
  /** Ends the process without unmounting. */
  exit(): void;
  /** Blocks the main thread. */
  block(durationMs: number): void;
  addFile(path: string, content: string): void;
  addFolder(path: string): void;
  addFiles(folder: string, count: number): void;
  /** As another client would: nothing passes the kernel. */
  replaceContent(path: string, content: string): void;
  removeUnseen(path: string): void;
  read(path: string): string | undefined;
  callsOf(name: string): ReadonlyArray<readonly unknown[]>;
  countOf(name: string): number;
  invalidateInode(path: string, offsetBytes?: number, lengthBytes?: number): boolean;
  invalidateEntry(folderPath: string, name: string): boolean;
  /** Sends many and waits for none. */
  invalidateMany(path: string, count: number): void;
  drain(): void;
  knownNodeCount(): number | undefined;
  /** Operations of that name do not answer until `release`. */
  hold(name: string): void;
  release(name: string): void;
  answerOpens(answer: { directIo?: boolean; keepCache?: boolean }): void;
  residentBytes(): number;
  asyncHandleCount(): number;
}

type Handlers = {
  [Name in keyof Commands]: (
    ...args: Parameters<Commands[Name]>
  ) => ReturnType<Commands[Name]> | Promise<ReturnType<Commands[Name]>>;
};

const files = new MemoryFiles(Number(process.env['FIRST_INO'] ?? 1));
let served: Mount | undefined;

function theMount(): Mount {
  if (!served) throw new Error('nothing is mounted');
  return served;
}

function nodeAt(path: string) {
  const node = files.find(path);
  if (!node) throw new Error(`no ${path}`);
  return node;
}

const handlers: Handlers = {
  async mount(mountpoint, options) {
    served = await mount(mountpoint, memoryOperations(files), options);
    void served.ended.then((end) => process.send?.({ ended: end }));
    return { mountpoint: served.mountpoint, isMended: served.features.mended };
  },
  async mountWithText(mountpoint, optionText) {
    served = await mountWithText(mountpoint, memoryOperations(files), optionText);
  },
  unmount: (detachIfBusy) => theMount().unmount({ detachIfBusy }),
  exit: () => process.exit(0),
  block(durationMs) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
  },
  addFile(path, content) {
    files.addFile(path, content);
  },
  addFolder(path) {
    files.addFolder(path);
  },
  addFiles(folder, count) {
    if (folder !== '') files.addFolder(folder);
    for (let index = 0; index < count; index++) files.addFile(`${folder}/file ${index}`, `${index}`);
  },
  replaceContent(path, content) {
    const node = nodeAt(path);
    node.bytes = Buffer.from(content);
  },
  removeUnseen(path) {
    files.parentOf(path)?.children.delete(path.slice(path.lastIndexOf('/') + 1));
  },
  read: (path) => files.find(path)?.bytes.toString(),
  callsOf: (name) => files.calls.filter((call) => call.name === name).map((call) => call.values),
  countOf: (name) => files.counts.get(name) ?? 0,
  invalidateInode: (...args) => theMount().invalidateInode(...args),
  invalidateEntry: (...args) => theMount().invalidateEntry(...args),
  invalidateMany(path, count) {
    const sent = Array.from({ length: count }, () => theMount().invalidateInode(path, 0));
    Promise.all(sent).catch(() => {});
  },
  drain: () => theMount().drainInvalidations(),
  knownNodeCount: () => theMount().knownNodeCount(),
  hold(name) {
    files.held.set(name, []);
  },
  release(name) {
    const waiting = files.held.get(name) ?? [];
    files.held.delete(name);
    for (const goOn of waiting) goOn();
  },
  answerOpens(answer) {
    files.openAnswer = answer;
  },
  residentBytes: () => process.memoryUsage.rss(),
  asyncHandleCount: () => countAsyncHandles(),
};

/** libuv's handles of one kind, as Node's own report counts them. */
function countAsyncHandles(): number {
  const report = process.report?.getReport() as unknown as { libuv: Array<{ type: string }> };
  return report.libuv.filter(({ type }) => type === 'async').length;
}

process.on('message', async ({ id, name, args }: { id: number; name: keyof Commands; args: unknown[] }) => {
  const handler = handlers[name] as (...values: unknown[]) => unknown;
  try {
    const value = await handler(...args);
    process.send?.({ id, value });
  } catch (error) {
    const code = error instanceof MountError ? error.code : undefined;
    process.send?.({ id, failure: { message: String(error), code } });
  }
});

process.on('SIGTERM', async () => {
  await served?.unmount();
  // Whoever asked may still be reading the answer.
  await sleep(10);
  process.disconnect?.();
});

process.send?.({ ready: true });
