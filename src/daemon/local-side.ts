import { execFile } from 'node:child_process';
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { severalAtOnce } from '../async/several.ts';
import { steadyDateMs } from '../async/steady-date.ts';
import type { Contents } from '../content/contents.ts';
import type { Draft } from '../content/draft.ts';
import { Drafts } from '../content/drafts.ts';
import { setAside } from '../database/set-aside.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { Failure, failedWith } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { LocalNode } from '../tree/local-node.ts';
import { LocalStore } from '../tree/local-store.ts';
import { LocalTree } from '../tree/local-tree.ts';
import { type Log, loggable } from './log.ts';

const safeMark = 'safe';
/** Room on the local disk that drafts leave to others. */
const minFreeBytes = 64 << 20;
/** So many descriptions are read at once: there may be more drafts than a process may have files open. */
export const draftsAtOnce = 32;

/** What was done here and is not on the server: what differs, and the bytes. */
interface LocalSide {
  readonly local: LocalTree;
  /** Undefined where nothing can be kept: then nothing can be changed either. */
  readonly drafts: Drafts | undefined;
  /** All that was written is safe from a loss of power, also what nobody has asked to be. */
  readonly makeSafe: () => Promise<void>;
}

/**
 * Opens what is kept of unsent work. What is damaged is set aside with all drafts, and said; where the state folder cannot be used, the mount
 * is for reading only.
 * @param purpose on a visit nothing is written into drafts, so that the orderly end of the last mount goes on to count
 * @throws Failure 'too-new'
 */
export async function openLocalSide(
  folder: string | undefined,
  log: Log,
  purpose: 'mount' | 'visit' = 'mount',
): Promise<LocalSide> {
  const damaged: number[] = [];
  const onDamage = (failure: Failure, id: number) => {
    damaged.push(id);
    log.error(loggable(failure), 'a part of what was not sent yet cannot be read; its bytes are kept');
  };
  const inMemory = () => new LocalTree({ store: new LocalStore(':memory:'), onDamage });
  const nothing = async () => {};
  if (folder === undefined) return { local: inMemory(), drafts: undefined, makeSafe: nothing };
  const draftFolder = join(folder, 'drafts');
  try {
    const store = await openStore(join(folder, 'unsent.db'), draftFolder, log);
    const local = new LocalTree({ store, onDamage });
    const drafts = await Drafts.open(await draftsOptions(draftFolder));
    if (damaged.length > 0) {
      await setUnnamedAside(local, drafts, `${draftFolder}.unnamed-${Date.now()}`);
      local.apply({ remove: damaged });
    }
    // Said at an orderly end, and no longer true with the first change.
    const wasSafe = store.noted(safeMark) === 'yes';
    if (wasSafe && purpose === 'mount') store.note(safeMark, 'no');
    takeBackFutures(local, steadyDateMs());
    await lookAtDrafts(local, drafts, wasSafe, log);
    const makeSafe = async () => {
      if (local.size === 0) return;
      await promisify(execFile)('sync', ['--file-system', folder]);
      store.note(safeMark, 'yes');
    };
    return { local, drafts, makeSafe };
  } catch (error) {
    if (!failedWith(error, 'local', 'no-space', 'damaged-store')) throw error;
    log.error(loggable(error), 'nothing can be kept on this machine: the mount is for reading only');
    return { local: inMemory(), drafts: undefined, makeSafe: nothing };
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

/** The clock of the last process was ahead of ours: nothing is to wait until ours has come up with it. */
function takeBackFutures(local: LocalTree, nowMs: number): void {
  const put = Array.from(local.all())
    .filter(({ changedAtMs, trouble }) => changedAtMs > nowMs || (trouble?.sinceMs ?? 0) > nowMs)
    .map((node) => {
      const { changedAtMs, trouble } = node;
      const retryAtMs = trouble?.retryAtMs && Math.min(trouble.retryAtMs, nowMs);
      return {
        ...node,
        changedAtMs: Math.min(changedAtMs, nowMs),
        trouble: trouble && { ...trouble, sinceMs: Math.min(trouble.sinceMs, nowMs), retryAtMs },
      };
    });
  if (put.length > 0) local.apply({ put });
}

/** Drafts that no row names any more, or none that can be read: what else would go as left over is kept. */
async function setUnnamedAside(local: LocalTree, drafts: Drafts, folder: string): Promise<void> {
  const named = new Set(Array.from(local.all(), ({ draft }) => draft?.name));
  for (const name of await drafts.names()) if (!named.has(name)) await drafts.moveOut(name, folder);
}

/**
 * What lies here of each draft counts, whatever was noted of it: a program may have been at it when the last process was killed. What was never
 * closed, and what a loss of power may have torn, is not sent until somebody says so.
 */
async function lookAtDrafts(local: LocalTree, drafts: Drafts, wasSafe: boolean, log: Log): Promise<void> {
  const found = await severalAtOnce(local.all(), draftsAtOnce, async (node) => {
    if (!node.draft || node.state === 'deleted') return [];
    try {
      const seen = seenAgain(node, node.draft, await drafts.describe(node.draft.name), wasSafe);
      return seen ? [seen] : [];
    } catch (error) {
      if (!failedWith(error, 'local')) throw error;
      log.error(loggable(error), 'the bytes of an unsent file cannot be read; all others are sent');
      return [unreadable(node, error)];
    }
  });
  const put = found.flat();
  if (put.length > 0) local.apply({ put });
}

/** Of this one, until somebody says so or the next start can read it; not of the mount. */
function unreadable(node: LocalNode, { message }: Failure): LocalNode {
  const said = `Its bytes on this machine cannot be read: ${message}`;
  return {
    ...node,
    trouble: { code: 'local', message: said, sinceMs: node.changedAtMs, retryAtMs: undefined },
  };
}

function wasUnreadable({ trouble }: LocalNode): boolean {
  return trouble?.code === 'local' && trouble.retryAtMs === undefined;
}

function seenAgain(
  node: LocalNode,
  state: DraftState,
  found: Awaited<ReturnType<Drafts['describe']>>,
  wasSafe: boolean,
): LocalNode | undefined {
  const trouble = (code: string, message: string) => ({
    ...node,
    draft: { ...state, finished: false },
    trouble: { code, message, sinceMs: node.changedAtMs, retryAtMs: undefined },
  });
  if (!found) return trouble('damaged-store', 'Its bytes on this machine cannot be read');
  if (!wasSafe && !found.wasSynced && !found.isOfThisStart)
    return trouble('unfinished', 'The machine was switched off before it was safe here');
  const changed = found.sizeBytes !== state.sizeBytes;
  const { sizeBytes } = found;
  const draft = changed ? { ...state, sizeBytes, version: state.version + 1 } : state;
  if (!state.finished)
    return {
      ...trouble('unfinished', 'The program or the machine ended before it was closed'),
      draft,
    };
  if (wasUnreadable(node)) return { ...node, draft, trouble: undefined };
  return changed ? { ...node, draft } : undefined;
}

/** Drafts of which nobody knows any more what was to become of them: each time in a folder of their own. */
export async function setAsideFolders(stateFolder: string): Promise<string[]> {
  const names = await readdir(stateFolder);
  return names.filter((name) => name.startsWith('drafts.')).map((name) => join(stateFolder, name));
}

export async function draftsOptions(folder: string) {
  return { folder, minFreeBytes, bootId: await bootId() };
}

/** Changes with each start of the machine. */
async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Drafts with the bytes of what they were made from. */
export class DraftsOverContents {
  readonly #drafts: Drafts;
  readonly #contents: Pick<Contents, 'openReader'>;

  constructor(drafts: Drafts, contents: Pick<Contents, 'openReader'>) {
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

  /**
   * Copies the bytes to a new file: all of them where what is missing can be had, else those that lie here.
   * @throws Failure 'exists', 'not-found', 'no-space', 'local', 'aborted'
   */
  async exportTo(
    name: string,
    place: Pick<RemoteContent, 'path' | 'resourceId'> & { readonly version: number },
    file: string,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const draft = await this.openExisting(name, place.version, place);
      await draft.complete(signal).finally(() => draft.close());
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure)) throw error;
    }
    await this.#drafts.copyOut(name, file);
  }
}
