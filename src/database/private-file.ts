import { closeSync, openSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';

/**
 * Opens a file of SQLite, and makes it where there is none: for its owner alone, whatever the umask. Those that SQLite puts beside it have the
 * mode of the file itself.
 */
export function openPrivately(file: string): BetterSqlite.Database {
  // A database without a file: of that name none is to be made.
  if (file !== ':memory:') makePrivately(file);
  // Nobody else is waited for.
  return new BetterSqlite(file, { timeout: 0 });
}

function makePrivately(file: string): void {
  try {
    // Never one that is there: closing any handle of it would end the locks that SQLite has on it.
    closeSync(openSync(file, 'ax', 0o600));
  } catch {
    // It is there, or cannot be made: the library says which.
  }
}
