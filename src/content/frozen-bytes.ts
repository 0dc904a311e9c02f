import { Failure } from '../errors.ts';
import { ByteRanges, partOf } from './byte-ranges.ts';
import type { LocalRoom } from './local-room.ts';
import type { SparseFile } from './sparse-file.ts';

interface FrozenBytesParts {
  /** The draft's own. */
  readonly file: SparseFile;
  readonly sizeBytes: number;
  readonly room: LocalRoom;
  /** A file without a name: it is gone when it is closed, or this process ends. */
  readonly openKept: () => Promise<SparseFile>;
  readonly onClosed: (frozen: FrozenBytes) => void;
}

const pieceBytes = 1 << 20;
const streamedBytes = 256 << 10;
/** Who cuts off more than this at once is not kept waiting: 64 MiB are copied in some 50 ms. */
const longestKeptBytes = 64 << 20;

/**
 * The bytes of a draft as they were at one moment, while others are written over them: they lie in the draft's file for as long as nobody does, and in a
 * file beside it from just before. What is appended costs nothing; whoever overwrites waits for a copy of what he overwrites, once.
 *
 * INVARIANT: a range is taken out of `#inPlace` when it was kept, and before the draft's file changes there.
 */
export class FrozenBytes {
  readonly sizeBytes: number;
  readonly #parts: FrozenBytesParts;
  /** Still to be read from the draft's file. */
  readonly #inPlace: ByteRanges;
  #kept: SparseFile | undefined;
  /** Something could not be kept; who writes is not told. */
  #failure: Failure | undefined;
  #isClosed = false;

  constructor(parts: FrozenBytesParts) {
    this.#parts = parts;
    this.sizeBytes = parts.sizeBytes;
    this.#inPlace = ByteRanges.upTo(parts.sizeBytes);
  }

  /** Whether `keep` is to be called before anything is written there. */
  isAt(start: number, end: number): boolean {
    return !this.#isClosed && !this.#failure && this.#inPlace.within(start, end).length > 0;
  }

  /** Before bytes [start, end) change; one call at a time. Never fails: then what was frozen is lost, and its readers are told. */
  async keep(start: number, end: number): Promise<void> {
    if (!this.isAt(start, end)) return;
    try {
      const parts = this.#inPlace.within(start, end);
      if (parts.reduce((sum, part) => sum + part.end - part.start, 0) > longestKeptBytes)
        throw new Failure('local', 'So much was cut off that it was not kept');
      this.#kept ??= await this.#parts.openKept();
      for (const part of parts)
        for (let at = part.start; at < part.end; at += pieceBytes)
          await this.#keepPiece(this.#kept, at, Math.min(pieceBytes, part.end - at));
    } catch (cause) {
      this.#failure = new Failure('local', 'The file was changed while it was being sent', { cause });
    }
    if (this.#isClosed) await this.#kept?.close();
  }

  /** The bytes from `start` on. @throws Failure 'local' when they could not be kept */
  async *stream(start: number): AsyncGenerator<Uint8Array> {
    for (let offset = start; offset < this.sizeBytes; ) {
      const chunk = Buffer.allocUnsafe(Math.min(streamedBytes, this.sizeBytes - offset));
      await this.#read(chunk, offset);
      yield chunk;
      offset += chunk.length;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.onClosed(this);
    await this.#kept?.close();
  }

  async #keepPiece(kept: SparseFile, at: number, sizeBytes: number): Promise<void> {
    this.#parts.room.take(sizeBytes);
    const bytes = Buffer.allocUnsafe(sizeBytes);
    await readAll(this.#parts.file, bytes, at);
    await kept.write(bytes, at);
    this.#inPlace.remove(at, at + sizeBytes);
  }

  async #read(target: Uint8Array, offset: number): Promise<void> {
    const end = offset + target.length;
    for (const part of this.#inPlace.within(offset, end))
      await this.#parts.file.read(partOf(target, offset, part), part.start);
    if (this.#failure) throw this.#failure;
    // What is not there any more was kept before it changed, so it lies over what was read there.
    let start = offset;
    for (const part of [...this.#inPlace.within(offset, end), { start: end, end }]) {
      if (start < part.start && this.#kept)
        await readAll(this.#kept, partOf(target, offset, { start, end: part.start }), start);
      start = part.end;
    }
  }
}

async function readAll(file: SparseFile, target: Uint8Array, offset: number): Promise<void> {
  if ((await file.read(target, offset)) < target.length)
    throw new Failure('damaged-store', `Somebody has cut off a draft: ${file.path}`, { path: file.path });
}
