import { expect, test } from 'vitest';
import { pathsOn } from '../disk-api/client.ts';
import { SendingDrive } from './sending-drive.ts';

/** A drive with one conflict copy, which is on the server and was seen there. */
async function withConflict(): Promise<{ readonly drive: SendingDrive; readonly copy: string }> {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/a/doc.txt', 'first');
  await drive.write('a/doc.txt', 'ours');
  drive.disk.model.putFile('disk:/a/doc.txt', 'theirs');
  drive.run();
  await drive.settle();
  const copy = (await pathsOn(drive.disk)).find((path) => path.includes('(conflict ')) ?? '';
  return { drive, copy: copy.slice('disk:/'.length) };
}

const listed = (drive: SendingDrive) => drive.queue.report().conflicts.map(({ path, copy }) => [path, copy]);

test('a conflict is listed from when it is made, under the names of now', async () => {
  const { drive, copy } = await withConflict();
  expect(listed(drive)).toEqual([['a/doc.txt', copy]]);
  await drive.rename('a', 'b');
  expect(listed(drive)).toEqual([['b/doc.txt', copy.replace('a/', 'b/')]]);
});

test('a conflict of the copy itself gets a mark of its own, in place of the first', async () => {
  const { drive, copy } = await withConflict();
  await drive.write(copy, 'ours again');
  drive.disk.model.putFile(`disk:/${copy}`, 'theirs again');
  await drive.settle();
  const paths = await pathsOn(drive.disk);
  expect(paths).toContain(`disk:/${copy}`);
  const second = paths.filter((path) => path.includes('(conflict ') && path !== `disk:/${copy}`);
  expect(second).toEqual([
    expect.stringMatching(/^disk:\/a\/doc \(conflict \d{4}-\d\d-\d\d \d\d-\d\d-\d\d HOST( 2)?\)\.txt$/),
  ]);
});

test('it is listed after a restart, too', async () => {
  const { drive, copy } = await withConflict();
  const [before] = drive.queue.report().conflicts;
  await drive.restart();
  expect(drive.queue.report().conflicts).toEqual([before]);
  expect(before?.copy).toBe(copy);
});

test.each(['deleted', 'renamed', 'moved'])('it goes when the copy is %s here', async (what) => {
  const { drive, copy } = await withConflict();
  if (what === 'deleted') await drive.remove(copy);
  else await drive.rename(copy, what === 'renamed' ? 'a/kept.txt' : 'kept.txt');
  expect(listed(drive)).toEqual([]);
  // Also of what is kept: another name of that kind would not bring it back.
  await drive.restart();
  expect(listed(drive)).toEqual([]);
});

test.each(['deleted', 'renamed'])('it goes when the copy is %s there', async (what) => {
  const { drive, copy } = await withConflict();
  if (what === 'deleted') drive.disk.model.remove(`disk:/${copy}`);
  else drive.disk.model.move(`disk:/${copy}`, 'disk:/a/kept.txt');
  expect(listed(drive)).toHaveLength(1);
  await drive.relist((await drive.shown('a')).id);
  expect(listed(drive)).toEqual([]);
});

test('what a later version has written is no reason not to begin', async () => {
  const { drive } = await withConflict();
  drive.local.note('conflicts', JSON.stringify({ version: 2, notes: 'of another kind' }));
  await drive.restart();
  expect(listed(drive)).toEqual([]);
});
