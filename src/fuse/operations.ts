import { constants } from 'node:fs';
import { Failure, failedWith } from '../errors.ts';
import type { AttributeChanges } from '../fs/attribute-changes.ts';
import { type Attributes, attributesOf, type Ownership } from '../fs/attributes.ts';
import type { ChangeTimes } from '../fs/change-times.ts';
import type { Changes } from '../fs/changes.ts';
import type { Directories } from '../fs/directories.ts';
import type { Links } from '../fs/links.ts';
import type { OpenFiles } from '../fs/open-files.ts';
import type { Volume } from '../fs/volume.ts';
import { answering } from './answer.ts';
import { attributeOperations } from './attribute-operations.ts';
import type { Operations, Stat, Statfs } from './binding/operations.ts';
import { lookAgain, nodeAt } from './path-lookup.ts';
import { writeOperations } from './write-operations.ts';

interface MountedTree {
  readonly directories: Directories;
  readonly files: OpenFiles;
  /** Undefined on a mount for reading only. */
  readonly changes: Changes | undefined;
  readonly attributes: AttributeChanges | undefined;
  readonly links: Links;
  readonly times: ChangeTimes;
  /** Publishes, or takes the link back. */
  readonly setPublic: (id: number, isPublic: boolean, signal: AbortSignal) => Promise<void>;
  /** Called after each close and fsync that must not return before the file is on the server. */
  readonly waitUntilSent: ((id: number) => Promise<void>) | undefined;
  readonly volume: Volume;
  readonly owner: Ownership;
}

interface OperationsOptions {
  /** Fires when the mount ends: what still waits for the network is answered at once. */
  readonly signal: AbortSignal;
  /** Told about every failed operation, ordinary ones ("no such file") too. */
  readonly onFailure: (operation: string, path: string, error: unknown) => void;
  /** Has the kernel forget the size of a file that it may know otherwise; waited for before the file is open. */
  readonly forgetAttributes: (path: string) => Promise<void>;
}

const blockSizeBytes = 4096;
/** Advises programs to read in the pieces that the kernel can ask for at once. */
const bestReadBytes = 128 << 10;
const statBlockBytes = 512;
/** By then the kernel has an answer for certain: what is forgotten before it comes is known again. */
const answeredMs = 10;

/** libfuse's callbacks, answered by nodes and handles of the floors below. */
export function operationsOf(mounted: MountedTree, options: OperationsOptions): Operations {
  const { directories, files, changes, attributes, links, times, volume, owner } = mounted;
  const { signal } = options;

  const answer = answering(options.onFailure);

  return {
    getattr(path, done) {
      answer(
        'getattr',
        path,
        () => nodeAt(directories, path, signal),
        (node) => tellAttributes(path, node, done),
        done,
      );
    },
    fgetattr(path, handle, done) {
      answer(
        'fgetattr',
        path,
        () => nodeOf(path, handle),
        (node) => tellAttributes(path, node, done),
        done,
      );
    },
    access(path, mode, done) {
      answer(
        'access',
        path,
        () => checkAccess(path, mode),
        () => done(0),
        done,
      );
    },
    statfs(path, done) {
      answer(
        'statfs',
        path,
        () => volume.space(signal),
        (space) => done(0, statfsOf(space.totalBytes, space.freeBytes)),
        done,
      );
    },
    readdir(path, done) {
      const read = async () => {
        // The folder of a handle was removed here: libfuse knows no path of it.
        if (path === '') throw new Failure('stale', 'The folder is not there any more');
        return lookAgain(async () => directories.read(await nodeAt(directories, path, signal), signal)).catch(
          notThere,
        );
      };
      answer(
        'readdir',
        path,
        read,
        ({ entries, ino, parentIno }) => {
          const names = entries.map((entry) => entry.name);
          done(0, names, entries, { own: ino, above: parentIno });
        },
        done,
      );
    },
    open(path, flags, done) {
      answer(
        'open',
        path,
        () => openFile(path, flags),
        ({ handle, unchanged, isTorn }) => done(0, handle, { keepCache: unchanged, directIo: isTorn }),
        done,
      );
    },
    read(path, handle, buffer, positionBytes, done) {
      answer('read', path, () => files.read(handle, buffer, positionBytes), done, done);
    },
    readlink(path, done) {
      const read = async () => links.read(await nodeAt(directories, path, signal));
      answer('readlink', path, read, (target) => done(0, target), done);
    },
    ...(changes && attributes
      ? writeOperations(
          { directories, files, changes, attributes, links, owner, waitUntilSent: mounted.waitUntilSent },
          { signal, answer },
        )
      : {}),
    release(path, handle, done) {
      answer(
        'release',
        path,
        () => files.close(handle),
        () => done(0),
        done,
      );
    },
    ...attributeOperations({ directories, attributes, setPublic: mounted.setPublic }, { signal, answer }),
  };

  function tellAttributes(
    path: string,
    node: Parameters<typeof files.isTorn>[0],
    done: Parameters<Operations['getattr']>[1],
  ): void {
    done(0, statOf(attributesOf(node, owner, times)));
    // Of two files that the kernel takes for one, each is to be asked for again: else reads of the longer one would end where the other does.
    if (path === '' || !files.isTorn(node)) return;
    setTimeout(() => options.forgetAttributes(path).catch(() => {}), answeredMs).unref();
  }

  /** Of a file whose folder was removed libfuse knows no path; the handle may be one that was closed meanwhile. */
  async function nodeOf(path: string, handle: number): ReturnType<typeof nodeAt> {
    if (files.isHandle(handle)) return files.node(handle);
    if (path === '') throw new Failure('not-found', 'Neither open nor anywhere in the tree');
    return nodeAt(directories, path, signal);
  }

  async function openFile(path: string, flags: number): ReturnType<OpenFiles['open']> {
    const isForWriting = (flags & (constants.O_WRONLY | constants.O_RDWR | constants.O_TRUNC)) !== 0;
    if (isForWriting && !changes) throw readOnly(path);
    const node = await nodeAt(directories, path, signal);
    const opened = await files.open(node, flags);
    // Else reads would end where the version ended that the kernel saw last. What was changed here the kernel has seen.
    if (!opened.unchanged && !node.local) await options.forgetAttributes(path);
    return opened;
  }

  async function checkAccess(path: string, mode: number): Promise<void> {
    await nodeAt(directories, path, signal);
    if ((mode & constants.W_OK) !== 0 && !changes) throw readOnly(path);
  }
}

/**
 * The kernel has opened the folder, and it is gone. To readdir(3) of glibc an ENOENT is the end of the entries: the folder would be seen
 * as an empty one.
 */
function notThere(error: unknown): never {
  if (!failedWith(error, 'not-found')) throw error;
  throw new Failure('stale', 'The folder is not there any more', { cause: error });
}

function readOnly(path: string): Failure {
  return new Failure('read-only', 'This mount is for reading only', { path });
}

function statOf(attributes: Attributes): Stat {
  return {
    mode: attributes.mode,
    ino: attributes.ino,
    sizeBytes: attributes.sizeBytes,
    nlink: attributes.nlink,
    uid: attributes.uid,
    gid: attributes.gid,
    atime: attributes.modified,
    mtime: attributes.modified,
    ctime: attributes.changed,
    blocks: Math.ceil(attributes.sizeBytes / statBlockBytes),
    blockSizeBytes: bestReadBytes,
  };
}

function statfsOf(totalBytes: number, freeBytes: number): Statfs {
  const blocksFree = Math.floor(freeBytes / blockSizeBytes);
  return {
    blockSizeBytes,
    fragmentSizeBytes: blockSizeBytes,
    blocks: Math.floor(totalBytes / blockSizeBytes),
    blocksFree,
    blocksAvailable: blocksFree,
    files: 0,
    filesFree: 0,
    nameMaxBytes: 255,
  };
}
