import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import { abortFailure, Failure, failedWith } from '../errors.ts';
import { BaseSource, type DraftBase, type OpenBase } from './base-source.ts';
import { type ByteRanges, partOf } from './byte-ranges.ts';
import { DraftBytes } from './draft-bytes.ts';
import type { FrozenBytes } from './frozen-bytes.ts';
import type { LocalRoom } from './local-room.ts';
import type { SparseFile } from './sparse-file.ts';
import type { DescribedState, WrittenDescription } from './written-description.ts';

interface DraftParts {
  readonly file: SparseFile;
  readonly sizeBytes: number;
  readonly missing: ByteRanges;
  readonly written: WrittenDescription;
  readonly room: LocalRoom;
  readonly path: string;
  readonly base: { readonly content: DraftBase; readonly open: OpenBase } | undefined;
  readonly isBaseGone: boolean;
  readonly version: number;
  /** A file without a name beside it. */
  readonly openKept: () => Promise<SparseFile>;
  /** One user less; the last one's `finish` is called. */
  readonly leave: (finish: () => Promise<void>) => Promise<void>;
}

/** What `complete` asks the base for at once; its reader reads ahead by itself. */
const pieceBytes = 1 << 20;
const streamedBytes = 256 << 10;

/**
 * A file that is changed here: bytes of ours over those of the version that it was made from.
 */
export class Draft {
  readonly #parts: DraftParts;
  readonly #file: SparseFile;
  readonly #bytes: DraftBytes;
  /** What random readers read by. */
  readonly #source: BaseSource | undefined;
  readonly #shared = new SharedTasks<'complete', void>();
  /** Made when something is waited for. */
  #closed: AbortController | undefined;
  #path: string;
  #isBaseGone: boolean;

  constructor(parts: DraftParts) {
    const { written } = parts;
    this.#parts = parts;
    this.#file = parts.file;
    this.#bytes = new DraftBytes({
      ...parts,
      missingEndWritten: () => written.missingEnd,
      writeDownCut: (sizeBytes) => written.saveCut(this.#now, sizeBytes),
    });
    this.#path = parts.path;
    this.#isBaseGone = parts.isBaseGone;
    this.#source = parts.base && new BaseSource(parts.base.content, parts.base.open);
  }

  get sizeBytes(): number {
    return this.#bytes.sizeBytes;
  }

  /** Counts changes of the bytes, before each begins. */
  get version(): number {
    return this.#bytes.version;
  }

  /** It stands elsewhere on the Disk now; written down with the next `save` or `sync`. */
  moveTo(path: string): void {
    this.#path = path;
  }

  get isComplete(): boolean {
    return this.#bytes.missing.isEmpty;
  }

  /**
   * Copies bytes from `offset` on into `target`, up to its length or the end; returns how many.
   * @throws Failure as the base's reader, for what is not here; 'local', 'damaged-store'
   */
  async read(target: Uint8Array, offset: number): Promise<number> {
    const bytes = this.#bytes;
    for (;;) {
      if (bytes.cutting) await bytes.cutting;
      const end = Math.min(offset + target.length, bytes.sizeBytes);
      if (end <= offset) return 0;
      const wanted = target.subarray(0, end - offset);
      const { cuts } = bytes;
      for (const gap of bytes.missing.within(offset, end))
        await this.#readBase(this.#source, partOf(wanted, offset, gap), gap.start);
      // What came meanwhile lies over it.
      const isRead = await bytes.readHere(wanted, offset);
      if (cuts !== bytes.cuts) continue;
      if (!isRead) throw this.#shorter();
      return wanted.length;
    }
  }

  /**
   * The bytes are only read until this resolves.
   * @throws Failure 'no-space', 'local': what was to be written there counts as before, but where bytes of ours were overwritten, each is the old or the new one
   */
  write(bytes: Uint8Array, offset: number): Promise<void> {
    return this.#bytes.write(bytes, offset);
  }

  /** Cuts off, or adds zeros. @throws Failure 'no-space', 'local' */
  truncate(sizeBytes: number): Promise<void> {
    return this.#bytes.truncate(sizeBytes);
  }

  /** What was written is safe from a loss of power. @throws Failure 'no-space', 'local' */
  sync(): Promise<void> {
    return this.#parts.written.sync(this.#now, this.#file);
  }

  /** What was written is safe from the end of this process. @throws Failure 'no-space', 'local' */
  save(): Promise<void> {
    return this.#parts.written.save(this.#now);
  }

  /**
   * Fetches what the base has and the draft has not. What is written meanwhile stays.
   * @throws Failure as the base's reader; 'stale': it never will be complete; 'no-space', 'local'
   */
  async complete(signal: AbortSignal): Promise<void> {
    if (this.isComplete) return;
    await this.#shared.run('complete', (shared) => this.#fetchMissing(shared), signal);
  }

  /**
   * The bytes of a complete draft from `start` on, as they are when this is called.
   * @throws Failure 'local' when they change meanwhile
   */
  stream(start: number): AsyncIterable<Uint8Array> {
    return this.#streamed(start, this.#bytes.version);
  }

  /**
   * The bytes of a complete draft as they are now, whatever is written from now on; to be closed before the draft. A program that overwrites is
   * kept waiting for a copy of what it overwrites.
   */
  freeze(): Promise<FrozenBytes> {
    return this.#bytes.freeze();
  }

  /** For one of its users; after the last one it is saved, and all waits for its base end. @throws Failure as `save` */
  close(): Promise<void> {
    return this.#parts.leave(async () => {
      this.#closed?.abort();
      this.#source?.close();
      await this.#bytes.inTurn(() => {});
      try {
        await this.save();
      } finally {
        await this.#file.close();
      }
    });
  }

  readonly #now = (): DescribedState => ({
    path: this.#path,
    missing: this.#bytes.missing.edges,
    isBaseGone: this.#isBaseGone,
  });

  async #readBase(source: BaseSource | undefined, target: Uint8Array, offset: number): Promise<void> {
    try {
      if (!source)
        throw new Failure('damaged-store', `A draft without a base misses bytes: ${this.#file.path}`);
      await source.fill(target, offset);
    } catch (error) {
      if (failedWith(error, 'stale') && !this.#isBaseGone) {
        this.#isBaseGone = true;
        // If it cannot be written down, it is found out again.
        await this.save().catch(() => {});
      }
      throw error;
    }
  }

  async #fetchMissing(shared: AbortSignal): Promise<void> {
    this.#closed ??= new AbortController();
    const signal = AbortSignal.any([shared, this.#closed.signal]);
    const { base } = this.#parts;
    const source = base && new BaseSource(base.content, base.open);
    const buffer = Buffer.allocUnsafe(pieceBytes);
    try {
      for (let gap = this.#bytes.missing.first; gap; gap = this.#bytes.missing.first) {
        if (signal.aborted) throw abortFailure(signal);
        if (this.#isBaseGone)
          throw new Failure('stale', 'The version that was changed here is not on the Disk any more', {
            path: this.#path,
          });
        const { start } = gap;
        const piece = buffer.subarray(0, gap.end - start);
        await untilAborted(this.#readBase(source, piece, start), signal);
        await this.#bytes.put(piece, start);
      }
    } finally {
      source?.close();
    }
  }

  async *#streamed(start: number, version: number): AsyncGenerator<Uint8Array> {
    // A write that is under way is counted already.
    await this.#bytes.inTurn(() => {});
    if (!this.isComplete) throw new Error(`Not complete, and to be sent: ${this.#file.path}`);
    for (let offset = start; ; ) {
      if (this.#bytes.version !== version) throw this.#changed();
      const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(streamedBytes, this.#bytes.sizeBytes - offset)));
      if (chunk.length === 0) return;
      const readBytes = await this.#file.read(chunk, offset);
      if (this.#bytes.version !== version) throw this.#changed();
      if (readBytes < chunk.length) throw this.#shorter();
      yield chunk;
      offset += chunk.length;
    }
  }

  #changed(): Failure {
    return new Failure('local', 'The file was changed while it was being sent', { path: this.#path });
  }

  #shorter(): Failure {
    return new Failure('damaged-store', `Somebody has cut off a draft: ${this.#file.path}`, {
      path: this.#file.path,
    });
  }
}
