import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';
import { Failure } from '../errors.ts';
import { openPrivately } from './private-file.ts';

/**
 * A file of tables, on better-sqlite3: the one place that knows which library that is. SQL is written by the floors that own the
 * tables.
 *
 * All calls block the loop: they must be short. Writes join one open transaction that is committed a moment later, so that a
 * crowd of small ones costs one commit. Reads see what was written, committed or not. After kill -9 what was committed is there;
 * after a loss of power, what was committed before the last checkpoint, and in any case some earlier state as a whole.
 */

/** What kind of file it is, and how it came to be as it is today. */
export interface Format {
  /** Tells our files from other people's (PRAGMA application_id): 31 bits. */
  readonly applicationId: number;
  /** SQL that brings version i to i + 1; their number is the version that this program knows. */
  readonly steps: readonly string[];
}

export type Value = number | string | Uint8Array | null;
export type Row = readonly Value[];

/** A statement, ready to be run many times. Rows come as arrays, in the order of the columns. */
export interface Statement {
  run(...parameters: readonly Value[]): { readonly changes: number };
  get(...parameters: readonly Value[]): Row | undefined;
  all(...parameters: readonly Value[]): readonly Row[];
}

interface DatabaseOptions {
  /** How long a write may wait for others to share its commit. */
  readonly commitDelayMs: number;
  /** Told when a write or a commit failed and took back all that was not committed. */
  readonly onRolledBack?: ((failure: Failure) => void) | undefined;
  /** Pages kept in memory. */
  readonly cacheBytes: number;
}

/** 32 MB of 4 KiB pages. */
const checkpointPages = 8_192;

export class Database {
  readonly #db: BetterSqlite.Database;
  readonly #options: DatabaseOptions;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Opens the file, makes it where there is none, and brings an older format up to date.
   * @throws Failure 'too-new' for a newer format (the file is not touched), 'damaged-store' when it is no database or not one of ours,
   * 'local' when it cannot be used
   */
  constructor(file: string, format: Format, options: DatabaseOptions) {
    this.#options = options;
    this.#db = translated(file, () => openPrivately(file));
    try {
      translated(file, () => {
        // So that no memory is mapped from a file that somebody may cut off: that would end the process. Before the first look into the file,
        // which else makes such a file, and fails on a full disk.
        this.#db.pragma('locking_mode = EXCLUSIVE');
        migrate(this.#db, file, format);
        // After the look at the format: this writes into the file.
        this.#db.pragma('journal_mode = WAL');
        this.#db.pragma('synchronous = NORMAL');
        this.#db.pragma('temp_store = MEMORY');
        // Each checkpoint waits for the disk: in 4 MB steps, a walk over 100,000 files waited for 1.3 of 12 s.
        this.#db.pragma(`wal_autocheckpoint = ${checkpointPages}`);
        this.#db.pragma(`cache_size = -${Math.ceil(options.cacheBytes / 1024)}`);
      });
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  prepare(sql: string): Statement {
    const statement = this.#db.prepare<Value[], Value[]>(sql);
    if (statement.reader) statement.raw();
    return {
      run: (...parameters) => this.#translated(() => statement.run(...parameters)),
      get: (...parameters) => this.#translated(() => statement.get(...parameters)),
      all: (...parameters) => this.#translated(() => statement.all(...parameters)),
    };
  }

  /** Runs a task that writes: all of it or nothing. */
  write<T>(task: () => T): T {
    this.#translated(() => {
      if (!this.#db.inTransaction) this.#db.exec('BEGIN IMMEDIATE');
    });
    this.#commitLater();
    // Within the open transaction this is a savepoint.
    return this.#untilRolledBack(() => this.#db.transaction(task)());
  }

  /** Commits what was written. */
  commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#db.inTransaction) return;
    this.#untilRolledBack(() => this.#db.exec('COMMIT'));
  }

  /** What was written so far is on disk when this returns, whatever happens to the machine then. @throws Failure 'local', 'no-space' */
  sync(): void {
    this.commit();
    const log = `${this.#db.name}-wal`;
    if (!existsSync(log)) return;
    try {
      const descriptor = openSync(log, 'r+');
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (cause) {
      throw new Failure('local', `Cannot be made safe: ${log}`, { path: log, cause });
    }
  }

  /**
   * Runs a task that writes, by itself and with what was written before: on disk when this returns, whatever happens to the
   * machine then.
   */
  writeDurably<T>(task: () => T): T {
    this.commit();
    return this.#translated(() => {
      this.#db.pragma('synchronous = FULL');
      try {
        return this.#db.transaction(task).immediate();
      } finally {
        this.#db.pragma('synchronous = NORMAL');
      }
    });
  }

  /** Commits and closes. A second call does nothing. */
  close(): void {
    if (!this.#db.open) return;
    try {
      this.commit();
    } finally {
      clearTimeout(this.#timer);
      this.#db.close();
    }
  }

  #commitLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      try {
        this.commit();
      } catch {
        // What was taken back was told; what was not is tried again.
        if (this.#db.open && this.#db.inTransaction) this.#commitLater();
      }
    }, this.#options.commitDelayMs).unref();
  }

  /** Within the open transaction: some failures end it, a full disk for one, with all that was written before. */
  #untilRolledBack<T>(task: () => T): T {
    try {
      return this.#translated(task);
    } catch (error) {
      if (!this.#db.inTransaction && error instanceof Failure) this.#options.onRolledBack?.(error);
      throw error;
    }
  }

  #translated<T>(task: () => T): T {
    return translated(this.#db.name, task);
  }
}

/** Reads the format from the head of the file, and changes it only when it is ours and not newer than we know. */
function migrate(db: BetterSqlite.Database, file: string, format: Format): void {
  const id = Number(db.pragma('application_id', { simple: true }));
  const version = Number(db.pragma('user_version', { simple: true }));
  const isNew = id === 0 && version === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (!isNew && id !== format.applicationId) {
    throw new Failure('damaged-store', `Not a file of this program: ${file}`, { path: file });
  }
  if (version > format.steps.length) {
    throw new Failure('too-new', `${file} was written by a newer yadiskfs (format ${version})`, {
      path: file,
      hint: `This one knows formats up to ${format.steps.length}: install the newer one again. Nothing was changed.`,
    });
  }
  if (version === format.steps.length) return;
  db.transaction(() => {
    for (const step of format.steps.slice(version)) db.exec(step);
    db.pragma(`application_id = ${format.applicationId}`);
    db.pragma(`user_version = ${format.steps.length}`);
  }).immediate();
}

function translated<T>(file: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (error instanceof BetterSqlite.SqliteError) throw failureOf(error, file);
    // The library's word for a folder that is not there.
    if (error instanceof TypeError)
      throw new Failure('local', `Cannot open ${file}`, { path: file, cause: error });
    throw error;
  }
}

/** Result codes: https://www.sqlite.org/rescode.html */
function failureOf(error: InstanceType<typeof BetterSqlite.SqliteError>, path: string): Failure {
  const { code } = error;
  const details = { path, cause: error };
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_SHORT_READ)/.test(code))
    return new Failure('damaged-store', `Damaged: ${path}`, details);
  if (code === 'SQLITE_FULL')
    return new Failure('no-space', `No room on this machine to write ${path}`, {
      ...details,
      hint: 'Make room on the local disk.',
    });
  return new Failure('local', `Cannot use ${path} (${code})`, details);
}
