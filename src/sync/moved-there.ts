import type { Api } from '../disk-api/api.ts';
import { readRevision } from '../disk-api/disk.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { failedWith } from '../errors.ts';
import type { LocalNode, ServerPlace } from '../tree/local-node.ts';
import { isSameBytes } from '../tree/sameness.ts';
import { lookAt } from './folder-looks.ts';

/** What is needed of `Sending`. */
interface Search {
  readonly api: Api;
  readonly paths: { at(place: ServerPlace): DiskPath };
  readonly hooks: {
    readonly knownAt: (id: number) => ServerPlace | undefined;
    readonly foldersInUse: () => readonly number[];
    readonly relist: (folderId: number, signal: AbortSignal) => Promise<unknown>;
    readonly noteRevision: (revision: number | undefined) => void;
  };
}

/** A file that vanished is looked for in so many folders, for so long; then it counts as deleted. The second is well within the hold of an upload. */
const mostFolders = 64;
const searchMs = 5_000;
/** Many that vanish at once are looked for together. */
const againMs = 10_000;

const unlisted = ['not-found', 'not-a-folder', 'no-parent', 'stale'] as const;

/**
 * Where others have moved a file to. The API finds nothing by its resource: a listing must show it. So the folders are listed that it was in and
 * that programs have looked into; a move to where nobody here has ever looked is taken for a deletion.
 */
export class MovedThere {
  /** When the folders were listed for this last; monotonic. */
  readonly #listedAtMs = new Map<number, number>();

  /** @returns its place now, when it was moved with the bytes that the node started from */
  async find(sending: Search, node: LocalNode, signal: AbortSignal): Promise<ServerPlace | undefined> {
    const { hooks, paths, api } = sending;
    const { base, id } = node;
    if (base?.resourceId === undefined) return undefined;
    const place = await this.#search(sending, node, signal);
    if (!place) return undefined;
    const shown = await lookAt(api, paths.at(place), signal);
    const isIt = shown?.resourceId === base.resourceId && isSameBytes(shown.content, base.content);
    return isIt && hooks.knownAt(id) ? place : undefined;
  }

  async #search(sending: Search, node: LocalNode, signal: AbortSignal): Promise<ServerPlace | undefined> {
    const { hooks, api } = sending;
    const elsewhere = () => {
      const known = hooks.knownAt(node.id);
      const { base } = node;
      return known && (known.parentId !== base?.parentId || known.name !== base.name) ? known : undefined;
    };
    const known = elsewhere();
    if (known) return known;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(searchMs)]);
    const folders = [node.base?.parentId ?? node.parentId, ...hooks.foldersInUse()].slice(0, mostFolders);
    try {
      hooks.noteRevision(await readRevision(api, { signal: bounded }));
      await Promise.all([...new Set(folders)].map((folderId) => this.#list(sending, folderId, bounded)));
    } catch (error) {
      if (signal.aborted || !bounded.aborted) throw error;
    }
    return elsewhere();
  }

  async #list({ hooks }: Search, folderId: number, signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - (this.#listedAtMs.get(folderId) ?? Number.NEGATIVE_INFINITY) < againMs) return;
    await hooks.relist(folderId, signal).catch((error: unknown) => {
      if (!failedWith(error, ...unlisted)) throw error;
    });
    this.#listedAtMs.set(folderId, nowMs);
    for (const [id, atMs] of this.#listedAtMs) if (atMs + againMs < nowMs) this.#listedAtMs.delete(id);
  }
}
