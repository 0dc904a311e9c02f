import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { Database, type Row } from '../database/database.ts';
import { Failure } from '../errors.ts';
import { contentId, type Extent, packSums, rowCheck, unpackSums } from './extents.ts';
import { format, preparedStatements, type Statements } from './index-tables.ts';

const commitDelayMs = 500;
/** SQLite's own pages: the upper levels of the trees of a million small files, and some leaves. */
const pageCacheBytes = 8 << 20;
/** Rows at hand, at 100 to 400 bytes; a look into the file costs some microseconds. */
const keptRows = 8192;
const keptProofBytes = 4 << 20;
/** Uses that wait to be written. */
const mostTouched = 4096;
/** So many files may have been made and not yet be in the index when the process is killed: far more than half a second's. */
const fileMargin = 1 << 20;
/** Bounds how long the loop stands still. */
const evictedAtOnce = 128;
const lookedAtOnce = 512;

/**
 * What is in the folder: a row an extent, a row of sums ("proof") a content whose hash was right as a whole.
 *
 * Nothing is kept in memory for each file. The sum of all bytes is kept in the same transactions as the rows. A use is written
 * with many others. All methods throw `Failure`, 'damaged-store' among them.
 */
export class BlockIndex {
  readonly #db: Database;
  readonly #rows: LRUCache<string, Extent | 'none'>;
  readonly #rowKeys = new Map<number, string>();
  readonly #proofs = new LRUCache<string, Uint32Array | 'none'>({
    maxSize: keptProofBytes,
    sizeCalculation: (proof) => (proof === 'none' ? 100 : 100 + proof.byteLength),
  });
  /** File → clock of its last use. */
  readonly #touched = new Map<number, number>();
  readonly #sql: Statements;
  readonly #shape: string;
  readonly #firstFile: number;
  #nextFile: number;
  #clock: number;
  #usedBytes: number;
  /** Whether the last process closed it in order: then there is no file without a row. */
  readonly wasClean: boolean;

  /** `shape` is what blocks and extents look like: an index of another shape counts as damaged. */
  constructor(file: string, shape: string) {
    this.#shape = shape;
    this.#rows = new LRUCache({ max: keptRows, dispose: (row) => this.#forgetKey(row) });
    this.#db = new Database(file, format, { commitDelayMs, cacheBytes: pageCacheBytes });
    try {
      this.#sql = preparedStatements(this.#db);
      const place = this.#sql.place.get() ?? [shape, 0, 0, 0, 1];
      const [lastShape, usedBytes, nextFile, clock, clean, check = placeCheck(place)] = place;
      if (lastShape !== shape || check !== placeCheck(place)) throw damaged();
      this.#usedBytes = Number(usedBytes);
      this.#clock = Number(clock);
      this.#firstFile = Number(nextFile) + fileMargin;
      this.#nextFile = this.#firstFile;
      this.wasClean = clean === 1;
      this.#write(() => {});
      this.#db.commit();
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  newFile(): number {
    return this.#nextFile++;
  }

  find(key: string, number: number): Extent | undefined {
    const rowKey = `${key}/${number}`;
    const known = this.#rows.get(rowKey);
    if (known) return known === 'none' ? undefined : known;
    const content = contentId(key);
    const row = this.#sql.find.get(content, number);
    const extent = row && extentOf(row, content, number);
    this.#keep(rowKey, extent);
    return extent;
  }

  /** What was written is known from now on: a new extent, or what an old one has become. */
  record(key: string, number: number, extent: Extent): void {
    const before = this.find(key, number);
    const content = contentId(key);
    const packed = packSums(extent.sums);
    const check = rowCheck(content, [number, extent.file, extent.present, extent.bytes], packed);
    this.#write(() => {
      this.#usedBytes += extent.bytes - (before?.bytes ?? 0);
      this.#sql.record.run(
        extent.file,
        content,
        number,
        extent.present,
        packed,
        extent.bytes,
        ++this.#clock,
        check,
      );
    });
    this.#touched.delete(extent.file);
    this.#keep(`${key}/${number}`, extent);
  }

  /** It was used just now. */
  touch(extent: Extent): void {
    this.#touched.delete(extent.file);
    this.#touched.set(extent.file, ++this.#clock);
    if (this.#touched.size >= mostTouched) this.writeTouched();
  }

  writeTouched(): void {
    if (this.#touched.size === 0) return;
    this.#write(() => {
      for (const [file, clock] of this.#touched) this.#sql.touch.run(clock, file);
    });
    this.#touched.clear();
  }

  /** Takes one extent out; its file is to be removed then. */
  remove(extent: Extent): void {
    this.#write(() => this.#removeFile(extent.file));
  }

  /** Takes a content out with all extents and its proof; returns the files to be removed. */
  removeContent(key: string): number[] {
    const content = contentId(key);
    const files = this.#sql.filesOf.all(content).map(([file]) => Number(file));
    this.#write(() => {
      for (const file of files) this.#removeFile(file);
      this.#sql.removeProof.run(content);
    });
    this.#proofs.delete(key);
    return files;
  }

  /**
   * Takes out contents that are not among those of these ids (in hex): of a bounded number behind the one that was looked at last.
   * @returns the files to be removed, and where to go on; undefined at the end
   */
  removeOthers(
    ids: ReadonlySet<string>,
    after: Uint8Array,
  ): { readonly files: number[]; readonly next: Uint8Array | undefined } {
    const rows = this.#sql.contents.all(after, lookedAtOnce).map(([content]) => content as Uint8Array);
    const others = rows.filter((content) => !ids.has(Buffer.from(content).toString('hex')));
    const files = others.flatMap((content) => this.#sql.filesOf.all(content).map(([file]) => Number(file)));
    if (files.length > 0)
      this.#write(() => {
        for (const file of files) this.#removeFile(file);
      });
    return { files, next: rows.at(-1) };
  }

  /**
   * Takes out what was not used for longest until so many bytes are free, or `evictedAtOnce` extents: call it again then.
   * @returns the files to be removed; none when there is nothing left
   */
  evict(bytes: number): number[] {
    this.writeTouched();
    const files: number[] = [];
    let freedBytes = 0;
    this.#write(() => {
      const rows = this.#sql.oldest.all(evictedAtOnce);
      if (rows.length === 0) this.#usedBytes = 0;
      for (const [file, roomBytes] of rows) {
        if (freedBytes >= bytes) break;
        this.#removeFile(Number(file));
        files.push(Number(file));
        freedBytes += Number(roomBytes);
      }
    });
    return files;
  }

  get extentCount(): number {
    return Number(this.#sql.count.get()?.[0] ?? 0);
  }

  /** Extents by the numbers of their files, those behind this one. */
  after(file: number, most: number): Extent[] {
    return this.#sql.after.all(file, most).map(([content, number, ...row]) => {
      if (!(content instanceof Uint8Array)) throw damaged();
      return extentOf(row, content, Number(number));
    });
  }

  /** Whether a file that was found in the folder belongs there, or may yet. */
  knows(file: number): boolean {
    return file >= this.#firstFile || this.#sql.knows.get(file) !== undefined;
  }

  /** The sums of all blocks of a content, if they were once in a hash that was right. */
  proof(key: string): Uint32Array | undefined {
    const known = this.#proofs.get(key);
    if (known) return known === 'none' ? undefined : known;
    const content = contentId(key);
    const [packed, check] = this.#sql.proof.get(content) ?? [];
    let proof: Uint32Array | undefined;
    if (packed instanceof Uint8Array) {
      if (check !== rowCheck(content, [], packed)) throw damaged();
      proof = unpackSums(packed);
    }
    this.#proofs.set(key, proof ?? 'none');
    return proof;
  }

  setProof(key: string, sums: Uint32Array): void {
    const content = contentId(key);
    const packed = packSums(sums);
    this.#write(() => this.#sql.setProof.run(content, packed, rowCheck(content, [], packed)));
    this.#proofs.set(key, sums);
  }

  /** A proof may have come before its blocks; if those never came, it goes. */
  removeLoneProofs(): void {
    this.#write(() => this.#sql.lone.run());
  }

  commit(): void {
    this.writeTouched();
    this.#db.commit();
  }

  /** `clean`: every file has its row. */
  close(clean: boolean): void {
    try {
      if (clean) {
        this.writeTouched();
        this.#db.write(() => this.#writePlace(1));
      }
    } finally {
      this.#db.close();
    }
  }

  /** INVARIANT: within `#write`. */
  #removeFile(file: number): void {
    const [bytes, content = null] = this.#sql.ofFile.get(file) ?? [];
    if (bytes === undefined) return;
    this.#usedBytes = Math.max(0, this.#usedBytes - Number(bytes));
    this.#sql.remove.run(file);
    this.#sql.removeLoneProof.run(content, content);
    this.#touched.delete(file);
    const rowKey = this.#rowKeys.get(file);
    if (rowKey !== undefined) this.#rows.delete(rowKey);
  }

  #write(task: () => void): void {
    this.#db.write(() => {
      task();
      this.#writePlace(0);
    });
  }

  #writePlace(clean: 0 | 1): void {
    const place = [this.#shape, this.#usedBytes, this.#nextFile, this.#clock, clean];
    this.#sql.setPlace.run(...place, placeCheck(place));
  }

  #keep(rowKey: string, extent: Extent | undefined): void {
    this.#rows.set(rowKey, extent ?? 'none');
    if (extent) this.#rowKeys.set(extent.file, rowKey);
  }

  #forgetKey(row: Extent | 'none'): void {
    if (row !== 'none') this.#rowKeys.delete(row.file);
  }
}

/** @throws Failure 'damaged-store' for a row that is not as it was written */
function extentOf(row: Row, content: Uint8Array, number: number): Extent {
  const [file, present, packed, bytes, check] = row;
  if (!(packed instanceof Uint8Array)) throw damaged();
  const numbers = [number, Number(file), Number(present), Number(bytes)];
  if (check !== rowCheck(content, numbers, packed)) throw damaged();
  return { file: Number(file), present: Number(present), sums: unpackSums(packed), bytes: Number(bytes) };
}

/** Over all columns but the first and the last. */
function placeCheck(place: Row): number {
  return crc32(place.slice(0, 5).join());
}

function damaged(): Failure {
  return new Failure('damaged-store', 'A row of the cache is not as it was written');
}
