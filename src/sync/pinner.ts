import { setMaxListeners } from 'node:events';
import type { Shelf } from '../content/shelf.ts';
import type { Contact } from '../disk-api/contact.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { Failure } from '../errors.ts';
import type { FolderNode } from '../tree/node.ts';
import { rootId } from '../tree/node.ts';
import type { Pin, PinList } from '../tree/pin-list.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import { PinFetcher } from './pin-fetcher.ts';
import { countsOf, type PinCounts, type PinReport, pinReport } from './pin-report.ts';
import { type Pinned, type PinnedFile, type PinnedTree, walkPinned } from './pin-walk.ts';
import { Wake } from './wake.ts';

interface PinnerParts {
  readonly list: PinList;
  readonly tree: PinnedTree;
  /** Lists a folder anew. @throws Failure */
  readonly relist: (folder: FolderNode, signal: AbortSignal) => Promise<void>;
  /** Whether a folder is known, and as the Disk is now as far as can be told. */
  readonly isGood: (folder: FolderNode) => boolean;
  /** What is known of a folder is not believed any more. */
  readonly distrust: (folderId: number) => void;
  readonly keep: (content: RemoteContent, signal: AbortSignal) => Promise<void>;
  /** Whether somebody reads the content of that key. */
  readonly isOpen: (key: string) => boolean;
  readonly shelf: Shelf;
  readonly contact: Pick<Contact, 'isAway' | 'onBack'>;
  /** Between two looks at whether something has changed. */
  readonly followMs: number;
  /** Told of what should not happen. */
  readonly onFault: (error: unknown) => void;
}

/** Changes come in bursts. */
const settleMs = 1_000;
/** Looking at what is pinned takes at most this share of our time. */
const walkShare = 0.05;
/** A folder beneath a pin is listed again no more often than two of them a second are. */
const listingMs = 500;
/** What a pin held a moment ago may turn up beneath another one. */
const graceMs = 60_000;

/**
 * Keeps what is pinned here: walks through what is pinned, fetches what is not here, behind everybody's back, and takes from the shelf what no pin
 * holds any more. Begun anew whenever something changes, here or there, and now and then.
 *
 * INVARIANT: the shelf loses only what all pins together were seen not to hold: of a folder that is not known nothing is taken away.
 */
export class Pinner {
  readonly #parts: PinnerParts;
  readonly #fetcher: PinFetcher;
  readonly #wake = new Wake();
  readonly #listedAtMs = new Map<number, number>();
  /** Contents by when a pin was seen to hold them last; monotonic. */
  readonly #heldAtMs = new Map<string, number>();
  #pinned: readonly Pinned[] = [];
  #isShelfTidy = false;
  #round = new AbortController();
  #folders = 0;
  #hasLooked = false;

  constructor(parts: PinnerParts) {
    this.#parts = parts;
    this.#fetcher = new PinFetcher(parts);
  }

  /** Until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const forget = this.#parts.contact.onBack(() => this.#wake.now());
    try {
      while (!signal.aborted) {
        await this.#doRound(signal);
        if (this.#parts.list.all().length > 0) this.#wake.at(this.#parts.followMs);
        await this.#wake.wait(signal);
      }
    } finally {
      forget();
    }
  }

  /** Something has changed in the tree. */
  note(): void {
    if (this.#pinned.length > 0) this.#wake.at(settleMs);
  }

  /** @throws Failure 'local', 'no-space': the list cannot be written */
  async pin(nodes: readonly ShownNode[], nowMs: number): Promise<void> {
    await this.#parts.shelf.open();
    await this.#parts.list.add(nodes.map((node) => ({ ...this.#pinOf(node), sinceMs: nowMs })));
    this.#beginAnew();
  }

  /**
   * @param places in the mount, without a leading slash
   * @throws Failure 'not-found' for a place that is not pinned by itself; then nothing has changed
   */
  async unpin(places: readonly string[]): Promise<void> {
    const pins = this.#parts.list.all();
    const remove = places.map((place) => {
      const pin = pins.find((one) => this.#pathOf(one) === place);
      if (pin) return pin.id;
      const above = pins.find((one) => isBeneath(place, this.#pathOf(one)));
      throw new Failure('not-found', `Not pinned: ${place}`, {
        path: place,
        hint: above
          ? `It is kept here with ${this.#pathOf(above) || 'the whole Disk'}, which is pinned.`
          : 'yadiskfs pins tells what is pinned.',
      });
    });
    await this.#parts.list.remove(remove);
    this.#heldAtMs.clear();
    this.#isShelfTidy = false;
    this.#beginAnew();
  }

  report(): PinReport[] {
    const seen = new Map(this.#pinned.map((pinned) => [pinned.pin.id, pinned]));
    return this.#parts.list
      .all()
      .map((pin) => pinReport(seen.get(pin.id) ?? unseen(pin), this.#pathOf(pin), this.#fetcher.standing));
  }

  /** Of all pins together. */
  counts(): PinCounts & { readonly pins: number; readonly usedBytes: number } {
    const counted = new Set<string>();
    const sum = { files: 0, filesHere: 0, bytes: 0, bytesHere: 0 };
    for (const pinned of this.#pinned) {
      const counts = countsOf(pinned, this.#fetcher.standing.isHere, counted);
      for (const key of ['files', 'filesHere', 'bytes', 'bytesHere'] as const) sum[key] += counts[key];
    }
    return { ...sum, pins: this.#parts.list.all().length, usedBytes: this.#parts.shelf.usedBytes };
  }

  /** What is under way is of an earlier list. */
  #beginAnew(): void {
    this.#round.abort(new Failure('aborted', 'What is pinned has changed'));
    this.#wake.now();
  }

  async #doRound(signal: AbortSignal): Promise<void> {
    this.#round = new AbortController();
    const both = AbortSignal.any([signal, this.#round.signal]);
    setMaxListeners(0, both);
    try {
      if (!this.#hasLooked) await this.#look(both, false);
      await this.#look(both, true);
      await this.#tidyShelf();
      const againMs = await this.#fetcher.fetch(this.#files, both);
      if (againMs !== undefined) this.#wake.at(againMs);
    } catch (error) {
      if (both.aborted) return;
      this.#parts.onFault(error);
    }
  }

  get #files(): PinnedFile[] {
    return this.#pinned.flatMap(({ files }) => files);
  }

  /** Finds out what all pins hold, and where they are. The first look asks nobody: without a network it is the only one for seconds. */
  async #look(signal: AbortSignal, mayAsk: boolean): Promise<void> {
    const { list, tree } = this.#parts;
    const startedAtMs = performance.now();
    let folders = 0;
    let askingMs = 0;
    const pinned: Pinned[] = [];
    for (const pin of list.all()) {
      const freshen = async (folder: FolderNode) => {
        folders++;
        if (!mayAsk) return;
        const askedAtMs = performance.now();
        await this.#freshen(folder, signal);
        askingMs += performance.now() - askedAtMs;
      };
      pinned.push(await walkPinned(tree, pin, { freshen, signal }));
    }
    this.#folders = folders;
    this.#wake.rest((performance.now() - startedAtMs - askingMs) / walkShare);
    const moved = pinned.flatMap(({ pin, node, isShown }) => {
      const now = node && isShown ? { ...this.#pinOf(node), sinceMs: pin.sinceMs } : pin;
      return isSamePin(pin, now) ? [] : [{ before: pin, now }];
    });
    if (moved.length > 0) await list.replace(moved);
    this.#pinned = pinned.map((one) => ({
      ...one,
      pin: moved.find(({ before }) => before === one.pin)?.now ?? one.pin,
    }));
    if (!this.#hasLooked) this.#fetcher.missing(this.#files);
    this.#hasLooked = true;
  }

  async #freshen(folder: FolderNode, signal: AbortSignal): Promise<void> {
    const { contact, isGood, relist } = this.#parts;
    if (contact.isAway || isGood(folder)) return;
    const nowMs = performance.now();
    const restMs = Math.max(this.#parts.followMs / 2, this.#folders * listingMs);
    if (nowMs - (this.#listedAtMs.get(folder.id) ?? Number.NEGATIVE_INFINITY) < restMs) return;
    this.#listedAtMs.set(folder.id, nowMs);
    try {
      await relist(folder, signal);
    } catch (error) {
      // What is known is gone by, and the folder is looked at again next time.
      if (signal.aborted || !(error instanceof Failure)) throw error;
    }
  }

  async #tidyShelf(): Promise<void> {
    const { shelf, isOpen } = this.#parts;
    const nowMs = performance.now();
    const held = new Set(this.#pinned.flatMap(({ files }) => files.map(({ name }) => name.key)));
    for (const key of held) this.#heldAtMs.set(key, nowMs);
    if (!this.#pinned.every(({ isComplete }) => isComplete)) return;
    const over = [...this.#heldAtMs].filter(
      ([key, atMs]) => !held.has(key) && nowMs - atMs > graceMs && !isOpen(key),
    );
    for (const [key] of over) this.#heldAtMs.delete(key);
    if (this.#isShelfTidy && over.length === 0) return;
    await shelf.keepOnly(new Set(this.#heldAtMs.keys()));
    this.#fetcher.forgetAllBut(this.#heldAtMs);
    this.#isShelfTidy = true;
  }

  #pinOf(node: ShownNode): Omit<Pin, 'sinceMs'> {
    const { id, kind } = node;
    const resourceId = node.remote?.resourceId ?? node.local?.base?.resourceId;
    const place = id === rootId ? [] : this.#parts.tree.place(id);
    return { id, kind, place, ...(resourceId === undefined ? {} : { resourceId }) };
  }

  /** Where it is now, or was last. */
  #pathOf(pin: Pin): string {
    const place = this.#parts.tree.node(pin.id) ? this.#parts.tree.place(pin.id) : pin.place;
    return place.join('/');
  }
}

function unseen(pin: Pin): Pinned {
  return {
    pin,
    node: undefined,
    isShown: false,
    files: [],
    unsent: { files: 0, bytes: 0 },
    isComplete: false,
  };
}

function isSamePin(one: Pin, other: Pin): boolean {
  return (
    one.id === other.id &&
    one.resourceId === other.resourceId &&
    one.place.length === other.place.length &&
    one.place.every((name, index) => name === other.place[index])
  );
}

function isBeneath(place: string, folder: string): boolean {
  return folder === '' || place.startsWith(`${folder}/`);
}
