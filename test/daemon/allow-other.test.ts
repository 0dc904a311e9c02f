import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { requireOthersAllowed } from '../../src/daemon/allow-other.ts';

async function configFile(text?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'fuse.conf');
  if (text !== undefined) await writeFile(file, text);
  return file;
}

it.each([
  ['is not there', undefined],
  ['says nothing of it', 'mount_max = 1000\n'],
  ['has it in a comment', '#user_allow_other\n'],
])('an ordinary user hears what to do where fuse.conf %s', async (_, text) => {
  await expect(requireOthersAllowed(false, await configFile(text))).rejects.toMatchObject({
    code: 'local',
    message: expect.stringContaining('--allow-other'),
    hint: expect.stringContaining('echo user_allow_other'),
  });
});

it('nothing is in the way of root, of whom fuse.conf allows it, or where nobody can tell', async () => {
  await requireOthersAllowed(true, await configFile());
  await requireOthersAllowed(false, await configFile('mount_max = 1\n  user_allow_other \n'));
  const hidden = await configFile('#\n');
  await chmod(hidden, 0);
  // Root reads everything; a folder cannot be read by anybody.
  await requireOthersAllowed(false, process.getuid?.() === 0 ? join(hidden, '..') : hidden);
});
