import { LRUCache } from 'lru-cache';

/**
 * Blocks in memory, for all files, bounded by bytes.
 *
 * Keyed by content: what has the same hash and size shares its blocks, under whatever name. A block belongs to the cache from the
 * moment it is put; nobody changes its bytes any more.
 */
export class BlockCache {
  readonly #blocks: LRUCache<string, Uint8Array>;

  constructor(options: { readonly limitBytes: number }) {
    this.#blocks = new LRUCache({
      maxSize: options.limitBytes,
      sizeCalculation: (block) => Math.max(1, block.length),
    });
  }

  get(contentKey: string, index: number): Uint8Array | undefined {
    return this.#blocks.get(`${contentKey}/${index}`);
  }

  has(contentKey: string, index: number): boolean {
    return this.#blocks.has(`${contentKey}/${index}`);
  }

  put(contentKey: string, index: number, block: Uint8Array): void {
    this.#blocks.set(`${contentKey}/${index}`, block);
  }

  drop(contentKey: string, index: number): void {
    this.#blocks.delete(`${contentKey}/${index}`);
  }
}
