import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type DiskPath, parseDiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import type { QueueReport, SendQueue } from '../sync/queue-report.ts';
import { QueueView } from '../sync/queue-view.ts';
import { nothingUnsentAt } from '../sync/unsent-failure.ts';
import { drop } from '../sync/vanished.ts';
import { KnownTree } from '../tree/known-tree.ts';
import { DraftTidying } from './draft-tidying.ts';
import { DraftsOverContents, openLocalSide } from './local-side.ts';
import { openLocalState } from './local-state.ts';
import { type Log, loggable } from './log.ts';
import { SetAsideDrafts } from './set-aside-drafts.ts';

/** What earlier mounts have left unsent of one Disk and root, while nobody is at it. Until it is closed no mount can begin there. */
export interface RestingWork {
  readonly root: DiskPath;
  /** Whose Disk it is. */
  readonly uid: string;
  /** Of all that is there. Paths are those that a mount would show. */
  report(): QueueReport;
  /** As `SendQueue.discard`. @throws Failure 'not-found' */
  discard(place: string): Promise<void>;
  /** As `SendQueue.exportTo`. `incomplete`: of these not all bytes are on this machine, and the Disk is not asked. */
  exportTo(
    folder: string,
    signal: AbortSignal,
  ): Promise<{ readonly files: readonly string[]; readonly incomplete: readonly string[] }>;
  close(): Promise<void>;
}

interface FoundWork {
  readonly resting: readonly RestingWork[];
  /** Of folders that cannot be looked into: a process is at it, or a newer version was. */
  readonly failures: readonly Failure[];
}

const ownership = z.object({ uid: z.string(), root: z.string() });

/** Opens all that is kept of unsent work where no mount runs. Each is to be closed. */
export async function openRestingWork(stateFolder: string, log: Log): Promise<FoundWork> {
  const entries = await readdir(stateFolder, { withFileTypes: true }).catch(() => []);
  const resting: RestingWork[] = [];
  const failures: Failure[] = [];
  for (const entry of entries) {
    const folder = join(stateFolder, entry.name);
    if (!entry.isDirectory() || !(await mayHoldWork(folder))) continue;
    try {
      resting.push(await openWork(stateFolder, folder, log));
    } catch (error) {
      if (!failedWith(error, 'in-use', 'too-new', 'local')) throw error;
      failures.push(error);
    }
  }
  return { resting, failures };
}

async function mayHoldWork(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name === 'unsent.db' || name.startsWith('drafts.'));
}

async function openWork(stateFolder: string, folder: string, log: Log): Promise<RestingWork> {
  const { uid, root } = await ownerOf(folder);
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const task of closing.splice(0).reverse()) await task();
  };
  const warn = (error: unknown, what: string) => log.warn(loggable(error), what);
  try {
    const state = await openLocalState(stateFolder, uid, root, {
      onUnusable: (failure) => warn(failure, 'the state folder cannot be used'),
      onDamage: (failure) => warn(failure, 'whose state it is was not to be read'),
    });
    closing.push(() => state.release());
    if (state.folder === undefined) throw unusable(folder);
    const { local, drafts } = await openLocalSide(state.folder, log, 'visit');
    closing.push(() => local.close());
    if (!drafts) throw unusable(folder);
    const known = new KnownTree({
      storeFile: join(state.folder, 'tree.db'),
      root,
      local,
      onDamage: (failure) => warn(failure, 'what was known of the Disk was damaged'),
      onUnwritten: (failure) => warn(failure, 'what is known of the Disk is not kept'),
    });
    closing.push(() => known.close());
    const tidying = new DraftTidying(local, drafts, log);
    closing.push(() => tidying.close());
    /** Who is asked for bytes that are not here: names the file that they were for. */
    const incomplete = new Set<string>();
    const contents = {
      openReader: ({ path }: { readonly path: string }) => {
        incomplete.add(path);
        throw new Failure('offline', 'The Disk is not asked: nothing is mounted');
      },
    };
    const bytes = new DraftsOverContents(drafts, contents);
    const hooks = {
      ...nobody,
      folder: (id: number) => folderOf(known, id),
      exportDraft: (
        _node: unknown,
        { name, version }: { readonly name: string; readonly version: number },
        file: string,
        signal: AbortSignal,
      ) => bytes.exportTo(name, { version, path: file, resourceId: undefined }, file, signal),
    };
    const view = new QueueView({ local, hooks });
    const own: Pick<SendQueue, 'report' | 'discard' | 'exportTo'> = {
      report: () => view.report([], [], () => undefined),
      discard: async (place) => {
        const nodes = view.nodesAt([place]);
        if (nodes.length === 0) throw nothingUnsentAt(place);
        for (const node of nodes) drop({ local, hooks: nobody }, node);
      },
      exportTo: (target, signal) => view.exportTo(target, signal),
    };
    const setAside = await SetAsideDrafts.open(state.folder, root, contents, (error) =>
      warn(error, 'what was set aside cannot be read'),
    );
    const all = setAside.beside({ ...own, flush: notMounted, sendDeletions: notMounted, retry: notMounted });
    return {
      root,
      uid,
      report: () => all.report(),
      discard: (place) => all.discard(place),
      exportTo: async (target, signal) => {
        incomplete.clear();
        return { files: await all.exportTo(target, signal), incomplete: [...incomplete] };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nobody has anything open. */
const nobody = { isOpen: () => false, letGo: () => {} };

function notMounted(): never {
  throw new Failure('local', 'Nothing is mounted');
}

function unusable(folder: string): Failure {
  return new Failure('local', `What is unsent cannot be looked at: ${folder}`, { path: folder });
}

/** @throws Failure 'local' where that is not to be read */
async function ownerOf(folder: string): Promise<{ readonly uid: string; readonly root: DiskPath }> {
  const file = join(folder, 'format.json');
  try {
    const { uid, root } = ownership.parse(JSON.parse(await readFile(file, 'utf8')));
    return { uid, root: parseDiskPath(root) };
  } catch (cause) {
    throw new Failure('local', `Whose work it is cannot be read: ${file}`, {
      path: file,
      hint: 'Mount the Disk: then it is known again.',
      cause,
    });
  }
}

/** Undefined where the tree was lost: then a path is shorter than it was. */
function folderOf(known: KnownTree, id: number) {
  try {
    return known.folder(id);
  } catch {
    return undefined;
  }
}
