import { readFile } from 'node:fs/promises';
import { Failure } from '../errors.ts';

/**
 * Whether this machine lets a mount be open to other users: root always may, the others where root has said so. fusermount looks at the same, and has
 * words of its own that tell nobody what to do.
 * @throws Failure 'local'
 */
export async function requireOthersAllowed(
  isRoot = process.getuid?.() === 0,
  file = '/etc/fuse.conf',
): Promise<void> {
  if (isRoot) return;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    // Some keep it from ordinary users: then fusermount alone knows.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) return;
    text = '';
  }
  if (text.split('\n').some((line) => line.trim() === 'user_allow_other')) return;
  throw new Failure('local', `${file} does not allow --allow-other to ordinary users`, {
    path: file,
    hint: `Root can allow it to all: echo user_allow_other | sudo tee -a ${file}`,
  });
}
