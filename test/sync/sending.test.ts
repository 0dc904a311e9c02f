import { expect, test } from 'vitest';
import { countOf, pathsOn } from '../disk-api/client.ts';
import { SendingDrive } from './sending-drive.ts';

const date = { sec: 1_600_000_000, nsec: 123_456_789 };

async function equal(drive: SendingDrive): Promise<void> {
  drive.known.clear();
  expect(await drive.everything()).toEqual(await drive.everythingThere());
}

test('sends folders, files and dates, and forgets them when they are shown', async () => {
  const drive = await SendingDrive.start();
  await drive.mkdir('a');
  await drive.mkdir('a/b');
  for (let index = 0; index < 20; index++) await drive.write(`a/b/f${index}`, `bytes ${index}`, date);
  await drive.write('top', Buffer.alloc(300_000, 7), date);
  drive.run();
  await drive.flush();
  await drive.settle();
  expect(drive.notices).toEqual([]);
  await equal(drive);
  expect(drive.drafts.size).toBe(0);
  const { entries } = await drive.disk.control.tree();
  for (const { type, properties } of entries)
    if (type === 'file') expect(properties).toEqual({ rclone_modified: '2020-09-13T12:26:40.123456789Z' });
  // One look, at most two, for all twenty, and one listing each to see them there.
  expect(countOf(drive.disk, 'operations.get')).toBe(0);
});

for (const areAtHand of [false, true])
  test(`a server that moves no file onto another gets the bytes${areAtHand ? '' : ', fetched first'}, and the name is never missing`, async () => {
    const drive = await SendingDrive.start({ moveOntoFile: 'conflict' });
    drive.disk.model.putFile('disk:/doc', 'old');
    if (areAtHand) await drive.write('tmp', 'new');
    else drive.disk.model.putFile('disk:/tmp', 'new');
    drive.run();
    await drive.flush();
    let missing = 0;
    const { disk } = drive.disk.model;
    const { detach } = disk;
    disk.detach = (node) => {
      if (node.name === 'doc') missing++;
      detach.call(disk, node);
    };
    await drive.rename('tmp', 'doc');
    await drive.flush();
    await drive.settle();
    expect(await pathsOn(drive.disk)).toEqual(['disk:/doc']);
    expect(drive.disk.model.read('disk:/doc').toString()).toBe('new');
    expect(missing).toBe(0);
    expect(drive.local.size).toBe(0);
    await equal(drive);
  });

test('overwrites, moves and deletes', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/doc', 'old');
  drive.disk.model.putFile('disk:/d/x', 'x');
  drive.disk.model.putFile('disk:/d/y', 'y');
  drive.disk.model.putFile('disk:/e/z', 'z');
  await drive.write('doc', 'new');
  await drive.rename('d/x', 'e/x2');
  await drive.remove('d/y');
  await drive.removeAll('d');
  drive.run();
  await drive.flush();
  await drive.settle();
  expect(drive.notices).toEqual([]);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/doc', 'disk:/e', 'disk:/e/x2', 'disk:/e/z']);
  expect(drive.disk.model.read('disk:/doc').toString()).toBe('new');
  await equal(drive);
});

test('long names are swapped, too: the temporary one is cut between characters', async () => {
  const drive = await SendingDrive.start();
  const [one, other] = [`${'a'.repeat(176)}\u{1F600}${'b'.repeat(70)}`, 'я'.repeat(127)];
  drive.disk.model.putFile(`disk:/${one}`, 'one');
  drive.disk.model.putFile(`disk:/${other}`, 'other');
  await drive.rename(one, 'x');
  await drive.rename(other, one);
  await drive.rename('x', other);
  drive.run();
  await drive.flush();
  await drive.settle();
  expect(drive.notices).toEqual([]);
  expect(drive.disk.model.read(`disk:/${one}`).toString()).toBe('other');
  expect(drive.disk.model.read(`disk:/${other}`).toString()).toBe('one');
});

test('a conflict copy has a name that the Disk and Linux can hold, however long the ending is', async () => {
  const drive = await SendingDrive.start();
  const name = `a.${'b'.repeat(250)}`;
  drive.disk.model.putFile(`disk:/${name}`, 'base');
  await drive.write(name, 'ours');
  drive.disk.model.putFile(`disk:/${name}`, 'theirs');
  drive.run();
  await drive.flush();
  await drive.settle();
  const paths = await pathsOn(drive.disk);
  const copy = paths.find((path) => path.includes('(conflict ')) ?? '';
  expect(Buffer.byteLength(copy.slice('disk:/'.length))).toBeLessThanOrEqual(255);
  expect(copy).toMatch(/^disk:\/a\.bbb/);
  expect(drive.disk.model.read(copy).toString()).toBe('ours');
  expect(drive.disk.model.read(`disk:/${name}`).toString()).toBe('theirs');
});

test('what was moved into a folder that is deleted then does not come to light where it was', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/a/b', 'here before');
  drive.disk.model.mkdir('disk:/c');
  await drive.everything();
  await drive.rename('a/b', 'c/b');
  const gate = drive.disk.wire.hold({ route: 'resources.move', stage: 'before' });
  drive.run();
  await gate.arrived();
  await drive.removeAll('c');
  gate.release();
  await drive.flush();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/a']);
  expect([...(await drive.everything()).keys()]).toEqual(['a']);
});

test('what was deleted in a folder that was moved out of one that is gone does not come to light in it', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.mkdir('disk:/a/b', { parents: true });
  drive.disk.model.putFile('disk:/a/b/file', 'here before');
  await drive.everything();
  drive.run();
  await drive.rename('a/b', 'b');
  await drive.remove('a');
  await drive.remove('b/file');
  await drive.flush();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/b']);
  expect([...(await drive.everything()).keys()]).toEqual(['b']);
});

test('a file that is made again while its delete looks at the Disk goes up in its place, and its name is never missing', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/doc', 'old');
  await drive.everything();
  await drive.remove('doc');
  const gate = drive.disk.wire.hold({ route: 'resources.get', stage: 'before' });
  drive.run();
  await gate.arrived();
  await drive.write('doc', 'new');
  gate.release();
  await drive.flush();
  await drive.settle();
  expect(drive.disk.model.read('disk:/doc').toString()).toBe('new');
  expect(countOf(drive.disk, 'resources.delete')).toBe(0);
});

test('a file that is removed while its move looks at the Disk does not get there, and another one has its name', async () => {
  const drive = await SendingDrive.start();
  for (const path of ['d/doc', 'e/z']) drive.disk.model.putFile(`disk:/${path}`, path);
  await drive.everything();
  const gate = drive.disk.wire.hold({ route: 'resources.get', stage: 'before', path: 'disk:/d/doc' });
  await drive.rename('d/doc', 'e/doc');
  drive.run();
  await gate.arrived();
  await drive.write('d/doc', 'another');
  await drive.removeAll('e');
  gate.release();
  await drive.flush();
  await drive.settle();
  expect(drive.notices).toEqual([]);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/d', 'disk:/d/doc']);
  expect(drive.disk.model.read('disk:/d/doc').toString()).toBe('another');
  await equal(drive);
});

test('what was to be replaced is shown again at once when the move over it comes to nothing', async () => {
  const drive = await SendingDrive.start({}, { timing: { lagMs: 60_000 } });
  for (const path of ['doc', 'tmp', 'd/x']) drive.disk.model.putFile(`disk:/${path}`, path);
  await drive.everything();
  await drive.rename('tmp', 'doc');
  drive.disk.model.remove('disk:/tmp');
  drive.disk.model.mkdir('disk:/tmp');
  drive.run();
  await expect.poll(() => drive.notices.map(({ kind }) => kind), { timeout: 10_000 }).toEqual(['gave-way']);
  expect((await drive.find('doc'))?.remote?.content?.sizeBytes).toBe('doc'.length);
  await equal(drive);
  expect(drive.local.size).toBe(0);
});

for (const [how, isNew] of [
  ['goes up over it', true],
  ['is moved over it', false],
] as const)
  test(`what others have changed is shown at once beside the conflict copy of what ${how}`, async () => {
    const drive = await SendingDrive.start({}, { timing: { lagMs: 60_000 } });
    for (const path of isNew ? ['doc'] : ['doc', 'tmp']) drive.disk.model.putFile(`disk:/${path}`, path);
    await drive.everything();
    if (isNew) await drive.write('tmp', 'ours');
    await drive.rename('tmp', 'doc');
    drive.disk.model.putFile('disk:/doc', 'theirs');
    drive.run();
    await expect.poll(() => drive.notices.map(({ kind }) => kind), { timeout: 10_000 }).toEqual(['conflict']);
    expect((await drive.find('doc'))?.local).toBeUndefined();
    await drive.flush();
    await drive.settle();
    await equal(drive);
    expect(drive.disk.model.read('disk:/doc').toString()).toBe('theirs');
  });

test('what was deleted here and moved there is shown at once where it is now', async () => {
  const drive = await SendingDrive.start({}, { timing: { lagMs: 60_000 } });
  for (const path of ['doc', 'd/x']) drive.disk.model.putFile(`disk:/${path}`, path);
  await drive.everything();
  await drive.remove('doc');
  drive.disk.model.move('disk:/doc', 'disk:/d/moved');
  drive.run();
  await drive.flush();
  await drive.relist((await drive.shown('d')).id);
  await drive.settle();
  expect(await drive.find('d/moved')).toBeDefined();
  await equal(drive);
});

for (const [what, change, left] of [
  ['deleted', (drive: SendingDrive) => drive.removeAll('d'), []],
  ['left by what was to go into it', (drive: SendingDrive) => drive.rename('d/doc', 'doc'), ['disk:/doc']],
] as const)
  test(`a folder that others took away, and that is ${what} while it is looked for, is not made again`, async () => {
    const drive = await SendingDrive.start();
    drive.disk.model.putFile('disk:/d/doc', 'doc');
    await drive.everything();
    await drive.write('d/doc', 'ours');
    drive.disk.model.remove('disk:/d');
    const gate = drive.disk.wire.hold({ route: 'resources.get', stage: 'before', path: 'disk:/d' });
    drive.run();
    await gate.arrived();
    await change(drive);
    gate.release();
    await drive.flush();
    await drive.settle();
    expect(await pathsOn(drive.disk)).toEqual(left);
    await drive.relist(1);
    await equal(drive);
  });

for (const [what, change, left] of [
  ['renamed', (drive: SendingDrive) => drive.rename('made', 'other'), ['disk:/made', 'disk:/other']],
  ['deleted', (drive: SendingDrive) => drive.remove('made'), ['disk:/made']],
] as const)
  test(`a folder that is ${what} while it is to be made where others have put a file is in nobody's way`, async () => {
    const drive = await SendingDrive.start();
    await drive.everything();
    const gate = drive.disk.wire.hold({ route: 'resources.put', stage: 'before' });
    await drive.mkdir('made');
    drive.run();
    await gate.arrived();
    drive.disk.model.putFile('disk:/made', 'theirs');
    await change(drive);
    gate.release();
    await drive.flush();
    await drive.settle();
    expect(drive.notices).toEqual([]);
    expect(await pathsOn(drive.disk)).toEqual(left);
    await drive.relist(1);
    await equal(drive);
  });
