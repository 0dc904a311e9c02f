import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type WritingDisk, writingDisk } from './writing-disk.ts';

/* What lies here unsent while nothing is mounted. */

const long = { timeout: 120_000 };
const never = ['--write-back', '1h'];
const old = 'old '.repeat(100_000);

/** Three files that were not sent: one is new, one was changed in the middle of bytes that are not here, and of one a kill has left a half. */
async function leftBehind(): Promise<WritingDisk> {
  const disk = await writingDisk({ files: { 'old.txt': old }, mountArguments: never });
  disk.fault({ route: 'storage.get' }, { kind: 'status', status: 500 }, 10_000);
  await mkdir(disk.path('folder'));
  await writeFile(disk.path('folder/new.txt'), 'new');
  const changed = await open(disk.path('old.txt'), 'r+');
  await changed.write('CHANGED', 200_000);
  await changed.close();
  const half = await open(disk.path('half.txt'), 'w');
  await half.write('half');
  await disk.mounted().kill();
  await half.close().catch(() => {});
  expect(await disk.run('umount', disk.mountpoint)).toMatchObject({ code: 0 });
  return disk;
}

describe('without a mount', long, () => {
  it('unsent lists, exports and gives up, and status tells', async () => {
    const disk = await leftBehind();
    const listed = async () => JSON.parse((await disk.run('unsent', 'list', '--json')).stdout);
    const half = { mountpoint: null, root: 'disk:/', path: 'half.txt', code: 'unfinished' };
    expect(await listed()).toMatchObject({
      unsent: [half],
      waiting: [{ root: 'disk:/', queue: { uploads: 3, operations: 1 } }],
    });
    const people = await disk.run('unsent', 'list');
    expect(people.stdout).toContain('disk:/half.txt\n  The program or the machine ended');
    expect(people.stdout).toContain('disk:/ is not mounted: 3 files');
    expect((await disk.run('status')).stdout).toMatch(
      /Nothing is mounted(.|\n)*disk:\/ is not mounted: 3 files/,
    );
    expect((await disk.run('unsent', 'list', 'disk:/folder', '--json')).stdout).toContain('"unsent":[]');

    const out = join(disk.folder, 'out');
    const exported = await disk.run('unsent', 'export', out, '--json');
    expect(exported).toMatchObject({ code: 1, stderr: expect.stringContaining('Not all bytes') });
    const files = ['folder/new.txt', 'half.txt', 'old.txt'].map((name) => join(out, name));
    const answer = JSON.parse(exported.stdout) as { files: string[]; incomplete: string[] };
    expect([answer.files.sort(), answer.incomplete]).toEqual([files, [join(out, 'old.txt')]]);
    expect(await readFile(join(out, 'folder/new.txt'), 'utf8')).toBe('new');
    expect(await readFile(join(out, 'half.txt'), 'utf8')).toBe('half');
    const changed = await readFile(join(out, 'old.txt'));
    expect([changed.length, changed.toString('utf8', 200_000, 200_007)]).toEqual([old.length, 'CHANGED']);

    expect(await disk.run('unsent', 'retry')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mount'),
    });
    expect(await disk.run('unsent', 'discard', 'disk:/')).toMatchObject({ code: 2 });
    expect(await disk.run('unsent', 'discard', 'disk:/nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('\n  yadiskfs unsent list and yadiskfs status tell what is unsent.'),
    });
    expect(await disk.run('unsent', 'discard', 'disk:/half.txt')).toMatchObject({ code: 0 });
    expect(await listed()).toMatchObject({ unsent: [], waiting: [{ queue: { uploads: 2, operations: 1 } }] });
    const [state = ''] = await disk.stateFolders();
    const drafts = (await readdir(join(state, 'drafts'))).filter((name) => name.endsWith('.draft'));
    expect(drafts).toHaveLength(2);

    disk.disk.wire.faults.clear();
    await disk.crash();
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['folder', 'old.txt']);
    await disk.flush();
    expect([disk.served('folder/new.txt'), disk.served('half.txt'), disk.served('old.txt')]).toEqual([
      'new',
      undefined,
      `${old.slice(0, 200_000)}CHANGED${old.slice(200_007)}`,
    ]);
  });
});
