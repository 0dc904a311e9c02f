import { existsSync, renameSync } from 'node:fs';
import { Failure } from '../errors.ts';

/**
 * Renames a damaged file of ours so that a new one can be made in its place; it is never deleted, somebody may want to look into it.
 * A database must be closed. @returns its new name. @throws Failure 'local' when the folder cannot be written to
 */
export function setAside(file: string, now = new Date()): string {
  const moment = now.toISOString().replaceAll(/[:.]/g, '-');
  let aside = `${file}.damaged-${moment}`;
  for (let count = 2; existsSync(aside); count++) aside = `${file}.damaged-${moment}-${count}`;
  try {
    // What was not yet written back into a database lies beside it.
    for (const ending of ['-wal', '-shm']) {
      if (existsSync(`${file}${ending}`)) renameSync(`${file}${ending}`, `${aside}${ending}`);
    }
    if (existsSync(file)) renameSync(file, aside);
  } catch (cause) {
    throw new Failure('local', `A damaged file cannot be set aside: ${file}`, { path: file, cause });
  }
  return aside;
}
