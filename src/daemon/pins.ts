import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { steadyDateMs } from '../async/steady-date.ts';
import { BlockStore } from '../content/block-store.ts';
import type { Contents } from '../content/contents.ts';
import { Shelf } from '../content/shelf.ts';
import { blockShape } from '../content/whole-file.ts';
import type { Api } from '../disk-api/api.ts';
import { Failure } from '../errors.ts';
import type { PinCounts, PinReport } from '../sync/pin-report.ts';
import { Pinner } from '../sync/pinner.ts';
import { PinList } from '../tree/pin-list.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import type { Tree } from '../tree/tree.ts';
import { type Log, loggable } from './log.ts';
import { nodeAt } from './node-at.ts';

/** Room on the local disk that pins leave to others: four times what unsent work leaves, so that there is always some for that. */
const minFreeBytes = 256 << 20;

/** What is pinned may be kept here; undefined where nothing can be. */
export interface PinStore {
  readonly list: PinList;
  readonly shelf: Shelf;
}

/**
 * Opens the list of pins and the blocks of what is pinned, both in the state folder: a cache folder may be deleted at any time.
 * @throws Failure 'too-new'
 */
export async function openPinStore(
  stateFolder: string | undefined,
  cache: BlockStore,
  log: Log,
): Promise<PinStore | undefined> {
  if (stateFolder === undefined) return undefined;
  const folder = join(stateFolder, 'pinned');
  const list = new PinList({
    file: join(stateFolder, 'pins.json'),
    onDamage: (failure, aside) =>
      log.error({ ...loggable(failure), aside }, 'the list of what is pinned was damaged; it is begun anew'),
  });
  const open = () =>
    BlockStore.open(
      {
        folder,
        limitBytes: Number.MAX_SAFE_INTEGER,
        minFreeBytes,
        evicts: false,
        onTrouble: (failure) => log.warn(loggable(failure), 'what is pinned cannot be kept for now'),
        onRecovered: () => log.info('what is pinned is kept again'),
      },
      blockShape,
    );
  const shelf = new Shelf(open, cache);
  if (list.all().length > 0 || existsSync(folder)) await shelf.open();
  return { list, shelf };
}

interface PinsParts {
  readonly store: PinStore | undefined;
  readonly api: Pick<Api, 'contact'>;
  readonly tree: Tree;
  readonly shown: ShownTree;
  readonly contents: Contents;
  readonly followMs: number;
  readonly log: Log;
}

/** What is pinned, for the commands and for the tree that tells of changes. */
export class Pins {
  readonly #trees: Pick<PinsParts, 'shown' | 'tree'>;
  readonly #pinner: Pinner | undefined;

  constructor({ store, api, tree, shown, contents, followMs, log }: PinsParts) {
    this.#trees = { shown, tree };
    this.#pinner =
      store &&
      new Pinner({
        list: store.list,
        shelf: store.shelf,
        tree: shown,
        relist: (folder, signal) => tree.relist(folder, 'background', signal),
        isGood: (folder) => tree.isGood(folder),
        distrust: (folderId) => tree.distrust(folderId),
        keep: (content, signal) => contents.keep(content, store.shelf, signal),
        isOpen: (key) => contents.isOpen(key),
        contact: api.contact,
        followMs,
        onFault: (error) => log.error(loggable(error), 'what is pinned could not be looked after'),
      });
  }

  /** Until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#pinner?.run(signal);
  }

  /** Something has changed in the tree. */
  note(): void {
    this.#pinner?.note();
  }

  /** @param places in the mount, without a leading slash. @throws Failure 'not-found', and what looking for them throws */
  async pin(places: readonly string[], signal: AbortSignal): Promise<void> {
    const pinner = this.#required;
    const nodes: ShownNode[] = [];
    for (const place of places) nodes.push(await nodeAt(this.#trees, place, signal));
    await pinner.pin(nodes, steadyDateMs());
  }

  /** @throws Failure 'not-found' for a place that is not pinned by itself */
  async unpin(places: readonly string[]): Promise<void> {
    await this.#required.unpin(places);
  }

  report(): PinReport[] {
    return this.#pinner?.report() ?? [];
  }

  counts(): PinCounts & { readonly pins: number; readonly usedBytes: number } {
    const none = { pins: 0, files: 0, filesHere: 0, bytes: 0, bytesHere: 0, usedBytes: 0 };
    return this.#pinner?.counts() ?? none;
  }

  get #required(): Pinner {
    if (this.#pinner) return this.#pinner;
    throw new Failure('local', 'Nothing can be kept on this machine', {
      hint: 'The state folder cannot be written to; the log of the mount says why.',
    });
  }
}
