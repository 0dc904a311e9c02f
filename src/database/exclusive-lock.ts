import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';
import { Failure } from '../errors.ts';
import { openPrivately } from './private-file.ts';

/**
 * A lock that one process at a time holds on a folder of ours. It is the kernel's (SQLite takes it with fcntl): it ends with the
 * process, however that ends, and never has to be cleared away.
 */
export class ExclusiveLock {
  readonly #db: BetterSqlite.Database;
  readonly #holderFile: string;

  private constructor(db: BetterSqlite.Database, holderFile: string) {
    this.#db = db;
    this.#holderFile = holderFile;
  }

  /**
   * `file` becomes the lock, `file.pid` names who holds it, where there is room for that.
   * @throws Failure 'in-use' with the holder's process number when another process holds it; 'local' when the file cannot be used
   */
  static take(file: string): ExclusiveLock {
    const holderFile = holderFileOf(file);
    let db: BetterSqlite.Database | undefined;
    try {
      db = openPrivately(file);
      db.pragma('journal_mode = MEMORY');
      db.exec('BEGIN EXCLUSIVE');
      nameHolder(holderFile);
      return new ExclusiveLock(db, holderFile);
    } catch (error) {
      db?.close();
      if (error instanceof BetterSqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
        const holder = lockHolder(file);
        throw new Failure(
          'in-use',
          `Another yadiskfs${holder ? ` (process ${holder})` : ''} is at work there`,
          {
            path: file,
            cause: error,
          },
        );
      }
      throw new Failure('local', `Cannot lock ${file}`, { path: file, cause: error });
    }
  }

  release(): void {
    if (!this.#db.open) return;
    forgetHolder(this.#holderFile);
    this.#db.close();
  }
}

function holderFileOf(file: string): string {
  return `${file}.pid`;
}

/** A lock is a lock also where the disk is too full to say whose. */
function nameHolder(holderFile: string): void {
  try {
    writeFileSync(holderFile, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    forgetHolder(holderFile);
  }
}

function forgetHolder(holderFile: string): void {
  try {
    rmSync(holderFile, { force: true });
  } catch {
    // Nobody reads it while the lock is free.
  }
}

/** The process that has said last that the lock is its own. */
export function lockHolder(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(holderFileOf(file), 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
