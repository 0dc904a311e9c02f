import { existsSync, renameSync } from 'node:fs';

/**
 * Renames a damaged database so that a new one can be made in its place; it is never deleted, somebody may want to look into it.
 * It must be closed. @returns its new name
 */
export function setAside(file: string, now = new Date()): string {
  const moment = now.toISOString().replaceAll(/[:.]/g, '-');
  let aside = `${file}.damaged-${moment}`;
  for (let count = 2; existsSync(aside); count++) aside = `${file}.damaged-${moment}-${count}`;
  // What was not yet written back into the file lies beside it.
  for (const ending of ['-wal', '-shm']) {
    if (existsSync(`${file}${ending}`)) renameSync(`${file}${ending}`, `${aside}${ending}`);
  }
  if (existsSync(file)) renameSync(file, aside);
  return aside;
}
