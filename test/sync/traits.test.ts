import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { markIn } from '../../src/tree/mark.ts';
import { type Traits, withAttribute } from '../../src/tree/traits.ts';
import { countOf } from '../disk-api/client.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import { SendingDrive } from './sending-drive.ts';

/*
 * Mode, links and attributes on their way: together with the date, in one property of ours beside those of others.
 */

const date = { sec: 1_600_000_000, nsec: 5 };
const stored = '2020-09-13T12:26:40.000000005Z';
const executable = (traits: Traits): Traits => ({ ...traits, permissions: 0o755 });
const usual = (traits: Traits): Traits => ({ ...traits, permissions: undefined });

async function sent(drive: SendingDrive): Promise<void> {
  drive.run();
  await drive.settle();
  await drive.stop();
  expect(drive.notices).toEqual([]);
}

function properties(drive: SendingDrive, path: string) {
  return drive.disk.model.find(`disk:/${path}`)?.properties;
}

/** What the server tells of a file by its bytes as they are. */
function served(drive: SendingDrive, path: string): Traits | undefined {
  const node = drive.disk.model.find(`disk:/${path}`);
  const bytes = node?.kind === 'file' ? drive.disk.model.read(`disk:/${path}`) : undefined;
  const md5 = bytes && createHash('md5').update(bytes).digest('hex');
  const content = bytes && { sizeBytes: bytes.length, md5, sha256: undefined };
  return markIn(JSON.stringify(node?.properties ?? {}), content);
}

/** What of it the answers have not shown: whether properties outlive a replacement, a move or a copy. */
const survivals: SettingsInput[] = [
  {},
  { overwriteKeepsProperties: true },
  { moveKeepsProperties: false, copyKeepsProperties: false },
  { overwriteKeepsResourceId: false, moveKeepsResourceId: false },
];

test('a mode goes up with the date in one request, and names the bytes that it is of', async () => {
  const drive = await SendingDrive.start();
  await drive.write('run', 'bytes', date);
  await drive.setTraits('run', executable);
  await drive.mkdir('private');
  await drive.setTraits('private', (traits) => ({ ...traits, permissions: 0o700 }));
  await sent(drive);
  const hash = createHash('md5').update('bytes').digest('base64url');
  expect(properties(drive, 'run')).toEqual({ rclone_modified: stored, yadiskfs: `1 ${hash} 755` });
  expect(properties(drive, 'private')).toMatchObject({ yadiskfs: '1 - 700' });
  expect(countOf(drive.disk, 'resources.patch')).toBe(2);
});

test('what has nothing of its own costs no property and no request', async () => {
  const drive = await SendingDrive.start();
  await drive.mkdir('folder');
  await drive.write('folder/plain', 'bytes', date);
  await sent(drive);
  expect(properties(drive, 'folder/plain')).toEqual({ rclone_modified: stored });
  expect(properties(drive, 'folder')).toBeUndefined();
  expect(countOf(drive.disk, 'resources.patch')).toBe(1);
});

test('chmod alone moves neither the date nor what others have set', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/theirs', 'bytes', { properties: { theirs: 'kept' } });
  const shown = (await drive.shown('theirs')).remote?.modified;
  await drive.setTraits('theirs', executable);
  await sent(drive);
  expect(properties(drive, 'theirs')).toMatchObject({
    theirs: 'kept',
    yadiskfs: expect.stringMatching(/ 755$/),
  });
  drive.known.clear();
  expect((await drive.shown('theirs')).remote?.modified).toEqual(shown);
  await drive.setTraits('theirs', usual);
  await sent(drive);
  expect(properties(drive, 'theirs')).toEqual({ theirs: 'kept', rclone_modified: expect.any(String) });
});

for (const settings of survivals)
  test(`is kept over edits, renames and back again: ${JSON.stringify(settings)}`, async () => {
    const drive = await SendingDrive.start(settings);
    await drive.write('run', 'one', date);
    await drive.setTraits('run', executable);
    await sent(drive);
    for (const text of ['two', 'one']) {
      await drive.write('run', text, date);
      await sent(drive);
      expect(served(drive, 'run')).toMatchObject({ permissions: 0o755 });
    }
    await drive.mkdir('folder');
    await drive.rename('run', 'folder/moved');
    await sent(drive);
    expect(served(drive, 'folder/moved')).toMatchObject({ permissions: 0o755 });
    expect(properties(drive, 'folder/moved')?.['rclone_modified']).toBe(stored);
  });

for (const settings of survivals)
  for (const text of ['other', 'same'])
    test(`what replaces a file brings its own (${text} bytes): ${JSON.stringify(settings)}`, async () => {
      const drive = await SendingDrive.start(settings);
      await drive.write('doc', 'same', date);
      await drive.setTraits('doc', (traits) => withAttribute(executable(traits), 'a', Buffer.from('1')));
      drive.disk.model.putFile('disk:/second', 'same');
      await drive.write('third', 'third', date);
      await sent(drive);
      drive.disk.model.patch('disk:/doc', { theirs: 'kept' });
      drive.known.clear();
      await drive.write('.tmp', text, date);
      await drive.rename('.tmp', 'doc');
      await sent(drive);
      expect(properties(drive, 'doc')).toEqual({ theirs: 'kept', rclone_modified: stored });
      await drive.write('.tmp', text, date);
      await drive.setTraits('.tmp', (traits) => ({ ...traits, permissions: 0o600 }));
      await drive.rename('.tmp', 'doc');
      await sent(drive);
      expect(served(drive, 'doc')).toEqual({ permissions: 0o600, isLink: false, attributes: [] });
    });

for (const settings of survivals)
  test(`a copy on the server has its own, not those of its source: ${JSON.stringify(settings)}`, async () => {
    const drive = await SendingDrive.start(settings, { copiedFromBytes: 1 });
    await drive.write('source', 'the same bytes', date);
    await drive.setTraits('source', executable);
    drive.disk.model.putFile('disk:/doc', 'old', { properties: { theirs: 'kept' } });
    await sent(drive);
    await drive.write('plain', 'the same bytes', date);
    await drive.write('doc', 'the same bytes', date);
    await drive.write('link', 'the same bytes', date);
    await drive.setTraits('link', (traits) => ({ ...traits, isLink: true }));
    await sent(drive);
    expect(countOf(drive.disk, 'resources.copy')).toBe(3);
    expect(properties(drive, 'plain')).toEqual({ rclone_modified: stored });
    expect(properties(drive, 'doc')).toEqual({ theirs: 'kept', rclone_modified: stored });
    expect(served(drive, 'link')?.isLink).toBe(true);
    expect(served(drive, 'source')?.permissions).toBe(0o755);
  });

test('what the Disk has lost, or shows and is not to have, goes again', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('lost', 'bytes', date);
  await drive.setTraits('lost', executable);
  await drive.write('shown', 'bytes', date);
  const gate = drive.disk.wire.hold({ route: 'disk.get', stage: 'before' });
  drive.run();
  await gate.arrived();
  const mark = properties(drive, 'lost')?.['yadiskfs'];
  drive.disk.model.patch('disk:/lost', { yadiskfs: null });
  drive.disk.model.patch('disk:/shown', { yadiskfs: String(mark) });
  gate.release();
  await drive.settle();
  expect(properties(drive, 'lost')?.['yadiskfs']).toBe(mark);
  expect(properties(drive, 'shown')).toEqual({ rclone_modified: stored });
});

test('unsent modes outlast a kill', async () => {
  const drive = await SendingDrive.start();
  await drive.write('run', 'bytes', date);
  await drive.setTraits('run', executable);
  await drive.restart();
  await sent(drive);
  expect(served(drive, 'run')?.permissions).toBe(0o755);
});

test('a file that others have replaced keeps their properties, and no mode of ours', async () => {
  const drive = await SendingDrive.start();
  await drive.write('run', 'bytes', date);
  await drive.setTraits('run', executable);
  await sent(drive);
  const mark = properties(drive, 'run')?.['yadiskfs'];
  // Whoever keeps all properties keeps this one.
  drive.disk.model.putFile('disk:/run', 'theirs', { properties: { yadiskfs: String(mark) } });
  drive.known.clear();
  expect(served(drive, 'run')).toBeUndefined();
  await drive.write('run', 'ours again', date);
  await sent(drive);
  expect(properties(drive, 'run')).toEqual({ rclone_modified: stored });
});
