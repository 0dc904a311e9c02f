import type { BlockStore } from './block-store.ts';
import type { BlockRange } from './blocks.ts';
import type { ContentName } from './content-key.ts';

/** Blocks on the local disk, as the cache in memory sees them. */
export type StoredBlocks = Pick<BlockStore, 'has' | 'get' | 'copy' | 'put' | 'drop' | 'proof' | 'prove'>;

/**
 * Blocks on the local disk in two stores: those of contents that are to stay lie on the shelf, which nothing drives out, and all others in the
 * cache, which may be deleted at any time. What was in the cache when its content came to the shelf is there twice for a while: the cache lets go of
 * what is not used from there any more.
 */
export class Shelf implements StoredBlocks {
  readonly #shelf: BlockStore;
  readonly #cache: BlockStore;
  readonly #wanted = new Set<string>();

  /** @param shelf a store that does not evict */
  constructor(shelf: BlockStore, cache: BlockStore) {
    this.#shelf = shelf;
    this.#cache = cache;
  }

  /** Room that is taken on the shelf. */
  get usedBytes(): number {
    return this.#shelf.usedBytes;
  }

  /** Blocks of a content come on the shelf from now on. */
  want(key: string): void {
    this.#wanted.add(key);
  }

  /** … and no more. What lies there already stays until `keepOnly`. */
  unwant(key: string): void {
    this.#wanted.delete(key);
  }

  /** Whether all of a content is on the shelf. */
  holdsAll(content: ContentName): boolean {
    return this.#shelf.holdsAll(content);
  }

  /** Takes all others from the shelf; they are not in the cache then either, unless they were before. */
  keepOnly(keys: ReadonlySet<string>): Promise<void> {
    for (const key of this.#wanted) if (!keys.has(key)) this.#wanted.delete(key);
    return this.#shelf.keepOnly(keys);
  }

  spareBytes(): Promise<number> {
    return this.#shelf.spareBytes();
  }

  /** Puts blocks [first, …) on the shelf. @returns whether they are there */
  async shelve(content: ContentName, first: number, blocks: readonly Uint8Array[]): Promise<boolean> {
    for (const [offset, block] of blocks.entries()) this.#shelf.put(content, first + offset, block);
    await this.#shelf.settled();
    return blocks.every((_, offset) => this.#shelf.has(content, first + offset));
  }

  has(content: ContentName, index: number): boolean {
    return (this.#isAsked && this.#shelf.has(content, index)) || this.#cache.has(content, index);
  }

  async get(content: ContentName, range: BlockRange): Promise<(Uint8Array | undefined)[]> {
    if (!this.#isAsked) return this.#cache.get(content, range);
    const shelved = await this.#shelf.get(content, range);
    if (shelved.every((block) => block !== undefined)) return shelved;
    const cached = await this.#cache.get(content, range);
    return shelved.map((block, offset) => block ?? cached[offset]);
  }

  async copy(content: ContentName, index: number, target: Uint8Array): Promise<boolean> {
    if (this.#isAsked && (await this.#shelf.copy(content, index, target))) return true;
    return this.#cache.copy(content, index, target);
  }

  put(content: ContentName, index: number, block: Uint8Array): void {
    const store = this.#wanted.has(content.key) ? this.#shelf : this.#cache;
    store.put(content, index, block);
  }

  drop(content: ContentName): void {
    if (this.#isAsked) this.#shelf.drop(content);
    this.#cache.drop(content);
  }

  proof(content: ContentName): Uint32Array | undefined {
    return (this.#isAsked ? this.#shelf.proof(content) : undefined) ?? this.#cache.proof(content);
  }

  prove(content: ContentName, sums: Uint32Array): void {
    if (this.#wanted.has(content.key)) this.#shelf.prove(content, sums);
    this.#cache.prove(content, sums);
  }

  /** Who pins nothing pays for no look. */
  get #isAsked(): boolean {
    return this.#wanted.size > 0 || this.#shelf.usedBytes > 0;
  }
}
