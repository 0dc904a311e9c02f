import { expect, test } from 'vitest';
import { countOf, pathsOn } from '../disk-api/client.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import type { FaultRule } from '../stand-in/wire/index.ts';
import { SendingDrive } from './sending-drive.ts';

/*
 * Files whose bytes the server has already: it copies them itself. None of the texts is large; what counts as large is told to the drive.
 */

const date = { sec: 1_600_000_000, nsec: 5 };
const text = 'the same bytes in two places';
const stored = '2020-09-13T12:26:40.000000005Z';

/** A drive with `disk:/folder/source` in it. */
async function started(settings: SettingsInput = {}): Promise<SendingDrive> {
  const drive = await SendingDrive.start(settings, { copiedFromBytes: 1 });
  drive.disk.model.putFile('disk:/folder/source', text);
  await drive.everything();
  return drive;
}

async function sent(drive: SendingDrive): Promise<void> {
  drive.run();
  await drive.settle();
}

function served(drive: SendingDrive, path: string): string {
  return drive.disk.model.read(`disk:/${path}`).toString();
}

function counts(drive: SendingDrive) {
  return {
    copies: countOf(drive.disk, 'resources.copy'),
    moves: countOf(drive.disk, 'resources.move'),
    uploads: countOf(drive.disk, 'uploader.put'),
  };
}

async function isEqual(drive: SendingDrive): Promise<void> {
  drive.known.clear();
  expect(await drive.everything()).toEqual(await drive.everythingThere());
}

test('a file with bytes that the server has elsewhere is copied there, with its own date', async () => {
  const drive = await started();
  await drive.write('copy', text, date);
  const before = drive.api.counts.api;
  await sent(drive);
  expect(served(drive, 'copy')).toBe(text);
  expect(counts(drive)).toEqual({ copies: 1, moves: 0, uploads: 0 });
  expect(drive.disk.model.find('disk:/copy')?.properties).toEqual({ rclone_modified: stored });
  expect(drive.notices).toEqual([]);
  expect(drive.api.counts.api - before).toBeLessThanOrEqual(10);
  await isEqual(drive);
});

test('a copy that came with the date it is to have needs no other', async () => {
  const drive = await started();
  drive.disk.model.patch('disk:/folder/source', { rclone_modified: stored });
  await drive.write('copy', text, date);
  await sent(drive);
  expect(drive.disk.model.find('disk:/copy')?.properties).toEqual({ rclone_modified: stored });
  expect(countOf(drive.disk, 'resources.patch')).toBe(0);
});

test('the date of what was copied does not stay', async () => {
  const drive = await started();
  drive.disk.model.patch('disk:/folder/source', { rclone_modified: '1999-01-01T00:00:00Z' });
  await drive.write('copy', text, date);
  await sent(drive);
  expect(drive.disk.model.find('disk:/copy')?.properties).toEqual({ rclone_modified: stored });
});

test('only what is the same is copied: same size is not enough', async () => {
  const drive = await started();
  await drive.write('other', [...text].reverse().join(''), date);
  await sent(drive);
  expect(counts(drive)).toEqual({ copies: 0, moves: 0, uploads: 1 });
});

test('what was written anew with the bytes that it had is not sent', async () => {
  const drive = await started();
  await drive.write('folder/source', text, date);
  await sent(drive);
  expect(counts(drive)).toEqual({ copies: 0, moves: 0, uploads: 0 });
  expect(drive.disk.model.find('disk:/folder/source')?.properties).toEqual({ rclone_modified: stored });
});

test('over a file the copy goes beside it and is moved over: the name is never missing, and what others set there stays', async () => {
  const drive = await started();
  drive.disk.model.patch('disk:/folder/source', {
    rclone_modified: '1999-01-01T00:00:00Z',
    foreign: 'of the source',
  });
  drive.disk.model.putFile('disk:/doc', 'old', { properties: { theirs: 'kept' } });
  await drive.relist(1);
  const { disk } = drive.disk.model;
  const { detach } = disk;
  let missing = 0;
  disk.detach = (node) => {
    detach.call(disk, node);
    // What is done in one go nobody sees in parts.
    queueMicrotask(() => {
      if (!drive.disk.model.find('disk:/doc')) missing++;
    });
  };
  await drive.write('doc', text, date);
  await sent(drive);
  expect(served(drive, 'doc')).toBe(text);
  expect(missing).toBe(0);
  expect(counts(drive)).toEqual({ copies: 1, moves: 1, uploads: 0 });
  expect(drive.disk.model.find('disk:/doc')?.properties).toMatchObject({
    theirs: 'kept',
    rclone_modified: stored,
  });
  expect(await pathsOn(drive.disk)).toEqual(['disk:/doc', 'disk:/folder', 'disk:/folder/source']);
  await isEqual(drive);
});

test('a rename over a file with bytes that are elsewhere copies too', async () => {
  const drive = await started();
  drive.disk.model.putFile('disk:/doc', 'old');
  await drive.relist(1);
  await drive.write('tmp', text, date);
  await drive.rename('tmp', 'doc');
  await sent(drive);
  expect(served(drive, 'doc')).toBe(text);
  expect(counts(drive)).toEqual({ copies: 1, moves: 1, uploads: 0 });
});

test('what is published gets the bytes, and keeps its link', async () => {
  const drive = await started();
  drive.disk.model.putFile('disk:/doc', 'old');
  drive.disk.model.publish('disk:/doc', {});
  await drive.relist(1);
  const link = drive.disk.model.find('disk:/doc')?.publication;
  await drive.write('doc', text, date);
  await sent(drive);
  expect(served(drive, 'doc')).toBe(text);
  expect(counts(drive)).toEqual({ copies: 0, moves: 0, uploads: 1 });
  expect(drive.disk.model.find('disk:/doc')?.publication).toEqual(link);
});

test('where the server moves nothing onto a file, the bytes go up, and nothing is left beside it', async () => {
  const drive = await started({ moveOntoFile: 'conflict' });
  for (const name of ['doc', 'next']) drive.disk.model.putFile(`disk:/${name}`, 'old');
  await drive.relist(1);
  await drive.write('doc', text, date);
  await sent(drive);
  expect(served(drive, 'doc')).toBe(text);
  // The second time it knows.
  await drive.write('next', text, date);
  await drive.settle();
  expect(served(drive, 'next')).toBe(text);
  expect(counts(drive)).toEqual({ copies: 1, moves: 1, uploads: 2 });
  expect(await pathsOn(drive.disk)).toEqual([
    'disk:/doc',
    'disk:/folder',
    'disk:/folder/source',
    'disk:/next',
  ]);
});

const refusals: FaultRule['fault'][] = [
  { kind: 'status', status: 404, error: 'DiskNotFoundError' },
  { kind: 'status', status: 409, error: 'DiskResourceAlreadyExistsError' },
  { kind: 'status', status: 507, error: 'DiskStorageQuotaExhaustedError' },
  { kind: 'status', status: 403, error: 'ForbiddenError' },
];
for (const fault of refusals)
  test(`a copy that is refused is sent: ${JSON.stringify(fault)}`, async () => {
    const drive = await started();
    drive.disk.wire.faults.add({ route: 'resources.copy', fault });
    await drive.write('copy', text, date);
    await sent(drive);
    expect(served(drive, 'copy')).toBe(text);
    expect(counts(drive)).toEqual({ copies: 1, moves: 0, uploads: 1 });
    expect(drive.notices).toEqual([]);
  });

test.each(['lost-reply', 'reset'] as const)('a reply that is lost: %s', async (kind) => {
  const drive = await started();
  drive.disk.model.putFile('disk:/doc', 'old');
  await drive.relist(1);
  drive.disk.wire.faults.add({ route: 'resources.copy', fault: { kind }, count: 2 });
  await drive.write('copy', text, date);
  await drive.write('doc', text, date);
  await sent(drive);
  expect([served(drive, 'copy'), served(drive, 'doc')]).toEqual([text, text]);
  expect(countOf(drive.disk, 'uploader.put')).toBe(0);
  expect(await pathsOn(drive.disk)).toEqual([
    'disk:/copy',
    'disk:/doc',
    'disk:/folder',
    'disk:/folder/source',
  ]);
});

for (const stage of ['before', 'before-response'] as const)
  for (const name of ['copy', 'doc'])
    test(`killed ${stage === 'before' ? 'before' : 'after'} the server has made the copy ${name === 'doc' ? 'beside a file' : 'under a new name'}`, async () => {
      const drive = await started();
      drive.disk.model.putFile('disk:/doc', 'old');
      await drive.relist(1);
      await drive.write(name, text, date);
      const gate = drive.disk.wire.hold({ route: 'resources.copy', stage });
      drive.run();
      await gate.arrived();
      await drive.restart();
      // What stands at the gate takes effect after all.
      gate.release();
      drive.run();
      await drive.settle();
      expect(served(drive, name)).toBe(text);
      const paths = ['disk:/doc', 'disk:/folder', 'disk:/folder/source'];
      expect(await pathsOn(drive.disk)).toEqual(name === 'doc' ? paths : ['disk:/copy', ...paths]);
      expect(countOf(drive.disk, 'uploader.put')).toBe(0);
    });

test('killed between the copy beside a file and the move over it', async () => {
  const drive = await started();
  drive.disk.model.putFile('disk:/doc', 'old');
  await drive.relist(1);
  await drive.write('doc', text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.move', stage: 'before' });
  drive.run();
  await gate.arrived();
  expect(served(drive, 'doc')).toBe('old');
  gate.reject({ kind: 'reset' });
  await drive.restart();
  drive.run();
  await drive.settle();
  expect(served(drive, 'doc')).toBe(text);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/doc', 'disk:/folder', 'disk:/folder/source']);
  expect(counts(drive).uploads).toBe(0);
});

for (const name of ['copy', 'doc'])
  test(`the source is changed in the last moment: ${name}`, async () => {
    const drive = await started();
    drive.disk.model.putFile('disk:/doc', 'old');
    await drive.relist(1);
    await drive.write(name, text, date);
    const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before' });
    drive.run();
    await gate.arrived();
    drive.disk.model.putFile('disk:/folder/source', 'theirs');
    gate.release();
    await drive.settle();
    expect(served(drive, name)).toBe(text);
    expect(served(drive, 'folder/source')).toBe('theirs');
    expect(counts(drive)).toEqual({ copies: 1, moves: 0, uploads: 1 });
    expect(drive.queue.report().conflicts).toEqual([]);
    expect(await pathsOn(drive.disk)).toHaveLength(name === 'doc' ? 3 : 4);
  });

test('the source is changed in the last moment, and the reply lost', async () => {
  const drive = await started();
  await drive.write('copy', text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before' });
  drive.disk.wire.faults.add({ route: 'resources.copy', fault: { kind: 'lost-reply' }, count: 1 });
  drive.run();
  await gate.arrived();
  drive.disk.model.putFile('disk:/folder/source', 'theirs');
  gate.release();
  await drive.settle();
  expect(served(drive, 'copy')).toBe(text);
  expect(drive.queue.report().conflicts).toEqual([]);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/copy', 'disk:/folder', 'disk:/folder/source']);
});

test('what others put under the name in the last moment keeps it', async () => {
  const drive = await started();
  await drive.write('copy', text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before' });
  drive.run();
  await gate.arrived();
  drive.disk.model.putFile('disk:/copy', 'theirs');
  gate.release();
  await drive.settle();
  expect(served(drive, 'copy')).toBe('theirs');
  const [conflict] = drive.queue.report().conflicts;
  expect(served(drive, conflict?.copy ?? '')).toBe(text);
});

test('what others changed before the copy beside it is moved over keeps its name', async () => {
  const drive = await started();
  drive.disk.model.putFile('disk:/doc', 'old');
  await drive.relist(1);
  await drive.write('doc', text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before' });
  drive.run();
  await gate.arrived();
  drive.disk.model.putFile('disk:/doc', 'theirs');
  gate.release();
  await drive.settle();
  expect(served(drive, 'doc')).toBe('theirs');
  const [conflict] = drive.queue.report().conflicts;
  expect(served(drive, conflict?.copy ?? '')).toBe(text);
  expect(await pathsOn(drive.disk)).toHaveLength(4);
  // Without another listing too: theirs is not hidden behind ours.
  await drive.relist(1);
  expect([...(await drive.list(1)).keys()].sort()).toEqual([conflict?.copy, 'doc', 'folder'].sort());
  expect(counts(drive).uploads).toBe(0);
});

test.each(['folder/source', 'folder'])('what is copied is deleted after that: %s', async (path) => {
  const drive = await started();
  await drive.removeAll(path);
  await drive.write('copy', text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before' });
  drive.run();
  await gate.arrived();
  expect(countOf(drive.disk, 'resources.delete')).toBe(0);
  gate.release();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(
    path === 'folder' ? ['disk:/copy'] : ['disk:/copy', 'disk:/folder'],
  );
  expect(counts(drive)).toEqual({ copies: 1, moves: 0, uploads: 0 });
});

test.each([
  '',
  '/in it',
])('what goes up in the place of what it could be copied from does not wait for that: %s', async (inside) => {
  const drive = await started();
  await drive.removeAll('folder');
  if (inside) await drive.mkdir('folder');
  await drive.write(`folder${inside}`, text, date);
  await sent(drive);
  // It would for longer than settling has patience.
  expect(served(drive, `folder${inside}`)).toBe(text);
  expect(countOf(drive.disk, 'resources.delete')).toBe(1);
});

test('what is copied is moved after that', async () => {
  const drive = await started();
  await drive.write('copy', text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before' });
  drive.run();
  await gate.arrived();
  await drive.rename('folder', 'elsewhere');
  gate.release();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/copy', 'disk:/elsewhere', 'disk:/elsewhere/source']);
  expect(counts(drive)).toEqual({ copies: 1, moves: 1, uploads: 0 });
});

test('a copy that is renamed, and one that is deleted, while they are made', async () => {
  const drive = await started();
  drive.disk.model.putFile('disk:/doc', 'old');
  await drive.relist(1);
  for (const name of ['renamed', 'deleted', 'doc']) await drive.write(name, text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before', count: 3 });
  drive.run();
  await gate.arrived(3);
  await drive.rename('renamed', 'folder/renamed');
  await drive.remove('deleted');
  await drive.rename('doc', 'doc 2');
  gate.release();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual([
    'disk:/doc 2',
    'disk:/folder',
    'disk:/folder/renamed',
    'disk:/folder/source',
  ]);
  expect(served(drive, 'doc 2')).toBe(text);
  expect(counts(drive).uploads).toBe(0);
  await isEqual(drive);
});

test('a file that is written to while its copy is made goes up after that', async () => {
  const drive = await started();
  drive.disk.model.putFile('disk:/doc', 'old');
  await drive.relist(1);
  for (const name of ['copy', 'doc']) await drive.write(name, text, date);
  const gate = drive.disk.wire.hold({ route: 'resources.copy', stage: 'before', count: 2 });
  drive.run();
  await gate.arrived(2);
  for (const name of ['copy', 'doc']) await drive.write(name, `${name} changed since`, date);
  gate.release();
  await drive.settle();
  expect([served(drive, 'copy'), served(drive, 'doc')]).toEqual(['copy changed since', 'doc changed since']);
  expect(counts(drive).uploads).toBe(2);
  expect(await pathsOn(drive.disk)).toHaveLength(4);
});
