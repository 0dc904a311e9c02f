import { SerialTasks } from '../async/serial-tasks.ts';
import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import { abortFailure, Failure, failedWith } from '../errors.ts';
import { BaseSource, type DraftBase, type OpenBase } from './base-source.ts';
import type { ByteRange, ByteRanges } from './byte-ranges.ts';
import type { LocalRoom } from './local-room.ts';
import type { SparseFile } from './sparse-file.ts';
import type { DescribedState, WrittenDescription } from './written-description.ts';

export interface DraftParts {
  readonly file: SparseFile;
  readonly sizeBytes: number;
  readonly missing: ByteRanges;
  readonly written: WrittenDescription;
  readonly room: LocalRoom;
  readonly path: string;
  readonly base: { readonly content: DraftBase; readonly open: OpenBase } | undefined;
  readonly isBaseGone: boolean;
  readonly version: number;
  /** Makes the copy `newName` while nothing changes, and opens it. */
  readonly copy: (newName: string, state: DescribedState, sizeBytes: number) => Promise<void>;
  readonly openCopy: (newName: string, version: number) => Promise<Draft>;
  /** One user less; the last one's `finish` is called. */
  readonly leave: (finish: () => Promise<void>) => Promise<void>;
}

/** Of a draft up to this size the bytes are taken to be in the page cache, and read in our own thread (as `LocalRoom` says of writes). */
const readAtOnceBytes = 16 << 20;
/** What `complete` asks the base for at once; its reader reads ahead by itself. */
const pieceBytes = 1 << 20;
const streamedBytes = 256 << 10;

/**
 * A file that is changed here: bytes of ours over those of the version that it was made from.
 *
 * INVARIANTS:
 * - what changes the file and takes a wait (long writes, truncation, what comes from the base) goes one after the other; what takes none is done only
 *   while nobody is at it;
 * - a range counts as ours only after all of it was written, and never becomes missing again;
 * - the file is `sizeBytes` long, but for what a write under way or a failed one (`#isUntidy`) has put behind the end.
 */
export class Draft {
  readonly #parts: DraftParts;
  readonly #file: SparseFile;
  readonly #missing: ByteRanges;
  /** What random readers read by. */
  readonly #source: BaseSource | undefined;
  readonly #turns = new SerialTasks();
  readonly #shared = new SharedTasks<'complete', void>();
  readonly #closed = new AbortController();
  /** Tasks that have or wait for their turn. */
  #inTurns = 0;
  #sizeBytes: number;
  #version: number;
  #path: string;
  #isBaseGone: boolean;
  #isUntidy = false;
  /** Truncations to less, those under way counted in: a read that one came into is done again … */
  #cuts = 0;
  /** … after it. */
  #cutting: Promise<void> | undefined;

  constructor(parts: DraftParts) {
    this.#parts = parts;
    this.#file = parts.file;
    this.#missing = parts.missing;
    this.#sizeBytes = parts.sizeBytes;
    this.#version = parts.version;
    this.#path = parts.path;
    this.#isBaseGone = parts.isBaseGone;
    this.#source = parts.base && new BaseSource(parts.base.content, parts.base.open);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Counts changes of the bytes, before each begins. */
  get version(): number {
    return this.#version;
  }

  /** It stands elsewhere on the Disk now; written down with the next `save` or `sync`. */
  moveTo(path: string): void {
    this.#path = path;
  }

  get isComplete(): boolean {
    return this.#missing.isEmpty;
  }

  /**
   * Copies bytes from `offset` on into `target`, up to its length or the end; returns how many.
   * @throws Failure as the base's reader, for what is not here; 'local', 'damaged-store'
   */
  async read(target: Uint8Array, offset: number): Promise<number> {
    for (;;) {
      if (this.#cutting) await this.#cutting;
      const end = Math.min(offset + target.length, this.#sizeBytes);
      if (end <= offset) return 0;
      const wanted = target.subarray(0, end - offset);
      const cuts = this.#cuts;
      for (const gap of this.#missing.within(offset, end))
        await this.#readBase(this.#source, partOf(wanted, offset, gap), gap.start);
      if (cuts !== this.#cuts) continue;
      // What came meanwhile lies over it.
      const isRead = await this.#readLocal(wanted, offset);
      if (cuts !== this.#cuts) continue;
      if (!isRead) throw this.#shorter();
      return wanted.length;
    }
  }

  /**
   * The bytes are only read until this resolves.
   * @throws Failure 'no-space', 'local': what was to be written there counts as before, but where bytes of ours were overwritten, each is the old or the new one
   */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    if (bytes.length === 0) return;
    const { room } = this.#parts;
    const end = offset + bytes.length;
    const isFree = this.#inTurns === 0 && (end <= this.#sizeBytes || this.#mayGrow);
    if (isFree && room.takesAtOnce(bytes.length)) {
      room.take(bytes.length);
      this.#version++;
      try {
        this.#file.writeNow(bytes, offset);
      } catch (error) {
        this.#tidy();
        throw error;
      }
      this.#onWritten(offset, end);
      return;
    }
    await this.#inTurn(async () => {
      room.take(bytes.length);
      if (end > this.#sizeBytes) await this.#prepareGrowth();
      this.#version++;
      try {
        await this.#file.write(bytes, offset);
      } catch (error) {
        this.#tidy();
        throw error;
      }
      this.#onWritten(offset, end);
    });
  }

  /** Cuts off, or adds zeros. @throws Failure 'no-space', 'local' */
  async truncate(sizeBytes: number): Promise<void> {
    await this.#inTurn(async () => {
      if (sizeBytes === this.#sizeBytes) return;
      if (sizeBytes > this.#sizeBytes) {
        await this.#prepareGrowth();
        this.#version++;
        await this.#file.truncate(sizeBytes);
        this.#sizeBytes = sizeBytes;
        return;
      }
      this.#version++;
      this.#cuts++;
      const cut = this.#cut(sizeBytes);
      this.#cutting = cut.catch(() => {});
      await cut;
    });
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
    return this.#streamed(start, this.#version);
  }

  /** A copy under another name, open; who writes waits until it is made. @throws Failure 'exists', 'no-space', 'local' */
  async snapshot(newName: string): Promise<Draft> {
    const version = await this.#inTurn(async () => {
      await this.#parts.copy(newName, this.#now(), this.#sizeBytes);
      return this.#version;
    });
    return this.#parts.openCopy(newName, version);
  }

  /** For one of its users; after the last one it is saved, and all waits for its base end. @throws Failure as `save` */
  close(): Promise<void> {
    return this.#parts.leave(async () => {
      this.#closed.abort();
      this.#source?.close();
      await this.#inTurn(() => {});
      try {
        await this.save();
      } finally {
        await this.#file.close();
      }
    });
  }

  readonly #now = (): DescribedState => ({
    path: this.#path,
    missing: this.#missing.edges,
    isBaseGone: this.#isBaseGone,
  });

  /** Whether the file can be made longer without more ado. */
  get #mayGrow(): boolean {
    return !this.#isUntidy && this.#parts.written.missingEnd <= this.#sizeBytes;
  }

  async #inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    this.#inTurns++;
    try {
      return await this.#turns.run(task);
    } finally {
      this.#inTurns--;
    }
  }

  async #prepareGrowth(): Promise<void> {
    if (this.#isUntidy) {
      this.#file.cutBack(this.#sizeBytes);
      this.#isUntidy = false;
    }
    const { written } = this.#parts;
    if (written.missingEnd > this.#sizeBytes) await written.saveCut(this.#now, this.#sizeBytes);
  }

  /** After a failed write. */
  #tidy(): void {
    try {
      this.#file.cutBack(this.#sizeBytes);
    } catch {
      this.#isUntidy = true;
    }
  }

  #onWritten(start: number, end: number): void {
    this.#missing.remove(start, end);
    this.#sizeBytes = Math.max(this.#sizeBytes, end);
  }

  async #cut(sizeBytes: number): Promise<void> {
    try {
      await this.#file.truncate(sizeBytes);
      this.#sizeBytes = sizeBytes;
      this.#missing.remove(sizeBytes, Number.POSITIVE_INFINITY);
    } finally {
      this.#cutting = undefined;
    }
  }

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

  /** Fills in all that is not missing; false when the file is shorter. */
  async #readLocal(target: Uint8Array, offset: number): Promise<boolean> {
    let start = offset;
    const end = offset + target.length;
    for (const gap of [...this.#missing.within(offset, end), { start: end, end }]) {
      const part = partOf(target, offset, { start, end: gap.start });
      if (part.length > 0) {
        const readBytes =
          this.#sizeBytes <= readAtOnceBytes
            ? this.#file.readNow(part, start)
            : await this.#file.read(part, start);
        if (readBytes < part.length) return false;
      }
      start = gap.end;
    }
    return true;
  }

  async #fetchMissing(shared: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([shared, this.#closed.signal]);
    const { base } = this.#parts;
    const source = base && new BaseSource(base.content, base.open);
    const buffer = Buffer.allocUnsafe(pieceBytes);
    try {
      for (let gap = this.#missing.first; gap; gap = this.#missing.first) {
        if (signal.aborted) throw abortFailure(signal);
        if (this.#isBaseGone)
          throw new Failure('stale', 'The version that was changed here is not on the Disk any more', {
            path: this.#path,
          });
        const { start } = gap;
        const piece = buffer.subarray(0, gap.end - start);
        await untilAborted(this.#readBase(source, piece, start), signal);
        await this.#inTurn(() => this.#put(piece, start));
      }
    } finally {
      source?.close();
    }
  }

  /** Puts bytes of the base where they are missing still. */
  async #put(bytes: Uint8Array, offset: number): Promise<void> {
    for (const gap of this.#missing.within(offset, offset + bytes.length)) {
      const part = partOf(bytes, offset, gap);
      this.#parts.room.take(part.length);
      await this.#file.write(part, gap.start);
      this.#missing.remove(gap.start, gap.end);
    }
  }

  async *#streamed(start: number, version: number): AsyncGenerator<Uint8Array> {
    // A write that is under way is counted already.
    await this.#inTurn(() => {});
    if (!this.isComplete) throw new Error(`Not complete, and to be sent: ${this.#file.path}`);
    for (let offset = start; ; ) {
      if (this.#version !== version) throw this.#changed();
      const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(streamedBytes, this.#sizeBytes - offset)));
      if (chunk.length === 0) return;
      const readBytes = await this.#file.read(chunk, offset);
      if (this.#version !== version) throw this.#changed();
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

/** Of bytes that begin at `offset`, those of a range. */
function partOf(bytes: Uint8Array, offset: number, range: ByteRange): Uint8Array {
  return bytes.subarray(range.start - offset, range.end - offset);
}
