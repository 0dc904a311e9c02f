import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/*
 * What takes seconds to make is made once and kept beside the installed packages, under the hash of the program text
 * that made it: whoever changes the program gets new pictures, and nobody has to clear anything.
 */

const folder = join(import.meta.dirname, '../../node_modules/.cache/yadiskfs-demo-disk');

/** A place for what the given program files make. */
export async function openKeeping(programFiles: readonly string[]): Promise<Keeping> {
  const hash = createHash('sha256');
  for (const file of programFiles) hash.update(await readFile(file));
  return new Keeping(join(folder, hash.digest('hex').slice(0, 16)));
}

export class Keeping {
  readonly #folder: string;

  constructor(path: string) {
    this.#folder = path;
  }

  /** Bytes kept under this name; made, and kept, at the first time. */
  async keep(name: string, make: () => Buffer | Promise<Buffer>): Promise<Buffer> {
    const path = join(this.#folder, name);
    const kept = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
    if (kept !== null) return kept;
    const made = await make();
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, made);
    await rename(temporary, path);
    return made;
  }
}
