import { expect, test } from 'vitest';
import { countOf, pathsOn } from '../disk-api/client.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import { SendingDrive } from './sending-drive.ts';

/*
 * Kinds of files that the server takes slowly go up under another name, and are moved to their own.
 */

const date = { sec: 1_600_000_000, nsec: 5 };
const stored = '2020-09-13T12:26:40.000000005Z';
const bytes = Buffer.alloc(200_000, 'z');
const slowKinds: SettingsInput = { throttledMediaTypes: ['data', 'compressed', 'video'] };

async function started(
  settings: SettingsInput = {},
  timing: { readonly lateUploadMs?: number; readonly unseenMs?: number } = {},
): Promise<SendingDrive> {
  const drive = await SendingDrive.start({ ...slowKinds, ...settings }, { neutralFromBytes: 10, timing });
  drive.disk.model.putFile('disk:/old.zip', 'old', { properties: { theirs: 'kept' } });
  await drive.everything();
  return drive;
}

async function sent(drive: SendingDrive): Promise<void> {
  drive.run();
  await drive.settle();
}

/** The names under which bytes came. */
function asked(drive: SendingDrive): string[] {
  return drive.disk.wire.requestLog
    .list()
    .filter(({ route }) => route === 'resources.upload-link')
    .map(({ path }) => (path ?? '').slice('disk:/'.length).replace(/[0-9a-f]{12}/, '…'))
    .sort();
}

test('only those go so: an archive and a film, no picture and nothing that is small', async () => {
  const drive = await started();
  for (const name of ['a.zip', 'film.mp4', 'picture.jpg', 'noending']) await drive.write(name, bytes, date);
  await drive.write('small.zip', 'small', date);
  await sent(drive);
  expect(asked(drive)).toEqual([
    '.yadiskfs-….txt',
    '.yadiskfs-….txt',
    '.yadiskfs-….txt',
    'picture.jpg',
    'small.zip',
  ]);
  expect(await pathsOn(drive.disk)).toEqual([
    'disk:/a.zip',
    'disk:/film.mp4',
    'disk:/noending',
    'disk:/old.zip',
    'disk:/picture.jpg',
    'disk:/small.zip',
  ]);
  expect(drive.disk.model.find('disk:/a.zip')?.properties).toEqual({ rclone_modified: stored });
  expect(drive.notices).toEqual([]);
  drive.known.clear();
  expect(await drive.everything()).toEqual(await drive.everythingThere());
});

test('they are not slowed', async () => {
  // At this speed one of them would take an hour.
  const drive = await started({ throttleBytesPerSecond: 50 });
  await drive.write('a.zip', bytes, date);
  await drive.write('old.zip', bytes, date);
  await sent(drive);
  expect(drive.disk.model.read('disk:/old.zip').equals(bytes)).toBe(true);
});

test('a file is replaced by one move: never missing, never half, and with what others set there', async () => {
  const drive = await started();
  const { disk } = drive.disk.model;
  const { detach } = disk;
  let missing = 0;
  disk.detach = (node) => {
    detach.call(disk, node);
    queueMicrotask(() => {
      if (!drive.disk.model.find('disk:/old.zip')) missing++;
    });
  };
  const gate = drive.disk.wire.hold({ route: 'resources.move', stage: 'before' });
  await drive.write('old.zip', bytes, date);
  drive.run();
  await gate.arrived();
  expect(drive.disk.model.read('disk:/old.zip').toString()).toBe('old');
  gate.release();
  await drive.settle();
  expect(drive.disk.model.read('disk:/old.zip').equals(bytes)).toBe(true);
  expect(drive.disk.model.find('disk:/old.zip')?.properties).toEqual({
    theirs: 'kept',
    rclone_modified: stored,
  });
  expect(missing).toBe(0);
  expect(countOf(drive.disk, 'resources.move')).toBe(1);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/old.zip']);
});

test('what is published gets the bytes under its own name', async () => {
  const drive = await started();
  drive.disk.model.publish('disk:/old.zip', {});
  await drive.relist(1);
  await drive.write('old.zip', bytes, date);
  await sent(drive);
  expect(asked(drive)).toEqual(['old.zip']);
  expect(drive.disk.model.find('disk:/old.zip')?.publication).toBeDefined();
});

for (const [route, kind] of [
  ['uploader.put', 'lost-reply'],
  ['uploader.put', 'reset'],
  ['resources.move', 'lost-reply'],
  ['resources.move', 'reset'],
] as const)
  test(`a ${kind} on the way leaves nothing behind: ${route}`, async () => {
    const drive = await started();
    drive.disk.wire.faults.add({ route, fault: { kind }, count: 2 });
    await drive.write('new.zip', bytes, date);
    await drive.write('old.zip', bytes, date);
    await sent(drive);
    expect(await pathsOn(drive.disk)).toEqual(['disk:/new.zip', 'disk:/old.zip']);
    for (const name of ['new', 'old'])
      expect(drive.disk.model.read(`disk:/${name}.zip`).equals(bytes)).toBe(true);
  });

for (const [route, stage] of [
  ['uploader.put', 'before-commit'],
  ['uploader.put', 'before-response'],
  ['resources.move', 'before'],
  ['resources.move', 'before-response'],
] as const)
  test(`killed on the way leaves nothing behind: ${route}, ${stage}`, async () => {
    const drive = await started();
    const gate = drive.disk.wire.hold({ route, stage, count: 2 });
    await drive.write('new.zip', bytes, date);
    await drive.write('old.zip', bytes, date);
    drive.run();
    await gate.arrived(2);
    // Programs do not see what is on its way.
    await drive.relist(1);
    await drive.restart();
    gate.release();
    await drive.relist(1);
    expect([...(await drive.list(1)).keys()].sort()).toEqual(['new.zip', 'old.zip']);
    drive.run();
    await drive.settle();
    expect(await pathsOn(drive.disk)).toEqual(['disk:/new.zip', 'disk:/old.zip']);
    for (const name of ['new', 'old'])
      expect(drive.disk.model.read(`disk:/${name}.zip`).equals(bytes)).toBe(true);
  });

test('bytes that come after all, when nobody counts on them any more, are deleted', async () => {
  const drive = await started({}, { lateUploadMs: 2_500, unseenMs: 10_000 });
  const gate = drive.disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
  await drive.write('new.zip', bytes, date);
  drive.run();
  await gate.arrived();
  await drive.restart();
  drive.run();
  // It was looked for in vain, and goes up once more.
  await expect.poll(() => countOf(drive.disk, 'uploader.put'), { timeout: 15_000 }).toBe(2);
  gate.release();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/new.zip', 'disk:/old.zip']);
});

test('what others put there meanwhile keeps the name', async () => {
  const drive = await started();
  const gate = drive.disk.wire.hold({ route: 'uploader.put', stage: 'before-response', count: 2 });
  await drive.write('new.zip', bytes, date);
  await drive.write('old.zip', bytes, date);
  drive.run();
  await gate.arrived(2);
  for (const name of ['new', 'old']) drive.disk.model.putFile(`disk:/${name}.zip`, 'theirs');
  gate.release();
  await drive.settle();
  const copies = drive.queue.report().conflicts.map(({ copy }) => copy);
  expect(copies).toHaveLength(2);
  for (const copy of copies) expect(drive.disk.model.read(`disk:/${copy}`).equals(bytes)).toBe(true);
  for (const name of ['new', 'old'])
    expect(drive.disk.model.read(`disk:/${name}.zip`).toString()).toBe('theirs');
  expect(await pathsOn(drive.disk)).toHaveLength(4);
});

test('one that is deleted, or renamed, while it is on its way', async () => {
  const drive = await started();
  const gate = drive.disk.wire.hold({ route: 'uploader.put', stage: 'before-response', count: 3 });
  for (const name of ['gone.zip', 'renamed.zip', 'old.zip']) await drive.write(name, bytes, date);
  drive.run();
  await gate.arrived(3);
  await drive.remove('gone.zip');
  await drive.rename('renamed.zip', 'other.zip');
  await drive.remove('old.zip');
  gate.release();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/other.zip']);
  expect(drive.notices).toEqual([]);
});

test('a server that moves nothing onto a file gets the bytes under their own name from then on', async () => {
  const drive = await started({ moveOntoFile: 'conflict' });
  await drive.write('old.zip', bytes, date);
  await sent(drive);
  await drive.write('old.zip', Buffer.alloc(100_000, 'y'), date);
  await drive.settle();
  expect(asked(drive)).toEqual(['.yadiskfs-….txt', 'old.zip', 'old.zip']);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/old.zip']);
});
