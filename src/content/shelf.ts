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
  readonly #open: () => Promise<BlockStore>;
  readonly #cache: BlockStore;
  /** Undefined until something was wanted: who pins nothing has no folder for it, and pays for no look. */
  #store: BlockStore | undefined;
  #opening: Promise<BlockStore> | undefined;
  readonly #wanted = new Set<string>();

  /** @param open a store that does not evict */
  constructor(open: () => Promise<BlockStore>, cache: BlockStore) {
    this.#open = open;
    this.#cache = cache;
  }

  /** Before anything is wanted, and at the start where something lies there. */
  async open(): Promise<void> {
    this.#opening ??= this.#open();
    this.#store = await this.#opening;
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
    this.#store = undefined;
  }

  /** Room that is taken on the shelf. */
  get usedBytes(): number {
    return this.#store?.usedBytes ?? 0;
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
    return this.#store?.holdsAll(content) === true;
  }

  /** Takes all others from the shelf; they are not in the cache then either, unless they were before. */
  async keepOnly(keys: ReadonlySet<string>): Promise<void> {
    for (const key of this.#wanted) if (!keys.has(key)) this.#wanted.delete(key);
    await this.#store?.keepOnly(keys);
  }

  /** Room that blocks may yet take on the local disk. */
  async spareBytes(): Promise<number> {
    return (await this.#store?.spareBytes()) ?? 0;
  }

  /** Puts blocks [first, …) on the shelf. @returns whether they are there */
  async shelve(content: ContentName, first: number, blocks: readonly Uint8Array[]): Promise<boolean> {
    const store = this.#store;
    if (!store) return false;
    for (const [offset, block] of blocks.entries()) store.put(content, first + offset, block);
    await store.settled();
    return blocks.every((_, offset) => store.has(content, first + offset));
  }

  has(content: ContentName, index: number): boolean {
    return this.#store?.has(content, index) === true || this.#cache.has(content, index);
  }

  async get(content: ContentName, range: BlockRange): Promise<(Uint8Array | undefined)[]> {
    const shelved = await this.#store?.get(content, range);
    if (!shelved) return this.#cache.get(content, range);
    if (shelved.every((block) => block !== undefined)) return shelved;
    const cached = await this.#cache.get(content, range);
    return shelved.map((block, offset) => block ?? cached[offset]);
  }

  async copy(content: ContentName, index: number, target: Uint8Array): Promise<boolean> {
    if (await this.#store?.copy(content, index, target)) return true;
    return this.#cache.copy(content, index, target);
  }

  put(content: ContentName, index: number, block: Uint8Array): void {
    const store = this.#wanted.has(content.key) ? this.#store : undefined;
    (store ?? this.#cache).put(content, index, block);
  }

  drop(content: ContentName): void {
    this.#store?.drop(content);
    this.#cache.drop(content);
  }

  proof(content: ContentName): Uint32Array | undefined {
    return this.#store?.proof(content) ?? this.#cache.proof(content);
  }

  prove(content: ContentName, sums: Uint32Array): void {
    if (this.#wanted.has(content.key)) this.#store?.prove(content, sums);
    this.#cache.prove(content, sums);
  }
}
