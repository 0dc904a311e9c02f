import { pause } from '../async/pause.ts';
import { untilAborted } from '../async/shared-tasks.ts';
import type { Api } from '../disk-api/api.ts';
import { listFolder, readResource } from '../disk-api/folder-listing.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import { type Shown, shownReply } from './sameness.ts';

/** A look waits so long for others that are about to want the same; an upload is held for 10 s at most. */
const gatherMs = 1_000;
/** … and for no more than these. At 40 requests a second so many links come in a second. */
const gatheredLooks = 40;
/** A listing has so many entries to a page, and each page is a request. */
const pageEntries = 1_000;

interface Waiting {
  readonly name: string;
  readonly resolve: (shown: Shown | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Folder {
  /** Uploads that have begun and are going to look. */
  expected: number;
  waiting: Waiting[];
  /** Ends the gathering. */
  enough: AbortController | undefined;
  /** As the last listing told. */
  entries: number;
}

/**
 * The last looks before uploads. All uploads into one folder that are held at a moment share one listing, asked for after each of them had its link.
 *
 * INVARIANT: an answer is given only to those who waited before it was asked for.
 */
export class FolderLooks {
  readonly #api: Api;
  readonly #gatherMs: number;
  readonly #folders = new Map<DiskPath, Folder>();

  constructor(api: Api, gathering = gatherMs) {
    this.#api = api;
    this.#gatherMs = gathering;
  }

  /** An upload into the folder has begun, and will look in a moment. @returns to be called when it does not any more */
  expect(folder: DiskPath): () => void {
    const entry = this.#entry(folder);
    entry.expected++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      entry.expected--;
      this.#tell(folder, entry);
    };
  }

  /**
   * What is at the name; undefined: nothing. Who was expected calls it after that was taken back.
   * @throws Failure 'no-parent' when the folder is not there
   */
  look(folder: DiskPath, name: string, signal: AbortSignal): Promise<Shown | undefined> {
    const entry = this.#entry(folder);
    const answer = new Promise<Shown | undefined>((resolve, reject) => {
      entry.waiting.push({ name, resolve, reject });
    });
    if (!entry.enough) {
      const enough = new AbortController();
      entry.enough = enough;
      void this.#gather(folder, entry, enough.signal);
    }
    this.#tell(folder, entry);
    return untilAborted(answer, signal);
  }

  #entry(folder: DiskPath): Folder {
    const known = this.#folders.get(folder);
    if (known) return known;
    const entry: Folder = { expected: 0, waiting: [], enough: undefined, entries: 0 };
    this.#folders.set(folder, entry);
    return entry;
  }

  #tell(folder: DiskPath, entry: Folder): void {
    const { expected, waiting, enough } = entry;
    if (waiting.length > 0 && (expected === 0 || waiting.length >= gatheredLooks)) enough?.abort();
    if (waiting.length === 0 && expected === 0 && !enough) this.#folders.delete(folder);
  }

  async #gather(folder: DiskPath, entry: Folder, enough: AbortSignal): Promise<void> {
    await pause(this.#gatherMs, enough).catch(() => {});
    const batch = entry.waiting;
    entry.waiting = [];
    entry.enough = undefined;
    try {
      const shown = await this.#shown(folder, entry, batch);
      for (const { name, resolve } of batch) resolve(shown.get(name));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#tell(folder, entry);
  }

  async #shown(
    folder: DiskPath,
    entry: Folder,
    batch: readonly Waiting[],
  ): Promise<ReadonlyMap<string, Shown>> {
    const names = new Set(batch.map(({ name }) => name));
    if (names.size <= Math.max(1, Math.ceil(entry.entries / pageEntries))) {
      const looks = [...names].map(
        async (name) => [name, await lookAt(this.#api, childPath(folder, name))] as const,
      );
      return new Map((await Promise.all(looks)).flatMap(([name, shown]) => (shown ? [[name, shown]] : [])));
    }
    const { entries } = await listFolder(this.#api, folder, { priority: 'urgent' }).catch(
      (error: unknown) => {
        if (!failedWith(error, 'not-found', 'not-a-folder')) throw error;
        throw new Failure('no-parent', `The folder is not there: ${folder}`, { path: folder, cause: error });
      },
    );
    entry.entries = entries.length;
    const wanted = entries.filter(({ name }) => names.has(name));
    return new Map(wanted.map((reply) => [reply.name, shownReply(reply, childPath(folder, reply.name))]));
  }
}

/** What is at a path; undefined: nothing. */
export async function lookAt(api: Api, path: DiskPath, signal?: AbortSignal): Promise<Shown | undefined> {
  try {
    return shownReply(await readResource(api, path, { signal, priority: 'urgent' }), path);
  } catch (error) {
    if (failedWith(error, 'not-found', 'no-parent')) return undefined;
    throw error;
  }
}
