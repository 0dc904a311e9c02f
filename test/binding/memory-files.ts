/**
 * A small tree in memory behind the binding's operations, for mounted tests: enough of POSIX to be read, written and
 * walked by ordinary programs. It notes how it was called, so that a test can ask what really arrived.
 */
import { constants } from 'node:os';
import type {
  DoneCallback,
  OpenAnswer,
  Operations,
  Stat,
  Statfs,
  Time,
  TimeChange,
} from '../../src/fuse/binding/operations.ts';

const { EEXIST, EIO, EISDIR, ENODATA, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } = constants.errno;
/** Opening it works; reading and writing do not. */
const FAILING_PATH = '/errors';
const FOLDER = 0o040000;
const FILE = 0o100000;
const LINK = 0o120000;

export interface MemoryNode {
  ino: number;
  mode: number;
  atime: Time;
  mtime: Time;
  bytes: Buffer;
  linkTarget: string;
  children: Map<string, MemoryNode>;
  attributes: Map<string, Buffer>;
}

/** One call of an operation, as it came. */
export interface Call {
  readonly name: string;
  readonly values: readonly unknown[];
}

export class MemoryFiles {
  readonly root: MemoryNode;
  readonly calls: Call[] = [];
  /** How often each operation came. */
  readonly counts = new Map<string, number>();
  /** Operations that do not answer for now, with those that wait. */
  readonly held = new Map<string, Array<() => void>>();
  openAnswer: OpenAnswer = {};
  /** By handle: what stays readable after its name is gone. */
  readonly open = new Map<number, MemoryNode>();
  #nextIno: number;
  #nextHandle = 1;

  constructor(firstIno = 1) {
    this.#nextIno = firstIno;
    this.root = this.makeNode(FOLDER | 0o755);
  }

  makeNode(mode: number): MemoryNode {
    const now = timeNow();
    return {
      ino: this.#nextIno++,
      mode,
      atime: now,
      mtime: now,
      bytes: Buffer.alloc(0),
      linkTarget: '',
      children: new Map(),
      attributes: new Map(),
    };
  }

  addFile(path: string, bytes: Buffer | string): MemoryNode {
    const node = this.makeNode(FILE | 0o644);
    node.bytes = Buffer.from(bytes);
    this.place(path, node);
    return node;
  }

  addFolder(path: string): MemoryNode {
    const node = this.makeNode(FOLDER | 0o755);
    this.place(path, node);
    return node;
  }

  find(path: string): MemoryNode | undefined {
    let node: MemoryNode | undefined = this.root;
    for (const name of path.split('/')) if (name !== '') node = node?.children.get(name);
    return node;
  }

  place(path: string, node: MemoryNode): void {
    this.parentOf(path)?.children.set(nameOf(path), node);
  }

  parentOf(path: string): MemoryNode | undefined {
    return this.find(path.slice(0, path.lastIndexOf('/')));
  }

  openNode(node: MemoryNode): number {
    const handle = this.#nextHandle++;
    this.open.set(handle, node);
    return handle;
  }
}

export function statOf(node: MemoryNode): Stat {
  return {
    mode: node.mode,
    sizeBytes: isLink(node) ? Buffer.byteLength(node.linkTarget) : node.bytes.length,
    ino: node.ino,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    nlink: 1,
    atime: node.atime,
    mtime: node.mtime,
    ctime: node.mtime,
    blocks: Math.ceil(node.bytes.length / 512),
    blockSizeBytes: 4096,
  };
}

const STATFS: Statfs = {
  blockSizeBytes: 4096,
  fragmentSizeBytes: 4096,
  blocks: 2 ** 38,
  blocksFree: 2 ** 37,
  blocksAvailable: 2 ** 36,
  files: 2 ** 33,
  filesFree: 2 ** 32 + 5,
  nameMaxBytes: 255,
};

/** Operations on the tree: counted, held back where a test says so; calls with telling arguments are kept. */
export function memoryOperations(files: MemoryFiles): Operations {
  const gated: Record<string, unknown> = {};
  for (const [name, operation] of Object.entries(treeOperations(files))) {
    gated[name] = (...values: unknown[]): void => {
      files.counts.set(name, (files.counts.get(name) ?? 0) + 1);
      const go = (): void => (operation as (...args: unknown[]) => void)(...values);
      const waiting = files.held.get(name);
      if (waiting) waiting.push(go);
      else go();
    };
  }
  return gated as unknown as Operations;
}

function treeOperations(files: MemoryFiles): Operations {
  const note = (name: string, ...values: unknown[]): void => {
    files.calls.push({ name, values });
  };
  const withNode = (path: string, done: DoneCallback, act: (node: MemoryNode) => number): void => {
    const node = files.find(path);
    done(node ? act(node) : -ENOENT);
  };
  const insert = (path: string, mode: number): MemoryNode | number => {
    const parent = files.parentOf(path);
    if (!parent) return -ENOENT;
    if (parent.children.has(nameOf(path))) return -EEXIST;
    const node = files.makeNode(mode);
    parent.children.set(nameOf(path), node);
    return node;
  };
  const remove = (path: string): number => {
    const removed = files.parentOf(path)?.children.delete(nameOf(path));
    return removed ? 0 : -ENOENT;
  };

  return {
    getattr(path, done) {
      const node = files.find(path);
      if (node) done(0, statOf(node));
      else done(-ENOENT);
    },
    fgetattr(path, handle, done) {
      note('fgetattr', path, handle);
      const node = files.open.get(handle);
      if (node) done(0, statOf(node));
      else done(-ENOENT);
    },
    access(path, mode, done) {
      note('access', path, mode);
      withNode(path, done, () => 0);
    },
    statfs(_path, done) {
      done(0, STATFS);
    },
    readlink(path, done) {
      const node = files.find(path);
      if (node) done(0, node.linkTarget);
      else done(-ENOENT);
    },
    readdir(path, done) {
      const node = files.find(path);
      if (!node) return done(-ENOENT);
      if (!isFolder(node)) return done(-ENOTDIR);
      const kinds = [...node.children.values()].map(({ mode, ino }) => ({ mode, ino }));
      done(0, [...node.children.keys()], kinds);
    },
    open(path, flags, done) {
      note('open', path, flags);
      const node = files.find(path);
      if (!node) return done(-ENOENT);
      if (isFolder(node)) return done(-EISDIR);
      done(0, files.openNode(node), files.openAnswer);
    },
    create(path, mode, flags, done) {
      note('create', path, mode, flags);
      const node = insert(path, FILE | (mode & 0o7777));
      if (typeof node === 'number') done(node);
      else done(0, files.openNode(node), files.openAnswer);
    },
    read(path, handle, buffer, position, done) {
      if (path === FAILING_PATH) return done(-EIO);
      const bytes = files.open.get(handle)?.bytes;
      done(bytes ? bytes.copy(buffer, 0, position) : -ENOENT);
    },
    write(path, handle, buffer, position, done) {
      if (path === FAILING_PATH) return done(-ENOSPC);
      const node = files.open.get(handle);
      if (!node) return done(-ENOENT);
      if (node.bytes.length < position + buffer.length)
        node.bytes = resized(node.bytes, position + buffer.length);
      done(buffer.copy(node.bytes, position));
      node.mtime = timeNow();
    },
    flush(path, handle, done) {
      note('flush', path, handle);
      done(0);
    },
    fsync(path, dataOnly, handle, done) {
      note('fsync', path, dataOnly, handle);
      done(0);
    },
    release(path, handle, done) {
      note('release', path, handle);
      files.open.delete(handle);
      done(0);
    },
    truncate(path, sizeBytes, done) {
      note('truncate', path, sizeBytes);
      withNode(path, done, (node) => {
        node.bytes = resized(node.bytes, sizeBytes);
        return 0;
      });
    },
    ftruncate(path, handle, sizeBytes, done) {
      note('ftruncate', path, handle, sizeBytes);
      const node = files.open.get(handle);
      if (!node) return done(-ENOENT);
      node.bytes = resized(node.bytes, sizeBytes);
      done(0);
    },
    utimens(path, atime, mtime, done) {
      note('utimens', path, atime, mtime);
      withNode(path, done, (node) => {
        node.atime = changed(node.atime, atime);
        node.mtime = changed(node.mtime, mtime);
        return 0;
      });
    },
    chown(path, _uid, _gid, done) {
      withNode(path, done, () => 0);
    },
    chmod(path, mode, done) {
      withNode(path, done, (node) => {
        node.mode = (node.mode & ~0o7777) | (mode & 0o7777);
        return 0;
      });
    },
    mkdir(path, mode, done) {
      const node = insert(path, FOLDER | (mode & 0o7777));
      done(typeof node === 'number' ? node : 0);
    },
    unlink(path, done) {
      note('unlink', path);
      done(remove(path));
    },
    rmdir(path, done) {
      const node = files.find(path);
      done(node && node.children.size > 0 ? -ENOTEMPTY : remove(path));
    },
    rename(source, target, done) {
      note('rename', source, target);
      const node = files.find(source);
      if (!node) return done(-ENOENT);
      remove(source);
      files.place(target, node);
      done(0);
    },
    symlink(linkTarget, path, done) {
      const node = insert(path, LINK | 0o777);
      if (typeof node !== 'number') node.linkTarget = linkTarget;
      done(typeof node === 'number' ? node : 0);
    },
    setxattr(path, name, value, _flags, done) {
      withNode(path, done, (node) => {
        node.attributes.set(name, Buffer.from(value));
        return 0;
      });
    },
    getxattr(path, name, done) {
      note('getxattr', path, name);
      const node = files.find(path);
      if (node) done(0, node.attributes.get(name) ?? null);
      else done(-ENOENT);
    },
    listxattr(path, done) {
      const node = files.find(path);
      if (node) done(0, [...node.attributes.keys()]);
      else done(-ENOENT);
    },
    removexattr(path, name, done) {
      withNode(path, done, (node) => (node.attributes.delete(name) ? 0 : -ENODATA));
    },
  };
}

function isFolder(node: MemoryNode): boolean {
  return (node.mode & 0o170000) === FOLDER;
}

function isLink(node: MemoryNode): boolean {
  return (node.mode & 0o170000) === LINK;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function resized(bytes: Buffer, sizeBytes: number): Buffer {
  const grown = Buffer.alloc(sizeBytes);
  bytes.copy(grown);
  return grown;
}

function timeNow(): Time {
  const ms = Date.now();
  return { sec: Math.floor(ms / 1000), nsec: (ms % 1000) * 1e6 };
}

function changed(time: Time, change: TimeChange): Time {
  if (change === 'omit') return time;
  return change === 'now' ? timeNow() : change;
}
