import { expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { rootId } from '../../src/tree/node.ts';
import { pathsOn } from '../disk-api/client.ts';
import { SendingDrive } from './sending-drive.ts';

const someTime = () => AbortSignal.timeout(15_000);

async function sent(drive: SendingDrive): Promise<void> {
  drive.run();
  await drive.settle();
}

const isCopy = /^doc \(conflict \d{4}-\d\d-\d\d \d\d-\d\d-\d\d HOST\)\.txt$/;

test('a file that others have changed keeps its name, and ours goes up beside it', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/doc.txt', 'first');
  await drive.write('doc.txt', 'ours');
  drive.disk.model.putFile('disk:/doc.txt', 'theirs');
  await sent(drive);
  const [doc, copy = ''] = (await pathsOn(drive.disk))
    .map((path) => path.slice('disk:/'.length))
    .sort()
    .reverse();
  expect(doc).toBe('doc.txt');
  expect(copy).toMatch(isCopy);
  expect(drive.disk.model.read('disk:/doc.txt').toString()).toBe('theirs');
  expect(drive.disk.model.read(`disk:/${copy}`).toString()).toBe('ours');
  expect(drive.queue.report().conflicts).toMatchObject([{ path: 'doc.txt', copy }]);
  await drive.relist(1);
  expect([...(await drive.everything()).keys()].sort()).toEqual([copy, 'doc.txt'].sort());
});

test('what is new here never overwrites what is there', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc.txt', 'ours');
  drive.disk.model.putFile('disk:/doc.txt', 'theirs');
  await sent(drive);
  expect(drive.disk.model.read('disk:/doc.txt').toString()).toBe('theirs');
  expect(await pathsOn(drive.disk)).toHaveLength(2);
});

test('the same bytes from two sides are one file', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc.txt', 'the same');
  drive.disk.model.putFile('disk:/doc.txt', 'the same');
  await sent(drive);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/doc.txt']);
  expect(drive.queue.report().conflicts).toEqual([]);
});

test('edited here and deleted there keeps its plain name', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/doc.txt', 'first');
  await drive.write('doc.txt', 'ours');
  drive.disk.model.remove('disk:/doc.txt');
  await sent(drive);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/doc.txt']);
  expect(drive.disk.model.read('disk:/doc.txt').toString()).toBe('ours');
});

test('a folder that others took away is made again for what was edited in it', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/a/b/doc', 'first');
  drive.disk.model.putFile('disk:/a/b/other', 'unedited');
  await drive.write('a/b/doc', 'ours');
  drive.disk.model.remove('disk:/a');
  await sent(drive);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/a', 'disk:/a/b', 'disk:/a/b/doc']);
});

test('a change there stays where it was deleted here', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/doc', 'first');
  await drive.remove('doc');
  await drive.everything();
  drive.disk.model.putFile('disk:/doc', 'theirs');
  await sent(drive);
  expect(drive.disk.model.read('disk:/doc').toString()).toBe('theirs');
  expect(drive.notices).toMatchObject([{ kind: 'gave-way', what: 'delete', path: 'doc' }]);
});

test('what others have put into a folder that was deleted here stays, and the folder with it', async () => {
  const drive = await SendingDrive.start();
  for (const path of ['a/x', 'a/b/y', 'a/c/z']) drive.disk.model.putFile(`disk:/${path}`, path);
  await drive.removeAll('a');
  drive.disk.model.putFile('disk:/a/c/theirs', 'theirs');
  await new Promise((resolve) => setTimeout(resolve, 100));
  drive.run();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/a', 'disk:/a/c', 'disk:/a/c/theirs']);
});

const refusals = {
  locked: { kind: 'status', status: 423, error: 'DiskResourceLockedError' },
  'cut off': { kind: 'reset' },
} as const;

test.each(
  Object.entries(refusals),
)('what others put into a folder is not deleted with it by a second try: %s', async (_, fault) => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/a/x', 'x');
  await drive.removeAll('a');
  const { wire, model } = drive.disk;
  wire.faults.add({ route: 'resources.delete', count: 1, fault });
  const first = wire.hold({ route: 'resources.delete', stage: 'before' });
  drive.run();
  await first.arrived();
  model.putFile('disk:/a/theirs', 'theirs');
  first.release();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/a', 'disk:/a/theirs']);
  expect(drive.queue.report().unsent).toEqual([]);
});

test('a name that is taken by what does not show is waited for', async () => {
  const drive = await SendingDrive.start();
  await drive.mkdir('folder');
  const taken = { kind: 'status', status: 409, error: 'DiskResourceAlreadyExistsError' } as const;
  drive.disk.wire.faults.add({ route: 'resources.put', count: 1, fault: taken });
  await sent(drive);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/folder']);
  expect(drive.notices).toEqual([]);
});

test.each(['lost-reply', 'reset'] as const)('takes up what was cut off by a restart: %s', async (kind) => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/moved', 'moved');
  drive.disk.model.putFile('disk:/gone', 'gone');
  await drive.everything();
  await drive.write('new', 'new');
  await drive.write('large', Buffer.alloc(200_000, 1));
  await drive.mkdir('folder');
  await drive.rename('moved', 'folder/moved');
  await drive.remove('gone');
  for (const route of ['uploader.put', 'resources.put', 'resources.move', 'resources.delete'])
    drive.disk.wire.faults.add({ route, count: 1, fault: { kind } });
  const broken = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (![...drive.local.all()].some(({ intent }) => intent)) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  drive.run();
  await broken;
  await drive.restart();
  drive.run();
  await drive.settle();
  expect(await pathsOn(drive.disk)).toEqual([
    'disk:/folder',
    'disk:/folder/moved',
    'disk:/large',
    'disk:/new',
  ]);
});

test('a rename over a file never leaves the name missing, and is one upload', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/doc', 'first', { properties: { theirs: 'kept' } });
  await drive.everything();
  for (const text of ['second', 'third']) {
    await drive.write('.doc.tmp', text);
    await drive.rename('.doc.tmp', 'doc');
  }
  await sent(drive);
  expect(drive.disk.model.read('disk:/doc').toString()).toBe('third');
  const { routes } = drive.disk.wire.statistics.snapshot();
  expect(routes['uploader.put']?.count).toBe(1);
  expect(routes['resources.delete']).toBeUndefined();
  expect(routes['resources.move']).toBeUndefined();
  const [doc] = (await drive.disk.control.tree()).entries;
  expect(doc?.properties).toMatchObject({ theirs: 'kept', rclone_modified: expect.any(String) });
});

test('dates that were lost are sent again', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc', 'bytes', { sec: 1_500_000_000, nsec: 5 });
  // The revision is read after the last effect and before the listing that confirms.
  const gate = drive.disk.wire.hold({ route: 'disk.get', stage: 'before' });
  drive.run();
  await gate.arrived();
  expect(drive.disk.model.find('disk:/doc')?.properties).toEqual({
    rclone_modified: '2017-07-14T02:40:00.000000005Z',
  });
  drive.disk.model.patch('disk:/doc', { rclone_modified: null });
  gate.release();
  await drive.settle();
  expect(drive.disk.model.find('disk:/doc')?.properties).toEqual({
    rclone_modified: '2017-07-14T02:40:00.000000005Z',
  });
});

test('keeps what the Disk has no room for, says so, and sends it when told to', async () => {
  const drive = await SendingDrive.start({ totalSpaceBytes: 10 });
  await drive.write('doc', 'more than ten bytes');
  drive.run();
  await expect(drive.queue.flush([], someTime())).rejects.toMatchObject({ code: 'no-space' });
  expect(drive.queue.report()).toMatchObject({ uploads: 1, unsent: [{ path: 'doc', code: 'no-space' }] });
  drive.disk.control.set({ totalSpaceBytes: 1_000 });
  expect(drive.queue.retry(['doc'])).toBe(1);
  await drive.settle();
  expect(drive.disk.model.read('disk:/doc').toString()).toBe('more than ten bytes');
});

test('gives up what is discarded, and shows the server’s version again', async () => {
  const drive = await SendingDrive.start({ uploadAllowanceBytes: 0 });
  drive.disk.model.putFile('disk:/doc', 'theirs');
  await drive.everything();
  await drive.write('doc', 'ours');
  drive.run();
  await expect(drive.queue.flush(['doc'], someTime())).rejects.toMatchObject({ code: 'allowance-spent' });
  await drive.queue.discard('doc');
  expect(drive.local.size).toBe(0);
  expect(drive.drafts.size).toBe(0);
  expect((await drive.shown('doc')).remote?.content?.sizeBytes).toBe(6);
  await expect(drive.queue.discard('doc')).rejects.toMatchObject({ code: 'not-found' });
});

test('sends nothing with the login of somebody else', async () => {
  const drive = await SendingDrive.start();
  drive.requireOwner = async () => {
    throw new Failure('refused', 'Somebody else’s');
  };
  await drive.everything();
  const before = drive.api.counts.api;
  await drive.write('doc', 'ours');
  drive.run();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(drive.api.counts.api).toBe(before);
  expect(drive.notices).toMatchObject([{ kind: 'failed' }]);
});

test('goes on when the network is back', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc', 'ours');
  drive.disk.wire.cut();
  drive.run();
  await new Promise((resolve) => setTimeout(resolve, 300));
  drive.disk.wire.restore();
  await drive.settle(60_000);
  expect(await pathsOn(drive.disk)).toEqual(['disk:/doc']);
});

test('a file that changes while it goes up is sent again, and only whole', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc', 'first');
  const gate = drive.disk.wire.hold({ route: 'resources.upload-link', stage: 'before' });
  drive.run();
  await gate.arrived();
  await drive.write('doc', 'second');
  gate.release();
  await drive.settle();
  expect(drive.disk.model.read('disk:/doc').toString()).toBe('second');
  expect(drive.disk.wire.statistics.snapshot().routes['uploader.put']?.count).toBe(1);
});

test('a flush goes on until all else is there, and then names what was refused', async () => {
  const drive = await SendingDrive.start({ totalSpaceBytes: 100 });
  await drive.everything();
  await drive.mkdir('a');
  for (const name of ['a/1', 'a/2', 'b', 'c', 'd']) await drive.write(name, Buffer.alloc(200));
  const gate = drive.disk.wire.hold({ route: 'resources.upload-link', stage: 'before' });
  await drive.write('small', 'small');
  drive.run();
  const flushed = drive.queue.flush([], someTime());
  await gate.arrived();
  gate.release();
  const failure: unknown = await flushed.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    code: 'no-space',
    message: expect.stringMatching(/^Could not be sent: a\/1.*, a\/2.*, b.* and 2 more/),
    path: 'a/1',
    hint: expect.stringContaining('https://disk.yandex.ru/client/trash'),
  });
  expect(await pathsOn(drive.disk)).toEqual(['disk:/a', 'disk:/small']);
  expect(drive.local.shownIn(1).has('small')).toBe(false);
});

test('a flush does not wait for what waits for something refused', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.mkdir('a');
  await drive.write('a/1', 'one');
  await drive.write('a/2', 'two');
  drive.disk.wire.faults.add({
    route: 'resources.put',
    count: 1,
    fault: { kind: 'status', status: 403, body: 'json' },
  });
  drive.run();
  await expect(drive.queue.flush([], someTime())).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/^Could not be sent: a: .*; 2 more wait for that$/),
    path: 'a',
  });
  // Also who asks for those alone hears why.
  await expect(drive.queue.flush(['a/1'], someTime())).rejects.toMatchObject({ path: 'a' });
  drive.queue.retry([]);
  await drive.flush();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/a', 'disk:/a/1', 'disk:/a/2']);
});

test('what is sent and was not seen there yet is counted, and a flush waits for it', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc', 'bytes');
  // The revision is read after the last effect and before the listing that confirms.
  const gate = drive.disk.wire.hold({ route: 'disk.get', stage: 'before' });
  drive.run();
  const flushed = drive.queue.flush([], someTime());
  await gate.arrived();
  expect(drive.queue.report()).toMatchObject({ uploads: 0, operations: 0, unconfirmed: 1 });
  gate.release();
  await flushed;
  expect(drive.queue.report()).toMatchObject({ uploads: 0, operations: 0, unconfirmed: 0 });
});

test('a file that the Disk takes and never shows is trouble of that file alone', async () => {
  const drive = await SendingDrive.start({}, { timing: { lagMs: 20, unseenMs: 20 } });
  await drive.everything();
  const relist = drive.relist.bind(drive);
  drive.relist = async (folderId) => {
    if (drive.disk.model.find('disk:/lost')) drive.disk.model.remove('disk:/lost');
    return relist(folderId);
  };
  await drive.write('lost', 'lost');
  await drive.write('kept', 'kept');
  drive.run();
  await expect(drive.queue.flush([], someTime())).rejects.toMatchObject({
    code: 'unsettled',
    path: 'lost',
    message: 'Could not be sent: lost: The Disk took the file, and does not show it',
  });
  expect([...drive.local.shownIn(1).keys()]).toEqual(['lost']);
  const { unsent, uploads, unconfirmed } = drive.queue.report();
  expect(unsent).toMatchObject([{ path: 'lost', code: 'not-kept' }]);
  expect([uploads, unconfirmed]).toEqual([1, 0]);
  const told = drive.notices.filter((notice) => notice.kind === 'failed' && notice.needsAttention);
  expect(told).toMatchObject([{ path: 'lost' }]);
  // It is tried again after a while, and when somebody says so.
  const { trouble } = [...drive.local.all()][0] ?? {};
  expect(trouble?.retryAtMs).toBeGreaterThan(Date.now() + 5 * 60_000);
  drive.relist = relist;
  expect(drive.queue.retry([])).toBe(1);
  await drive.flush();
  expect(await pathsOn(drive.disk)).toEqual(['disk:/kept', 'disk:/lost']);
});

test('a date that the Disk does not keep is trouble, and no flush waits for it in silence', async () => {
  const drive = await SendingDrive.start({}, { timing: { lagMs: 20, unseenMs: 20 } });
  await drive.everything();
  const relist = drive.relist.bind(drive);
  drive.relist = async (folderId) => {
    if (drive.disk.model.find('disk:/doc')?.properties)
      drive.disk.model.patch('disk:/doc', { rclone_modified: null });
    return relist(folderId);
  };
  await drive.write('doc', 'bytes');
  drive.run();
  await expect(drive.queue.flush([], AbortSignal.timeout(60_000))).rejects.toMatchObject({
    code: 'unsettled',
    message: 'Could not be sent: doc: The Disk does not keep the date',
  });
  expect(drive.queue.report().unsent).toMatchObject([{ path: 'doc', code: 'not-kept' }]);
}, 90_000);

const theirDate = '2001-09-09T01:46:40Z';
test.each([
  ['their date, which a listing has shown', { rclone_modified: theirDate }, true],
  ['no date, where they had set none', undefined, true],
  ['no date, where nobody here has seen theirs', undefined, false],
] as const)('a date of ours does not stay on what others have put there: it gets %s', async (_, theirs, isSeen) => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc', 'ours', { sec: 1_500_000_000, nsec: 0 });
  const gate = drive.disk.wire.hold({ method: 'PATCH', stage: 'before' });
  drive.run();
  await gate.arrived();
  drive.disk.model.remove('disk:/doc');
  drive.disk.model.putFile('disk:/doc', 'theirs', theirs && { properties: theirs });
  if (isSeen) await drive.relist(1);
  gate.release();
  await drive.settle();
  expect(drive.disk.model.read('disk:/doc').toString()).toBe('theirs');
  expect(drive.disk.model.find('disk:/doc')?.properties ?? {}).toEqual(theirs ?? {});
  const copy = (await pathsOn(drive.disk)).find((path) => path.includes('(conflict')) ?? '';
  expect(drive.disk.model.read(copy).toString()).toBe('ours');
});

test('a date is one request, and no look goes before it', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/doc', 'bytes');
  await drive.everything();
  await drive.touch('doc', { sec: 1_500_000_000, nsec: 0 });
  const before = drive.disk.wire.statistics.snapshot().all.count;
  drive.run();
  await drive.settle();
  // The date, and what confirms it: the revision, and one listing.
  expect(drive.disk.wire.statistics.snapshot().all.count - before).toBe(3);
});

test('a file that changes while its bytes are read is no trouble: what it is now goes up', async () => {
  const drive = await SendingDrive.start();
  await drive.everything();
  await drive.write('doc', Buffer.alloc(2 << 20, 1));
  const gate = drive.disk.wire.hold({ route: 'resources.upload-link', stage: 'before' });
  drive.run();
  await gate.arrived();
  await drive.write('doc', Buffer.alloc(1 << 20, 2));
  gate.release();
  await drive.settle();
  expect(drive.disk.model.read('disk:/doc').equals(Buffer.alloc(1 << 20, 2))).toBe(true);
  expect(drive.notices).toEqual([]);
});

test('bytes that were there before, and replace what replaced them, are sent though looks still show them', async () => {
  const drive = await SendingDrive.start({ listingLagMs: 1_500, seenLateMs: 1_500 });
  drive.disk.model.putFile('disk:/doc.txt', 'first');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await drive.write('doc.txt', 'second');
  drive.run();
  await expect
    .poll(() => drive.disk.model.read('disk:/doc.txt').toString(), { timeout: 10_000 })
    .toBe('second');
  await drive.write('doc.txt', 'first');
  await drive.settle();
  expect(drive.disk.model.read('disk:/doc.txt').toString()).toBe('first');
  expect(await pathsOn(drive.disk)).toEqual(['disk:/doc.txt']);
});

test('a file that is shown without its hashes at first is nobody else’s', async () => {
  const drive = await SendingDrive.start({ hashesLateMs: 1_500 });
  drive.run();
  await drive.write('new.txt', 'first');
  await drive.write('other.txt', 'other');
  await drive.settle();
  await drive.write('new.txt', 'again');
  await drive.settle();
  expect(drive.disk.model.read('disk:/new.txt').toString()).toBe('again');
  expect(await pathsOn(drive.disk)).toEqual(['disk:/new.txt', 'disk:/other.txt']);
  expect(drive.notices.filter(({ kind }) => kind === 'conflict')).toEqual([]);
});

test('where no hashes are told at all, what was sent is done after a while, and breeds no conflicts', async () => {
  const drive = await SendingDrive.start({ hashesLateMs: 3_600_000 }, { timing: { unseenMs: 600 } });
  drive.run();
  await drive.write('new.txt', 'first');
  await drive.settle();
  await drive.write('new.txt', 'longer than the first');
  await drive.settle();
  expect(drive.disk.model.read('disk:/new.txt').toString()).toBe('longer than the first');
  expect(await pathsOn(drive.disk)).toEqual(['disk:/new.txt']);
});

test('what others have put in the place of ours in the very same form is nothing to wait for', async () => {
  const drive = await SendingDrive.start({ overwriteKeepsResourceId: false });
  const id = await drive.write('doc', 'same bytes');
  await sent(drive);
  await drive.relist(rootId);
  await drive.touch('doc', { sec: 1_500_000_000, nsec: 0 });
  drive.disk.model.putFile('disk:/doc', 'same bytes');
  // As the tree does it: another resource has another number.
  const relist = drive.relist.bind(drive);
  drive.relist = async (folderId) =>
    new Map([...(await relist(folderId))].map(([name, node]) => [name, { ...node, id: id + 100 }]));
  await drive.settle(8_000);
  expect(drive.disk.model.find('disk:/doc')?.properties).toMatchObject({
    rclone_modified: expect.stringContaining('2017-07-14'),
  });
});
