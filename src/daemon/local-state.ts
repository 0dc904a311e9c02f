import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExclusiveLock } from '../database/exclusive-lock.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import { makePrivate } from './folders.ts';

/** Whose Disk and which folder of it a state folder is about; `version` is that of the folder's layout. */
const ownership = z.object({ version: z.number().int(), uid: z.string(), root: z.string() });
const version = 1;

/**
 * What is kept on this machine of one person's Disk, seen from one root: a folder of its own, for one process at a time.
 * A login as somebody else gets another folder, and never touches this one.
 */
interface LocalState {
  readonly folder: string;
  /** The last part of `folder`; the cache has a folder of the same name. */
  readonly name: string;
  release(): void;
}

/** @throws Failure 'in-use' while another process has it, 'too-new', 'local' */
export async function openLocalState(stateFolder: string, uid: string, root: DiskPath): Promise<LocalState> {
  const rootHash = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const name = `${uid.replaceAll(/[^\w-]/g, '_')}-${rootHash}`;
  const folder = join(stateFolder, name);
  try {
    await makePrivate(folder);
  } catch (cause) {
    throw new Failure('local', `The state folder cannot be made: ${folder}`, { path: folder, cause });
  }
  const lock = take(join(folder, 'lock'), root);
  try {
    await checkOwner(join(folder, 'format.json'), uid, root);
  } catch (error) {
    lock.release();
    throw error;
  }
  return { folder, name, release: () => lock.release() };
}

function take(file: string, root: DiskPath): ExclusiveLock {
  try {
    return ExclusiveLock.take(file);
  } catch (error) {
    if (!failedWith(error, 'in-use')) throw error;
    throw new Failure('in-use', `${root} of this person's Disk is mounted already: ${error.message}`, {
      path: file,
      hint: 'Use that mount, or end it with yadiskfs umount. With another YADISKFS_STATE_DIR it can be mounted a second time.',
      cause: error,
    });
  }
}

async function checkOwner(file: string, uid: string, root: DiskPath): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const temporary = `${file}.${process.pid}`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ version, uid, root })}\n`);
      // Else a loss of power leaves the name and no words, and the folder, with all that is unsent in it, would be taken for a stranger's.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return;
  }
  const owner = parsed(text);
  if (owner && owner.version > version) {
    throw new Failure('too-new', `The state folder was written by a newer yadiskfs (${owner.version})`, {
      path: file,
      hint: 'Install the newer one again. Nothing was changed.',
    });
  }
  if (owner?.uid !== uid || owner.root !== root) {
    throw new Failure('local', `The state folder is about something else, or damaged: ${file}`, {
      path: file,
      hint: 'Move the folder away; it is made anew.',
    });
  }
}

function parsed(text: string): z.infer<typeof ownership> | undefined {
  try {
    return ownership.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
