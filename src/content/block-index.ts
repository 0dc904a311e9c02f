import { LRUCache } from 'lru-cache';
import { Database, type Format, type Row, type Statement } from '../database/database.ts';
import { Failure } from '../errors.ts';
import { contentId, type Extent, packSums, rowCheck, unpackSums } from './extents.ts';

/** "yab1" */
const applicationId = 0x79616231;
const format: Format = {
  applicationId,
  steps: [
    `CREATE TABLE place(
       only INTEGER PRIMARY KEY CHECK (only = 1),
       shape TEXT NOT NULL, used_bytes INTEGER NOT NULL, next_file INTEGER NOT NULL, clock INTEGER NOT NULL, clean INTEGER NOT NULL);
     CREATE TABLE extents(
       file INTEGER PRIMARY KEY, content BLOB NOT NULL, number INTEGER NOT NULL, present INTEGER NOT NULL,
       sums BLOB NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL, row_check INTEGER NOT NULL,
       UNIQUE (content, number));
     CREATE INDEX extents_by_use ON extents(used);
     CREATE TABLE proofs(content BLOB PRIMARY KEY, sums BLOB NOT NULL, row_check INTEGER NOT NULL);`,
  ],
};

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
  readonly #sql: Readonly<Record<keyof typeof statements, Statement>>;
  readonly #firstFile: number;
  #nextFile: number;
  #clock: number;
  #usedBytes: number;
  /** Whether the last process closed it in order: then there is no file without a row. */
  readonly wasClean: boolean;

  /** `shape` is what blocks and extents look like: an index of another shape counts as damaged. */
  constructor(file: string, shape: string) {
    this.#rows = new LRUCache({ max: keptRows, dispose: (row) => this.#forgetKey(row) });
    this.#db = new Database(file, format, { commitDelayMs, cacheBytes: pageCacheBytes });
    try {
      this.#sql = prepared(this.#db);
      const [lastShape, usedBytes, nextFile, clock, clean] = this.#sql.place.get() ?? [shape, 0, 1, 1, 1];
      if (lastShape !== shape)
        throw new Failure('damaged-store', 'The cache is of another shape', { path: file });
      this.#usedBytes = Math.max(0, Number(usedBytes));
      this.#clock = Number(clock);
      this.#firstFile = Number(nextFile) + fileMargin;
      this.#nextFile = this.#firstFile;
      this.wasClean = clean === 1;
      this.#db.write(() => {
        this.#sql.setPlace.run(shape, this.#usedBytes, this.#nextFile, this.#clock, 0);
      });
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

  /** What was written is known from now on. Without `bytes` of its own a new extent is made; an old one grows. */
  record(key: string, number: number, extent: Extent): void {
    const before = this.find(key, number);
    const content = contentId(key);
    const packed = packSums(extent.sums);
    const check = rowCheck(content, [number, extent.file, extent.present], packed);
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
        this.#write(() => this.#sql.setClean.run());
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
      this.#sql.setUse.run(this.#usedBytes, this.#nextFile, this.#clock);
    });
  }

  #keep(rowKey: string, extent: Extent | undefined): void {
    this.#rows.set(rowKey, extent ?? 'none');
    if (extent) this.#rowKeys.set(extent.file, rowKey);
  }

  #forgetKey(row: Extent | 'none'): void {
    if (row !== 'none') this.#rowKeys.delete(row.file);
  }
}

const statements = {
  place: 'SELECT shape, used_bytes, next_file, clock, clean FROM place',
  setPlace: 'REPLACE INTO place VALUES (1, ?, ?, ?, ?, ?)',
  setUse: 'UPDATE place SET used_bytes = ?, next_file = ?, clock = ?',
  setClean: 'UPDATE place SET clean = 1',
  find: 'SELECT file, present, sums, bytes, row_check FROM extents WHERE content = ? AND number = ?',
  record: 'REPLACE INTO extents VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  touch: 'UPDATE extents SET used = ? WHERE file = ?',
  ofFile: 'SELECT bytes, content FROM extents WHERE file = ?',
  remove: 'DELETE FROM extents WHERE file = ?',
  filesOf: 'SELECT file FROM extents WHERE content = ?',
  oldest: 'SELECT file, bytes FROM extents ORDER BY used LIMIT ?',
  knows: 'SELECT 1 FROM extents WHERE file = ?',
  proof: 'SELECT sums, row_check FROM proofs WHERE content = ?',
  setProof: 'REPLACE INTO proofs VALUES (?, ?, ?)',
  removeProof: 'DELETE FROM proofs WHERE content = ?',
  /** The primary key alone is read: sums of large files are long. */
  lone: 'DELETE FROM proofs WHERE content IN (SELECT content FROM proofs p WHERE NOT EXISTS (SELECT 1 FROM extents WHERE content = p.content))',
  removeLoneProof:
    'DELETE FROM proofs WHERE content = ? AND NOT EXISTS (SELECT 1 FROM extents WHERE content = ?)',
} as const;

function prepared(db: Database): Record<keyof typeof statements, Statement> {
  const entries = Object.entries(statements).map(([name, sql]) => [name, db.prepare(sql)]);
  return Object.fromEntries(entries) as Record<keyof typeof statements, Statement>;
}

/** @throws Failure 'damaged-store' for a row that is not as it was written */
function extentOf(row: Row, content: Uint8Array, number: number): Extent {
  const [file, present, packed, bytes, check] = row;
  if (!(packed instanceof Uint8Array)) throw damaged();
  if (check !== rowCheck(content, [number, Number(file), Number(present)], packed)) throw damaged();
  return { file: Number(file), present: Number(present), sums: unpackSums(packed), bytes: Number(bytes) };
}

function damaged(): Failure {
  return new Failure('damaged-store', 'A row of the cache is not as it was written');
}
