import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExclusiveLock } from '../database/exclusive-lock.ts';
import { setAside } from '../database/set-aside.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import { makePrivate } from './folders.ts';

/** Whose Disk and which folder of it a state folder is about; `version` is that of the folder's layout. */
const versioned = z.object({ version: z.number() });
const version = 1;
const ownership = z.object({ version: z.literal(version), uid: z.string(), root: z.string() });

/**
 * What is kept on this machine of one person's Disk, seen from one root: a folder of its own, for one process at a time.
 * A login as somebody else gets another folder, and never touches this one.
 */
export interface LocalState {
  /** Undefined where nothing can be kept: a full or read-only disk. */
  readonly folder: string | undefined;
  /** The last part of `folder`; the cache has a folder of the same name. */
  readonly name: string;
  /** Something may come into it that is not to be lost. */
  keep(): void;
  /** Takes the folder away where it was made for this and never kept: a mount that did not come about leaves nothing. */
  release(): void;
}

interface LocalStateOptions {
  /** Told when something cannot be kept there; reading goes on without. */
  readonly onUnusable: (failure: Failure) => void;
  /** Told when the note of whose state it is was damaged, and under which name it was set aside. */
  readonly onDamage: (failure: Failure, aside: string) => void;
}

/** @throws Failure 'in-use' while another process has it, 'too-new', 'local' when it is no folder, or about something else */
export async function openLocalState(
  stateFolder: string,
  uid: string,
  root: DiskPath,
  options: LocalStateOptions,
): Promise<LocalState> {
  const rootHash = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const name = `${uid.replaceAll(/[^\w-]/g, '_')}-${rootHash}`;
  const folder = join(stateFolder, name);
  let lock: ExclusiveLock;
  const isNew = !existsSync(folder);
  try {
    await makePrivate(folder);
    lock = take(join(folder, 'lock'), root);
  } catch (cause) {
    if (!isUnwritable(cause)) {
      if (cause instanceof Failure) throw cause;
      throw new Failure('local', `The state folder cannot be made: ${folder}`, {
        path: folder,
        hint: 'Name another one in YADISKFS_STATE_DIR.',
        cause,
      });
    }
    options.onUnusable(
      new Failure('local', `The state folder cannot be written to: ${folder}`, { path: folder, cause }),
    );
    return { folder: undefined, name, keep: () => {}, release: () => {} };
  }
  try {
    await checkOwner(join(folder, 'format.json'), uid, root, options);
  } catch (error) {
    lock.release();
    throw error;
  }
  let isKept = !isNew;
  const keep = () => {
    isKept = true;
  };
  const release = () => {
    // While it is ours: nobody else can have begun anything in it.
    if (!isKept) removeWhatCanBe(folder);
    isKept = true;
    lock.release();
  };
  return { folder, name, keep, release };
}

function removeWhatCanBe(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is empty of what anybody would miss.
  }
}

/** Full, read-only, or not for us; the lock is SQLite's, which has words of its own for that. */
function isUnwritable(error: unknown): boolean {
  const cause = error instanceof Failure ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^(ENOSPC|EDQUOT|EROFS|EACCES|EPERM|SQLITE_(CANTOPEN|READONLY|FULL|PERM|IOERR))/.test(code);
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

async function checkOwner(
  file: string,
  uid: string,
  root: DiskPath,
  { onUnusable, onDamage }: LocalStateOptions,
): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const found = text === undefined ? undefined : parsed(text);
  const written = versioned.safeParse(found);
  if (written.success && written.data.version > version) {
    throw new Failure(
      'too-new',
      `The state folder was written by a newer yadiskfs (${written.data.version})`,
      {
        path: file,
        hint: 'Install the newer one again. Nothing was changed.',
      },
    );
  }
  const owner = ownership.safeParse(found);
  if (owner.success && (owner.data.uid !== uid || owner.data.root !== root)) {
    throw new Failure('local', `The state folder is about something else: ${file}`, {
      path: file,
      hint: 'Move the folder away; it is made anew.',
    });
  }
  if (owner.success) return;
  try {
    // The folder is named after whose it is: what lies beside the note is theirs, and is checked by itself.
    if (text !== undefined)
      onDamage(new Failure('damaged-store', `Damaged: ${file}`, { path: file }), setAside(file));
    await replace(file, `${JSON.stringify({ version, uid, root })}\n`);
  } catch (cause) {
    onUnusable(new Failure('local', `Cannot be written: ${file}`, { path: file, cause }));
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    // Else a loss of power leaves the name and no words, and the folder, with all that is unsent in it, would be taken for a stranger's.
    await writeFile(temporary, text, { mode: 0o600, flush: true });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
