import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { openLocalSide } from '../../src/daemon/local-side.ts';
import { blankNode } from '../../src/tree/local-node.ts';

const log = pino({ level: 'silent' });

async function troubles(folder: string) {
  const { local, drafts } = await openLocalSide(folder, log);
  const found = [...local.all()].map(({ name, trouble, draft }) => [name, trouble?.code, draft?.finished]);
  local.close();
  return { found, isWritable: drafts !== undefined };
}

it('a draft that cannot be read is trouble of that file, and the mount can be written to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { local, drafts } = await openLocalSide(folder, log);
  for (const [id, name] of [
    [7, 'good'],
    [8, 'bad'],
  ] as const) {
    const draft = await drafts?.create({ name, path: `disk:/${name}` });
    await draft?.write(Buffer.from('new'), 0);
    await draft?.close();
    const state = { name, sizeBytes: 3, version: 1, sentVersion: undefined, finished: true };
    local.apply({ put: [{ ...blankNode(id, 'file', { parentId: 1, name }, 1), draft: state }] });
  }
  local.close();
  const file = join(folder, 'drafts', 'bad.json');
  const description = await readFile(file);
  await rm(file);
  // As an error of the local disk: it is neither missing nor damaged.
  await symlink(file, file);
  expect(await troubles(folder)).toEqual({
    isWritable: true,
    found: [
      ['good', undefined, true],
      ['bad', 'local', true],
    ],
  });
  await rm(file);
  await writeFile(file, description);
  // It can be read again, and is sent.
  expect((await troubles(folder)).found).toEqual([
    ['good', undefined, true],
    ['bad', undefined, true],
  ]);
});
