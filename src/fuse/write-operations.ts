import { constants } from 'node:fs';
import { Failure } from '../errors.ts';
import type { AttributeChanges } from '../fs/attribute-changes.ts';
import { type Ownership, traitsOfNew } from '../fs/attributes.ts';
import type { Changes } from '../fs/changes.ts';
import type { Directories } from '../fs/directories.ts';
import type { Links } from '../fs/links.ts';
import type { OpenFiles } from '../fs/open-files.ts';
import type { Answer } from './answer.ts';
import type { Operations, TimeChange } from './binding/operations.ts';
import { nodeAt } from './path-lookup.ts';

interface WritableTree {
  readonly directories: Directories;
  readonly files: OpenFiles;
  readonly changes: Changes;
  readonly attributes: AttributeChanges;
  readonly links: Links;
  readonly owner: Ownership;
  readonly waitUntilSent: ((id: number) => Promise<void>) | undefined;
}

interface Context {
  readonly signal: AbortSignal;
  readonly answer: Answer;
}

const leaveId = 0xffff_ffff;

/** libfuse's callbacks that change something. */
export function writeOperations(
  { directories, files, changes, attributes, links, owner, waitUntilSent }: WritableTree,
  { signal, answer }: Context,
): Partial<Operations> {
  /** The folder of a path, and the name in it. */
  async function placeOf(
    path: string,
  ): Promise<{ readonly parent: Directories['root']; readonly name: string }> {
    const slash = path.lastIndexOf('/');
    return { parent: await nodeAt(directories, path.slice(0, slash), signal), name: path.slice(slash + 1) };
  }

  async function make(path: string, mode: number): Promise<number> {
    const { parent, name } = await placeOf(path);
    const makeDraft = files.makeDraft.bind(files);
    const traits = traitsOfNew('file', mode, parent, owner);
    return files.create(await changes.makeFile(parent, name, traits, makeDraft, signal));
  }

  async function setTimes(path: string, modified: TimeChange): Promise<void> {
    const node = await nodeAt(directories, path, signal);
    if (modified === 'omit') attributes.setAccessed(node);
    else attributes.setModified(node, modified);
  }

  async function durable(kept: Promise<void>, handle: number): Promise<void> {
    await kept;
    const node = files.node(handle);
    if (waitUntilSent && node.local?.draft) await waitUntilSent(node.id);
  }

  /** The ordinary form: a task, and 0 when it went well. */
  const run = (operation: string, path: string, task: () => unknown, done: (result: number) => void) =>
    answer(
      operation,
      path,
      async () => task(),
      () => done(0),
      done,
    );

  return {
    create(path, mode, _flags, done) {
      answer(
        'create',
        path,
        () => make(path, mode),
        (handle) => done(0, handle),
        done,
      );
    },
    mknod(path, mode, _device, done) {
      run(
        'mknod',
        path,
        async () => {
          if ((mode & constants.S_IFMT) !== constants.S_IFREG)
            throw notPermitted('a device, a pipe or a socket');
          await files.close(await make(path, mode));
        },
        done,
      );
    },
    write(path, handle, buffer, positionBytes, done) {
      answer(
        'write',
        path,
        () => files.write(handle, buffer, positionBytes),
        () => done(buffer.length),
        done,
      );
    },
    flush(path, handle, done) {
      const flush = async () => {
        // A reader waits for nobody.
        if (files.mayWrite(handle)) await durable(files.flush(handle), handle);
      };
      run('flush', path, flush, done);
    },
    fsync(path, _dataOnly, handle, done) {
      run('fsync', path, () => durable(files.fsync(handle), handle), done);
    },
    fsyncdir(path, _dataOnly, _handle, done) {
      run('fsyncdir', path, () => changes.sync(), done);
    },
    truncate(path, sizeBytes, done) {
      const truncate = async () => files.truncateNode(await nodeAt(directories, path, signal), sizeBytes);
      run('truncate', path, truncate, done);
    },
    ftruncate(path, handle, sizeBytes, done) {
      run('ftruncate', path, () => files.truncate(handle, sizeBytes), done);
    },
    utimens(path, _accessed, modified, done) {
      run('utimens', path, () => setTimes(path, modified), done);
    },
    chmod(path, mode, done) {
      const setMode = async () => attributes.setPermissions(await nodeAt(directories, path, signal), mode);
      run('chmod', path, setMode, done);
    },
    chown(path, uid, gid, done) {
      const setOwner = async () => {
        attributes.setOwner(await nodeAt(directories, path, signal), given(uid), given(gid));
      };
      run('chown', path, setOwner, done);
    },
    mkdir(path, mode, done) {
      const makeFolder = async () => {
        const { parent, name } = await placeOf(path);
        await changes.makeFolder(parent, name, traitsOfNew('folder', mode, parent, owner), signal);
      };
      run('mkdir', path, makeFolder, done);
    },
    unlink(path, done) {
      const unlink = async () => {
        const { parent, name } = await placeOf(path);
        await changes.unlink(parent, name, signal);
      };
      run('unlink', path, unlink, done);
    },
    rmdir(path, done) {
      const removeFolder = async () => {
        const { parent, name } = await placeOf(path);
        await changes.removeFolder(parent, name, signal);
      };
      run('rmdir', path, removeFolder, done);
    },
    rename(source, target, done) {
      const rename = async () => changes.rename(await placeOf(source), await placeOf(target), signal);
      run('rename', source, rename, done);
    },
    link(source, _target, done) {
      run(
        'link',
        source,
        () => {
          throw notPermitted('a hard link');
        },
        done,
      );
    },
    symlink(linkTarget, path, done) {
      const link = async () => {
        const { parent, name } = await placeOf(path);
        await links.make(parent, name, linkTarget, signal);
      };
      run('symlink', path, link, done);
    },
  };
}

/** chown(2) leaves the other one as it is. */
function given(id: number): number | undefined {
  return id === leaveId ? undefined : id;
}

function notPermitted(what: string): Failure {
  return new Failure('not-permitted', `The Disk cannot hold ${what}`);
}
