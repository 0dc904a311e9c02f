import { LRUCache } from 'lru-cache';
import type { BlockRange } from './blocks.ts';
import { blockCount } from './blocks.ts';
import type { ContentName } from './content-key.ts';
import { indicesOf, piecesOf } from './extents.ts';
import type { StoredBlocks } from './shelf.ts';

/** One read from the disk: large enough for several hundred MB/s, small enough that others need not wait for it. */
const blocksInRead = 8;

/** Blocks that readers asked for, by where they were at that moment; `network`: to be fetched, or on their way. */
interface BlockCounts {
  memory: number;
  disk: number;
  network: number;
}

/**
 * Blocks in memory, for all files, bounded by bytes; below it, where there is one, the disk.
 *
 * Keyed by content: what has the same hash and size shares its blocks, under whatever name. A block belongs to the cache from the
 * moment it is put; nobody changes its bytes any more.
 */
export class BlockCache {
  readonly counts: BlockCounts = { memory: 0, disk: 0, network: 0 };
  readonly #memory: LRUCache<string, Uint8Array>;
  readonly #store: StoredBlocks | undefined;
  /** Blocks that are being read from the disk; undefined comes when they turn out not to be there. */
  readonly #loading = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(options: { readonly limitBytes: number; readonly store?: StoredBlocks | undefined }) {
    this.#memory = new LRUCache({
      maxSize: options.limitBytes,
      sizeCalculation: (block) => Math.max(1, block.length),
    });
    this.#store = options.store;
  }

  /** A reader waits for these; `loadAhead` has been told, and nothing has been fetched for him yet. */
  count(content: ContentName, range: BlockRange): void {
    for (let index = range.first; index < range.end; index++) {
      const key = blockKey(content, index);
      if (this.#memory.has(key)) this.counts.memory++;
      else if (this.#loading.has(key)) this.counts.disk++;
      else this.counts.network++;
    }
  }

  /** From memory alone. */
  get(content: ContentName, index: number): Uint8Array | undefined {
    return this.#memory.get(blockKey(content, index));
  }

  /** Whether it is in memory or, as far as is known without reading it, on the disk. */
  has(content: ContentName, index: number): boolean {
    const key = blockKey(content, index);
    return this.#memory.has(key) || this.#loading.has(key) || this.#store?.has(content, index) === true;
  }

  /** From memory or from the disk; undefined when it is in neither. Not to be waited for where `get` will do. */
  async load(content: ContentName, index: number): Promise<Uint8Array | undefined> {
    const here = this.get(content, index);
    if (here) return here;
    this.loadAhead(content, { first: index, end: index + 1 });
    return this.#loading.get(blockKey(content, index));
  }

  /**
   * Copies a block that is on the disk and not in memory, past memory: what the local file system keeps anyway need not be kept
   * twice. False when there is none. The target is written to until this resolves, whoever gives up.
   */
  async copyStored(content: ContentName, index: number, target: Uint8Array): Promise<boolean> {
    const key = blockKey(content, index);
    if (!this.#store || this.#memory.has(key) || this.#loading.has(key)) return false;
    const isThere = await this.#store.copy(content, index, target);
    if (isThere) this.counts.disk++;
    return isThere;
  }

  /** Begins to bring into memory what of the range is on the disk. */
  loadAhead(content: ContentName, range: BlockRange): void {
    const store = this.#store;
    if (!store) return;
    const isWanted = (index: number) => {
      const key = blockKey(content, index);
      return !this.#memory.has(key) && !this.#loading.has(key) && store.has(content, index);
    };
    for (const piece of piecesOf(range, blocksInRead)) {
      const wanted = indicesOf(piece).filter(isWanted);
      const [first] = wanted;
      const last = wanted.at(-1);
      if (first !== undefined && last !== undefined) this.#load(store, content, { first, end: last + 1 });
    }
  }

  put(content: ContentName, index: number, block: Uint8Array): void {
    this.#memory.set(blockKey(content, index), block);
    this.#store?.put(content, index, block);
  }

  /** Forgets a content altogether: its bytes are wrong. */
  drop(content: ContentName): void {
    for (let index = 0; index < blockCount(content.sizeBytes); index++) {
      const key = blockKey(content, index);
      this.#memory.delete(key);
      this.#loading.delete(key);
    }
    this.#store?.drop(content);
  }

  /** The sums of all its blocks, when a hash over them was once right, and that was not forgotten since. */
  proof(content: ContentName): Uint32Array | undefined {
    return this.#store?.proof(content);
  }

  /** The hash over blocks with these sums was right. */
  prove(content: ContentName, sums: Uint32Array): void {
    this.#store?.prove(content, sums);
  }

  #load(store: StoredBlocks, content: ContentName, range: BlockRange): void {
    const blocks = store.get(content, range);
    for (const [offset, index] of indicesOf(range).entries()) {
      const key = blockKey(content, index);
      if (this.#memory.has(key) || this.#loading.has(key)) continue;
      const loading = blocks.then((loaded) => {
        // What was dropped meanwhile stays so.
        if (this.#loading.get(key) !== loading) return undefined;
        this.#loading.delete(key);
        const block = loaded[offset];
        if (block) this.#memory.set(key, block);
        return block;
      });
      this.#loading.set(key, loading);
    }
  }
}

function blockKey(content: ContentName, index: number): string {
  return `${content.key}/${index}`;
}
