import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, and is content with what is there. Node's own way to do that never ends where a folder is there and none can
 * be made in it, as in /proc: it takes ENOENT for a folder above that is missing, and makes that again and again (Node 20.20, 2026-11-26).
 * @throws what the system says
 */
export async function makeFolders(path: string, mode = 0o777): Promise<void> {
  const failure = await madeOrWhyNot(path, mode);
  if (failure?.code === 'ENOENT') {
    // Somebody else may have made the one above since: where it is there now, this one is tried once more, and no oftener.
    if (!(await isFolder(dirname(path)))) await makeFolders(dirname(path), mode);
    const again = await madeOrWhyNot(path, mode);
    if (again) throw again;
  } else if (failure) throw failure;
}

/** Undefined where it is there in the end. */
async function madeOrWhyNot(path: string, mode: number): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, mode);
    return undefined;
  } catch (error) {
    return (await isFolder(path)) ? undefined : (error as NodeJS.ErrnoException);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
