import { crc32 } from 'node:zlib';
import { type BlockVerdict, clearBlocks, verifyBlocks } from './block-care.ts';
import type { BlockFolder } from './block-folder.ts';
import { type BlockRange, blockBytes, blockCount, blockLength } from './blocks.ts';
import type { ContentName } from './content-key.ts';
import {
  agrees,
  consecutive,
  contentId,
  type Extent,
  extentBlocks,
  grown,
  holds,
  indicesOf,
  placeOf,
  presentRuns,
  slotOffset,
} from './extents.ts';
import { type FolderOptions, FolderUse } from './folder-use.ts';
import { type WriteJob, WriteQueue } from './write-queue.ts';

/** Written behind: a third of a second of the fastest line. What comes faster than the disk takes it is not kept. */
const queuedBytes = 32 << 20;
const closingGraceMs = 3_000;

/**
 * Blocks on the local disk, bounded, the least recently used going first. A cache: whatever goes wrong, nothing is lost but time.
 *
 * - A block is written before the index tells of it, and checked against its sum when it is read.
 * - Nothing here fails. While the folder cannot be used, nothing is there and nothing is taken.
 * - Who puts blocks of a small file vouches for them (`shape` says for what); those of a large one are vouched for by `prove`.
 */
export class BlockStore {
  readonly #use: FolderUse;
  readonly #queue: WriteQueue;

  private constructor(options: FolderOptions, shape: string) {
    this.#queue = new WriteQueue(queuedBytes, (job) => this.#write(job));
    this.#use = new FolderUse(options, `${blockBytes}/${extentBlocks}/${shape}`, () => this.#queue.clear());
  }

  /**
   * Reads nothing but the head of the index, whatever the cache holds.
   * `shape`: what the owner of the blocks takes for granted of them; those of another shape are thrown away.
   */
  static async open(options: FolderOptions, shape: string): Promise<BlockStore> {
    const store = new BlockStore(options, shape);
    await store.#use.enter();
    return store;
  }

  /** Room that blocks take now. */
  get usedBytes(): number {
    return this.#use.ask((index) => index.usedBytes) ?? 0;
  }

  /** Files that hold blocks. */
  get extentCount(): number {
    return this.#use.ask((index) => index.extentCount) ?? 0;
  }

  /** Takes everything out. @returns the room that it took */
  clear(): Promise<number> {
    this.#queue.clear();
    return clearBlocks(this.#use);
  }

  /** Reads everything, and takes out what is not as it was written. @throws Failure when the signal fires */
  verify(signal: AbortSignal): Promise<BlockVerdict> {
    return verifyBlocks(this.#use, signal);
  }

  /** Whether the block is here, as far as is known without reading it. */
  has(content: ContentName, index: number): boolean {
    if (!content.lasting) return false;
    if (this.#queue.get(content.key, index)) return true;
    const { number, slot } = placeOf(index);
    const extent = this.#use.ask((blocks) => blocks.find(content.key, number));
    return extent !== undefined && holds(extent, slot);
  }

  /** Blocks [first, end), all of one extent: those that are here. */
  async get(content: ContentName, range: BlockRange): Promise<(Uint8Array | undefined)[]> {
    const queued = indicesOf(range).map((index) => this.#queue.get(content.key, index));
    if (!content.lasting || queued.every((block) => block !== undefined)) return queued;
    const { folder } = this.#use;
    const extent = this.#use.ask((index) => index.find(content.key, placeOf(range.first).number));
    if (!folder || !extent) return queued;
    this.#use.ask((index) => index.touch(extent));
    const read = new Map<number, Uint8Array>();
    for (const run of presentRuns(extent, range)) {
      for (const [offset, block] of (await readRun(folder, extent, content, run)).entries())
        read.set(run.first + offset, block);
      if (!read.has(run.end - 1)) this.#removeExtent(folder, extent);
    }
    return queued.map((block, offset) => block ?? read.get(range.first + offset));
  }

  /**
   * Copies a block straight from the disk into `target`, which has its length; false when it is not there unharmed.
   * The target is written to until this resolves, whoever gives up.
   */
  async copy(content: ContentName, index: number, target: Uint8Array): Promise<boolean> {
    const { number, slot } = placeOf(index);
    const { folder } = this.#use;
    const extent = this.#use.ask((blocks) => blocks.find(content.key, number));
    if (!content.lasting || !folder || !extent || !holds(extent, slot)) return false;
    this.#use.ask((blocks) => blocks.touch(extent));
    if ((await rightBlocks(folder, extent, slot, [target])) === 1) return true;
    this.#removeExtent(folder, extent);
    return false;
  }

  /** Takes a block, to be written soon. */
  put(content: ContentName, index: number, block: Uint8Array): void {
    if (!content.lasting || !this.#use.isWritable || this.has(content, index)) return;
    const proof = this.proof(content);
    if (proof && proof[index] !== crc32(block)) return;
    this.#queue.put(content.key, index, block);
  }

  /** Forgets all blocks of a content: they are wrong. */
  drop(content: ContentName): void {
    if (!content.lasting) return;
    this.#queue.drop(content.key, blockCount(content.sizeBytes));
    const { folder } = this.#use;
    const files = this.#use.ask((index) => index.removeContent(content.key));
    if (folder && files) void this.#use.removeFiles(folder, files);
  }

  /** Whether all blocks of a content are here, as far as is known without reading them. */
  holdsAll(content: ContentName): boolean {
    if (!content.lasting) return false;
    const count = blockCount(content.sizeBytes);
    for (let number = 0; number * extentBlocks < count; number++) {
      const slots = Math.min(extentBlocks, count - number * extentBlocks);
      const extent = this.#use.ask((blocks) => blocks.find(content.key, number));
      for (let slot = 0; slot < slots; slot++) if (!extent || !holds(extent, slot)) return false;
    }
    return true;
  }

  /** Forgets all contents but those of these keys. */
  async keepOnly(keys: Iterable<string>): Promise<void> {
    const ids = new Set(Array.from(keys, (key) => contentId(key).toString('hex')));
    let next: Uint8Array | undefined = Buffer.alloc(0);
    while (next) {
      const { folder } = this.#use;
      const after: Uint8Array = next;
      const removed = this.#use.ask((index) => index.removeOthers(ids, after));
      if (!folder || !removed) return;
      await this.#use.removeFiles(folder, removed.files);
      next = removed.next;
    }
  }

  /** Room that blocks may yet take on the local disk. */
  spareBytes(): Promise<number> {
    return this.#use.spareBytes();
  }

  /** CRC-32 of all blocks, if they once were in a hash that was right: from then on the sums stand for the content. */
  proof(content: ContentName): Uint32Array | undefined {
    return content.lasting ? this.#use.ask((index) => index.proof(content.key)) : undefined;
  }

  /** The hash over blocks with these sums was right: what is here and has others is wrong. */
  prove(content: ContentName, sums: Uint32Array): void {
    if (!content.lasting) return;
    this.#use.ask((index) => index.setProof(content.key, sums));
    const { folder } = this.#use;
    for (let number = 0; folder && number * extentBlocks < sums.length; number++) {
      const extent = this.#use.ask((index) => index.find(content.key, number));
      if (extent && !agrees(extent, number, sums)) this.#removeExtent(folder, extent);
    }
  }

  /** Resolves when all that was put is on the disk, or was given up. */
  async settled(): Promise<void> {
    await this.#queue.idle();
    this.#use.ask((index) => index.commit());
  }

  /** Writes what is under way, for a few seconds at most, and closes. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, closingGraceMs, false);
    });
    await this.#use.close(Promise.race([this.#queue.idle().then(() => true), late]));
    clearTimeout(timer);
    this.#queue.clear();
  }

  /** Torn, wrong, gone or unreadable: nothing of this file is trusted any more. */
  #removeExtent(folder: BlockFolder, extent: Extent): void {
    if (this.#use.folder !== folder) return;
    this.#use.ask((index) => index.remove(extent));
    void this.#use.removeFiles(folder, [extent.file]);
    this.#use.suspect();
  }

  /** INVARIANT: does not reject; whatever fails, the blocks are just not kept. */
  async #write(job: WriteJob): Promise<void> {
    const { folder } = this.#use;
    if (!folder) return;
    try {
      await this.#use.withRoom(folder, job.bytes, () => this.#writeExtent(folder, job));
    } catch (error) {
      await this.#use.onWriteFailure(folder, error);
    }
  }

  async #writeExtent(folder: BlockFolder, job: WriteJob): Promise<void> {
    const { index, files } = folder;
    const before = index.find(job.key, job.number);
    const blocks = new Map([...job.blocks].filter(([slot]) => !before || !holds(before, slot)));
    const file = before?.file ?? index.newFile();
    // While it is written it may be dropped, or evicted with what was there before.
    const isOutdated = () => job.dropped || index.find(job.key, job.number)?.file !== before?.file;
    const slots = [...blocks.keys()].sort((one, other) => one - other);
    try {
      for (const [turn, run] of consecutive(slots).entries()) {
        const buffers = run.flatMap((slot) => blocks.get(slot) ?? []);
        await files.write(file, buffers, slotOffset(run[0] ?? 0), !before && turn === 0);
      }
    } catch (error) {
      if (!before) await this.#use.removeFiles(folder, [file]);
      // A file that was removed meanwhile cannot be written, and need not be.
      if (this.#use.folder === folder && isOutdated()) return;
      throw error;
    }
    if (this.#use.folder !== folder) return;
    if (isOutdated()) await files.remove(file);
    else if (blocks.size > 0) {
      index.record(job.key, job.number, grown(before, file, blocks));
      this.#use.recovered();
    }
  }
}

/** The blocks of a run from its first on, up to the first that is not what was written. */
async function readRun(
  folder: BlockFolder,
  extent: Extent,
  content: ContentName,
  run: BlockRange,
): Promise<Uint8Array[]> {
  const buffers = indicesOf(run).map((index) =>
    Buffer.allocUnsafeSlow(blockLength(index, content.sizeBytes)),
  );
  return buffers.slice(0, await rightBlocks(folder, extent, placeOf(run.first).slot, buffers));
}

/** Fills buffers with the blocks from `slot` on; returns how many of the first are what was written. */
async function rightBlocks(
  folder: BlockFolder,
  extent: Extent,
  slot: number,
  buffers: readonly Uint8Array[],
): Promise<number> {
  const readBytes = await folder.files.read(extent.file, buffers, slotOffset(slot)).catch(() => 0);
  let endBytes = 0;
  const wrong = buffers.findIndex((buffer, offset) => {
    endBytes += buffer.length;
    return readBytes < endBytes || crc32(buffer) !== extent.sums[slot + offset];
  });
  return wrong < 0 ? buffers.length : wrong;
}
