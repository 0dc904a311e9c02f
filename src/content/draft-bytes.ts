import { SerialTasks } from '../async/serial-tasks.ts';
import { type ByteRanges, partOf } from './byte-ranges.ts';
import { FrozenBytes } from './frozen-bytes.ts';
import type { LocalRoom } from './local-room.ts';
import type { SparseFile } from './sparse-file.ts';

/** Of a draft up to this size the bytes are taken to be in the page cache, and read in our own thread (as `LocalRoom` says of writes). */
const readAtOnceBytes = 16 << 20;

interface DraftBytesParts {
  readonly file: SparseFile;
  readonly sizeBytes: number;
  readonly missing: ByteRanges;
  readonly version: number;
  readonly room: LocalRoom;
  /** How far what is missing reaches, as it is written down. */
  readonly missingEndWritten: () => number;
  /** Writes down that nothing is missing behind `sizeBytes`. */
  readonly writeDownCut: (sizeBytes: number) => Promise<void>;
  /** A file without a name, for what is kept of frozen bytes. */
  readonly openKept: () => Promise<SparseFile>;
}

/**
 * The bytes of a draft that are here.
 *
 * INVARIANTS:
 * - what changes the file and takes a wait (long writes, truncation, what comes from the base) goes one after the other; what takes none is done only
 *   while nobody is at it;
 * - a range counts as ours only after all of it was written, and never becomes missing again;
 * - the file is `sizeBytes` long, but for what a write under way or a failed one (`#isUntidy`) has put behind the end.
 */
export class DraftBytes {
  /** Of the base. */
  readonly missing: ByteRanges;
  readonly #parts: DraftBytesParts;
  readonly #file: SparseFile;
  readonly #turns = new SerialTasks();
  readonly #frozen = new Set<FrozenBytes>();
  /** Tasks that have or wait for their turn. */
  #inTurns = 0;
  #sizeBytes: number;
  #version: number;
  #isUntidy = false;
  #cuts = 0;
  #cutting: Promise<void> | undefined;

  constructor(parts: DraftBytesParts) {
    this.#parts = parts;
    this.#file = parts.file;
    this.missing = parts.missing;
    this.#sizeBytes = parts.sizeBytes;
    this.#version = parts.version;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get version(): number {
    return this.#version;
  }

  /** Truncations to less, those under way counted in: a read that one came into is done again … */
  get cuts(): number {
    return this.#cuts;
  }

  /** … after it. */
  get cutting(): Promise<void> | undefined {
    return this.#cutting;
  }

  /** As `Draft.write`. */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    if (bytes.length === 0) return;
    const { room } = this.#parts;
    const end = offset + bytes.length;
    const isFree =
      this.#inTurns === 0 && (end <= this.#sizeBytes || this.#mayGrow) && !this.#isFrozenAt(offset, end);
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
    await this.inTurn(async () => {
      await this.#keepFrozen(offset, end);
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

  /** As `Draft.truncate`. */
  async truncate(sizeBytes: number): Promise<void> {
    await this.inTurn(async () => {
      if (sizeBytes === this.#sizeBytes) return;
      if (sizeBytes > this.#sizeBytes) {
        await this.#prepareGrowth();
        this.#version++;
        await this.#file.truncate(sizeBytes);
        this.#sizeBytes = sizeBytes;
        return;
      }
      await this.#keepFrozen(sizeBytes, this.#sizeBytes);
      this.#version++;
      this.#cuts++;
      const cut = this.#cut(sizeBytes);
      this.#cutting = cut.catch(() => {});
      await cut;
    });
  }

  /** Fills in all that is not missing; false when the file is shorter. */
  async readHere(target: Uint8Array, offset: number): Promise<boolean> {
    let start = offset;
    const end = offset + target.length;
    for (const gap of [...this.missing.within(offset, end), { start: end, end }]) {
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

  /** Puts bytes of the base where they are missing still. */
  put(bytes: Uint8Array, offset: number): Promise<void> {
    return this.inTurn(() => this.#putMissing(bytes, offset));
  }

  async #putMissing(bytes: Uint8Array, offset: number): Promise<void> {
    for (const gap of this.missing.within(offset, offset + bytes.length)) {
      const part = partOf(bytes, offset, gap);
      this.#parts.room.take(part.length);
      // After a loss of power it is fetched again.
      await this.#file.writeBeside(part, gap.start);
      this.missing.remove(gap.start, gap.end);
    }
  }

  /** As `Draft.freeze`. */
  freeze(): Promise<FrozenBytes> {
    return this.inTurn(() => {
      if (!this.missing.isEmpty) throw new Error(`Not complete, and to be frozen: ${this.#file.path}`);
      const { file, room, openKept } = this.#parts;
      const onClosed = (closed: FrozenBytes) => this.#frozen.delete(closed);
      const frozen = new FrozenBytes({ file, sizeBytes: this.#sizeBytes, room, openKept, onClosed });
      this.#frozen.add(frozen);
      return frozen;
    });
  }

  /** Runs a task while nothing changes but by it. */
  async inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    this.#inTurns++;
    try {
      return await this.#turns.run(task);
    } finally {
      this.#inTurns--;
    }
  }

  /** Whether the file can be made longer without more ado. */
  get #mayGrow(): boolean {
    return !this.#isUntidy && this.#parts.missingEndWritten() <= this.#sizeBytes;
  }

  #isFrozenAt(start: number, end: number): boolean {
    for (const frozen of this.#frozen) if (frozen.isAt(start, end)) return true;
    return false;
  }

  async #keepFrozen(start: number, end: number): Promise<void> {
    for (const frozen of this.#frozen) await frozen.keep(start, end);
  }

  async #prepareGrowth(): Promise<void> {
    if (this.#isUntidy) {
      this.#file.cutBack(this.#sizeBytes);
      this.#isUntidy = false;
    }
    const { missingEndWritten, writeDownCut } = this.#parts;
    if (missingEndWritten() > this.#sizeBytes) await writeDownCut(this.#sizeBytes);
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
    this.missing.remove(start, end);
    this.#sizeBytes = Math.max(this.#sizeBytes, end);
  }

  async #cut(sizeBytes: number): Promise<void> {
    try {
      await this.#file.truncate(sizeBytes);
      this.#sizeBytes = sizeBytes;
      this.missing.remove(sizeBytes, Number.POSITIVE_INFINITY);
    } finally {
      this.#cutting = undefined;
    }
  }
}
