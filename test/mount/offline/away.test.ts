import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { casesOf } from '../../all-tests.ts';
import type { Fault } from '../../stand-in/wire/rules.ts';
import { type PinnedDisk, pinnedDisk } from './pinned-disk.ts';

const codes = ['EIO', 'ENETUNREACH'];
const codeOf = (task: Promise<unknown>) =>
  task.then(
    () => 'fine',
    (error: NodeJS.ErrnoException) => error.code,
  );

const files = {
  ...Object.fromEntries(Array.from({ length: 60 }, (_, nth) => [`known/${nth}`, `bytes of ${nth}`])),
  ...Object.fromEntries(Array.from({ length: 20 }, (_, nth) => [`unknown ${nth}/x`, 'x'])),
  'known/read': 'was read',
};

/** Looked at, and then without a network until somebody has noticed. */
async function lookedAtAndLost(lose: (disk: PinnedDisk) => void): Promise<PinnedDisk> {
  const disk = await pinnedDisk({ files });
  await readdir(disk.path('known'));
  expect(await readFile(disk.path('known', 'read'), 'utf8')).toBe('was read');
  lose(disk);
  await expect.poll(async () => (await disk.status()).state, { timeout: 20_000 }).toBe('offline');
  // The first who asks may find out by himself.
  expect(codes).toContain(await codeOf(readFile(disk.path('known', '0'))));
  await expect
    .poll(async () => codeOf(readdir(disk.path('unknown 0'))), { timeout: 20_000 })
    .toBe('ENETUNREACH');
  return disk;
}

async function comesBack(disk: PinnedDisk): Promise<void> {
  await expect
    .poll(() => readFile(disk.path('known', '1'), 'utf8').catch(() => ''), { timeout: 20_000 })
    .toBe('bytes of 1');
  expect(await readdir(disk.path('unknown 1'))).toEqual(['x']);
  await expect.poll(async () => (await disk.status()).state, { timeout: 20_000 }).toBe('online');
}

/** Everybody wants something of the Disk: all are told, and it is asked a few times in all. */
async function failsForMany(disk: PinnedDisk): Promise<void> {
  const wanted = [
    ...Array.from({ length: 50 }, (_, nth) => readFile(disk.path('known', `${nth + 5}`))),
    ...Array.from({ length: 19 }, (_, nth) => readdir(disk.path(`unknown ${nth + 1}`))),
  ];
  for (const outcome of await Promise.all(wanted.map(codeOf))) expect(codes).toContain(outcome);
}

/** Needs nobody. */
async function goesOnWithoutIt(disk: PinnedDisk): Promise<void> {
  expect(await readdir(disk.path('known'))).toHaveLength(61);
  expect(await stat(disk.path('known', '17'))).toMatchObject({ size: 'bytes of 17'.length });
  expect(await readFile(disk.path('known', 'read'), 'utf8')).toBe('was read');
  await mkdir(disk.path('made'));
  await writeFile(disk.path('made', 'file'), 'written off line');
  expect(await readFile(disk.path('made', 'file'), 'utf8')).toBe('written off line');
}

/** A network's own page in place of all answers. */
const portals: Record<string, Fault> = {
  'its page in place of everything': { kind: 'status', status: 200, body: 'html' },
  'a redirect to its page': {
    kind: 'status',
    status: 302,
    body: 'empty',
    headers: { location: 'http://portal.example/login' },
  },
  'its page and the status of a login': { kind: 'status', status: 401, body: 'html' },
  'its page and the status of what is not there': { kind: 'status', status: 404, body: 'html' },
};

describe('off line', () => {
  const usually = ['its page and the status of a login'];

  describe.each(casesOf(portals, usually))('a network that shows %s', (_, fault) => {
    it('is no Disk: nothing is empty, gone or logged out, few requests are made, and it is left by itself', async () => {
      const disk = await lookedAtAndLost((one) => {
        one.disk.wire.faults.add({ id: 'portal', fault });
      });
      disk.requests();
      await failsForMany(disk);
      const asked = disk.requests();
      expect(asked.data).toBe(0);
      expect(asked.listings).toBe(0);
      expect(asked.api).toBeLessThan(20);
      await goesOnWithoutIt(disk);
      const status = await disk.run('status', disk.mountpoint);
      expect(status.stdout).toContain('OFFLINE');
      const page = 'Does this network want a login page to be opened in a browser first?';
      expect(status.stdout).toContain(page);
      expect(await disk.run('info')).toMatchObject({ code: 4, stderr: expect.stringContaining(page) });
      expect(disk.mounted().log()).not.toContain('login-needed');
      disk.disk.wire.faults.clear();
      await comesBack(disk);
      await disk.flush();
      expect(disk.served('made/file')).toBe('written off line');
    }, 90_000);
  });

  it('a page with the status of a fault is a fault, which passes: it is told as one, and what was written goes up', async () => {
    const disk = await pinnedDisk({ files });
    disk.disk.wire.faults.add({ role: 'api', fault: { kind: 'status', status: 502, body: 'html' } });
    await writeFile(disk.path('new'), 'written meanwhile');
    await expect.poll(async () => (await disk.status()).state, { timeout: 20_000 }).toBe('offline');
    const told = 'The Disk has a fault of its own, which passes. Try again in some minutes.';
    const status = await disk.run('status', disk.mountpoint);
    expect(status.stdout).toContain(told);
    expect(status.stdout).not.toContain('login page');
    expect(await disk.run('trash', 'list')).toMatchObject({ code: 1, stderr: expect.stringContaining(told) });
    disk.disk.wire.faults.clear();
    await disk.flush();
    expect(disk.served('new')).toBe('written meanwhile');
    expect(await disk.status()).toMatchObject({ state: 'online', outage: null });
  }, 90_000);

  it('a network that swallows everything is found out once, for all', async () => {
    const disk = await lookedAtAndLost((one) => one.goOffLine('black-hole'));
    await goesOnWithoutIt(disk);
    await failsForMany(disk);
    await disk.disk.wire.restore();
    await comesBack(disk);
    await disk.flush();
    expect(disk.served('made/file')).toBe('written off line');
  }, 90_000);

  it('answers that come in drops are no answers', async () => {
    const disk = await lookedAtAndLost((one) => {
      one.disk.wire.faults.add({ fault: { kind: 'slow', bytesPerSecond: 1 } });
    });
    await goesOnWithoutIt(disk);
    await failsForMany(disk);
    disk.disk.wire.faults.clear();
    await comesBack(disk);
  }, 120_000);

  it('bytes that come in drops, from a host whose API is well, fail and do not hang', async () => {
    const disk = await pinnedDisk({ files: { big: 'x'.repeat(3 << 20), known: 'y' } });
    disk.fault({ role: 'storage' }, { kind: 'slow', bytesPerSecond: 20 }, 1_000);
    expect(codes).toContain(await codeOf(readFile(disk.path('big'))));
    expect(await readdir(disk.mountpoint)).toEqual(['big', 'known']);
  }, 60_000);

  it('a mount starts from what is known, and waits for nobody', async () => {
    const disk = await pinnedDisk({ files });
    await readdir(disk.path('known'));
    expect(await readFile(disk.path('known', 'read'), 'utf8')).toBe('was read');
    await writeFile(disk.path('unsent'), 'not sent');
    await disk.mounted().end();
    disk.goOffLine('black-hole');
    await disk.crash('--write-back', '1h');
    // Before it had found out: that takes longer.
    expect(disk.mounted().log()).toContain('No answer in 2 s');
    expect(await readFile(disk.path('unsent'), 'utf8')).toBe('not sent');
    await goesOnWithoutIt(disk);
    await expect.poll(async () => (await disk.status()).state, { timeout: 20_000 }).toBe('offline');
    await failsForMany(disk);
    await disk.disk.wire.restore();
    await comesBack(disk);
    // The file of before the restart was there already.
    await disk.flush();
    expect(disk.served('unsent')).toBe('not sent');
    expect(disk.served('made/file')).toBe('written off line');
  }, 90_000);

  it('a process that is stopped for a while, as by a suspend, goes on where it was', async () => {
    const disk = await pinnedDisk({ files: { ...files, held: 'was held' } });
    await readdir(disk.path('known'));
    const { pid } = disk.mounted().process;
    if (pid === undefined) throw new Error('No process');
    const gate = disk.disk.wire.hold({ role: 'storage', stage: 'before-response' });
    const reading = readFile(disk.path('held'), 'utf8');
    await gate.arrived();
    await writeFile(disk.path('written'), 'before the stop');
    process.kill(pid, 'SIGSTOP');
    // Longer than any deadline of ours.
    await sleep(11_000);
    gate.release();
    await sleep(300);
    process.kill(pid, 'SIGCONT');
    expect(await reading).toBe('was held');
    await disk.flush();
    expect(disk.served('written')).toBe('before the stop');

    process.kill(pid, 'SIGSTOP');
    disk.goOffLine();
    await sleep(2_000);
    await disk.disk.wire.restore();
    process.kill(pid, 'SIGCONT');
    disk.disk.model.putFile('disk:/known/new', 'came meanwhile');
    await expect
      .poll(() => readFile(disk.path('known', 'new'), 'utf8').catch(() => ''), { timeout: 20_000 })
      .toBe('came meanwhile');
  }, 90_000);
});
