import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contents } from '../content/contents.ts';
import type { Draft } from '../content/draft.ts';
import { Drafts } from '../content/drafts.ts';
import { setAside } from '../database/set-aside.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { type Failure, failedWith } from '../errors.ts';
import { LocalStore } from '../tree/local-store.ts';
import { LocalTree } from '../tree/local-tree.ts';
import { type Log, loggable } from './log.ts';

/** Room on the local disk that drafts leave to others. */
const minFreeBytes = 64 << 20;

/** What was done here and is not on the server: what differs, and the bytes. */
export interface LocalSide {
  readonly local: LocalTree;
  /** Undefined where nothing can be kept: then nothing can be changed either. */
  readonly drafts: Drafts | undefined;
}

/**
 * Opens what is kept of unsent work. What is damaged is set aside with all drafts, and said; where the state folder cannot be used, the mount
 * is for reading only.
 * @throws Failure 'too-new'
 */
export async function openLocalSide(folder: string | undefined, log: Log): Promise<LocalSide> {
  const onDamage = (failure: Failure) =>
    log.error(loggable(failure), 'a part of what was not sent yet cannot be read; its bytes are kept');
  const inMemory = () => new LocalTree({ store: new LocalStore(':memory:'), onDamage });
  if (folder === undefined) return { local: inMemory(), drafts: undefined };
  const draftFolder = join(folder, 'drafts');
  try {
    const store = await openStore(join(folder, 'unsent.db'), draftFolder, log);
    const local = new LocalTree({ store, onDamage });
    const drafts = await Drafts.open({ folder: draftFolder, minFreeBytes, bootId: await bootId() });
    return { local, drafts };
  } catch (error) {
    if (!failedWith(error, 'local', 'no-space', 'damaged-store')) throw error;
    log.error(loggable(error), 'nothing can be kept on this machine: the mount is for reading only');
    return { local: inMemory(), drafts: undefined };
  }
}

async function openStore(file: string, draftFolder: string, log: Log): Promise<LocalStore> {
  try {
    return new LocalStore(file);
  } catch (error) {
    if (!failedWith(error, 'damaged-store')) throw error;
    const aside = setAside(file);
    const draftsAside = `${draftFolder}.${aside.slice(file.length + 1)}`;
    await rename(draftFolder, draftsAside).catch(() => {});
    log.error(
      { ...loggable(error), aside, drafts: draftsAside },
      'the list of what was not sent yet was damaged; the bytes are kept: each draft has a description beside it',
    );
    return new LocalStore(file);
  }
}

/** Changes with each start of the machine. */
async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Drafts with the bytes of what they were made from. */
export class DraftsOverContents {
  readonly #drafts: Drafts;
  readonly #contents: Contents;

  constructor(drafts: Drafts, contents: Contents) {
    this.#drafts = drafts;
    this.#contents = contents;
  }

  create(draft: {
    readonly name: string;
    readonly path: string;
    readonly base: RemoteContent | undefined;
  }): Promise<Draft> {
    const { name, path, base } = draft;
    const open = base && (() => this.#contents.openReader(base));
    return this.#drafts.create({ name, path, base: base && open && { content: base, open } });
  }

  openExisting(
    name: string,
    version: number,
    place: Pick<RemoteContent, 'path' | 'resourceId'>,
  ): Promise<Draft> {
    return this.#drafts.openExisting(name, {
      version,
      openBase: (base) => this.#contents.openReader({ ...base, ...place, link: undefined }),
    });
  }
}
