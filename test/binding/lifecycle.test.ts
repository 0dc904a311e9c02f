import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findFusermount } from '../../src/fuse/binding/fusermount.ts';
import { readMountTable, topAt } from '../../src/fuse/binding/mount-table.ts';
import { mayChangeDevice, setDevice } from './fuse-device.ts';
import { isMounted, mendInstalled, ServedProcess } from './served-process.ts';

/** Every system has it mounted, but not every test machine. */
const CONTROL_FOLDER = '/sys/fs/fuse/connections';

beforeAll(mendInstalled);

const running: ServedProcess[] = [];
async function started(...args: Parameters<typeof ServedProcess.start>): Promise<ServedProcess> {
  const served = await ServedProcess.start(...args);
  running.push(served);
  return served;
}
async function mounted(
  ...[setting, options = {}]: Parameters<typeof ServedProcess.mounted>
): Promise<ServedProcess> {
  const served = await started(setting);
  await served.ask('mount', served.folder, options);
  return served;
}
afterEach(async () => {
  for (const served of running.splice(0)) await served.stop();
});

describe.each([
  { kind: 'mended', unmended: false },
  { kind: 'published', unmended: true },
])('the end of a mount on the $kind binding', ({ unmended }) => {
  test('by unmount: told, and the process ends by itself', async () => {
    const served = await mounted({ unmended });
    const exited = once(served.child, 'exit');
    await served.ask('unmount', true);
    expect(await served.ended).toBe('unmounted');
    expect(await isMounted(served.folder)).toBe(false);
    served.child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  test('from outside: told, and the process ends by itself', async () => {
    const served = await mounted({ unmended });
    const exited = once(served.child, 'exit');
    expect(spawnSync('fusermount3', ['-u', served.folder]).status).toBe(0);
    expect(await served.ended).toBe('taken-away');
    served.child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  test('with a file open: refused if so wanted, else detached', async () => {
    const served = await mounted({ unmended });
    await served.ask('addFile', '/file', 'content');
    const handle = openSync(served.path('file'), 'r');
    await expect(served.ask('unmount', false)).rejects.toMatchObject({ code: 'busy' });
    expect(readFileSync(served.path('file'), 'utf8')).toBe('content');
    await served.ask('unmount', true);
    expect(await served.ended).toBe('unmounted');
    expect(await isMounted(served.folder)).toBe(false);
    closeSync(handle);
  });

  test('detached from outside with a file open: told all the same', async () => {
    const served = await mounted({ unmended });
    await served.ask('addFile', '/file', 'content');
    const handle = openSync(served.path('file'), 'r');
    expect(spawnSync('fusermount3', ['-uz', served.folder]).status).toBe(0);
    expect(await served.ended).toBe('taken-away');
    // Who served it may be gone already.
    expect(() => closeSync(handle)).not.toThrow(/EBADF/);
  });

  test('with sixteen busy readers: no hang, nothing left', async () => {
    const served = await mounted({ unmended });
    await served.ask('addFile', '/file', 'x'.repeat(1 << 20));
    const script = 'while cat "$1"/file; do stat "$1" || exit; done > /dev/null 2>&1';
    const readers = Array.from({ length: 16 }, () =>
      spawn('sh', ['-c', script, 'sh', served.folder], { cwd: '/', stdio: 'ignore' }),
    );
    const readersEnd = Promise.all(readers.map((reader) => once(reader, 'exit')));
    await sleep(500);
    const exited = once(served.child, 'exit');
    const startMs = performance.now();
    served.child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    await readersEnd;
    expect(await isMounted(served.folder)).toBe(false);
  });

  test('by exit with requests that were never answered', async () => {
    const served = await mounted({ unmended });
    await served.ask('addFile', '/file', 'content');
    await served.ask('hold', 'read');
    const reader = spawn('cat', [served.path('file')], { cwd: '/', stdio: 'ignore' });
    const readerEnd = once(reader, 'exit');
    while ((await served.ask('countOf', 'read')) === 0) await sleep(10);
    const exited = once(served.child, 'exit');
    served.ask('exit').catch(() => {});
    expect(await exited).toEqual([0, null]);
    expect(await readerEnd).toEqual([1, null]);
  });
});

describe('on the mended binding', () => {
  test('a connection that is cut is told, and the dead mount taken away', async () => {
    if (!(await isMounted(CONTROL_FOLDER))) {
      spawnSync('mount', ['-t', 'fusectl', 'none', CONTROL_FOLDER]);
      onTestFinished(() => void spawnSync('umount', [CONTROL_FOLDER]));
    }
    const served = await mounted({});
    const entry = topAt(await readMountTable(), served.folder);
    writeFileSync(`${CONTROL_FOLDER}/${entry?.device.split(':')[1]}/abort`, '1');
    expect(await served.ended).toBe('cut-off');
    expect(await isMounted(served.folder)).toBe(false);
  });

  test('programs that it starts do not hold the mount', async () => {
    const served = await mounted({});
    const files = readdirSync(`/proc/${served.child.pid}/fd`);
    const devices = files.filter((fd) => {
      const text = readFileSync(`/proc/${served.child.pid}/fdinfo/${fd}`, 'utf8');
      return targetOf(served, fd) === '/dev/fuse' && (flagsOf(text) & CLOSE_ON_EXEC) === 0;
    });
    expect(files.length).toBeGreaterThan(0);
    expect(devices).toEqual([]);
  });

  test('an ordinary user mounts and unmounts', async () => {
    onTestFinished(await setDevice('open'));
    const served = await mounted({ asUser: true });
    expect((await readMountTable()).some(({ mountpoint }) => mountpoint === served.folder)).toBe(true);
    await served.ask('unmount', true);
    expect(await served.ended).toBe('unmounted');
  });

  test('one process may mount again after an end', async () => {
    const served = await mounted({});
    await served.ask('unmount', true);
    await served.ask('addFile', '/second', 'content');
    await served.ask('mount', served.folder, {});
    expect(readFileSync(served.path('second'), 'utf8')).toBe('content');
  });
});

const CLOSE_ON_EXEC = 0o2000000;

function flagsOf(fdinfo: string): number {
  return Number.parseInt(/^flags:\s*(\d+)/m.exec(fdinfo)?.[1] ?? '0', 8);
}

function targetOf(served: ServedProcess, fd: string): string {
  return spawnSync('readlink', [`/proc/${served.child.pid}/fd/${fd}`], { encoding: 'utf8' }).stdout.trim();
}

describe('a mount that fails', () => {
  /** Nothing is mounted, and the process is as good as before: it can mount, and it can end. */
  async function expectIntact(served: ServedProcess): Promise<void> {
    expect(await isMounted(served.folder)).toBe(false);
    await served.ask('mount', served.folder, {});
    expect(await served.stop()).toBe(0);
  }

  test.each([
    { kind: 'mended', unmended: false, words: /unknown option/ },
    { kind: 'published', unmended: true, words: /cannot mount/ },
  ])('for an option that libfuse does not know, on the $kind binding', async ({ unmended, words }) => {
    const served = await started({ unmended });
    const failing = served.ask('mountWithText', served.folder, '-ono_such_option');
    await expect(failing).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(words) });
    if (!unmended) expect(served.words.join('')).not.toMatch(/unknown option/);
    await expectIntact(served);
  });

  test('for something that fusermount does not allow, in its words', async () => {
    onTestFinished(await setDevice('open'));
    const served = await started({ asUser: true });
    const failing = served.ask('mountWithText', served.folder, '-ofd=7,dev,suid,blkdev');
    await expect(failing).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/fusermount/),
    });
    await expectIntact(served);
  });

  test('for options that are too long, or cannot be', async () => {
    const served = await started();
    const failing = served.ask('mount', served.folder, { sourceName: 'x'.repeat(2_000) });
    await expect(failing).rejects.toMatchObject({ code: 'invalid-option' });
    const wrong = served.ask('mount', served.folder, { uid: -1 });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-option' });
    await expectIntact(served);
  });

  test('for a mountpoint that is missing, no folder, or too long', async () => {
    const served = await started();
    const missing = served.ask('mount', served.path('missing'), {});
    await expect(missing).rejects.toMatchObject({ code: 'bad-mountpoint' });
    writeFileSync(served.path('file'), '');
    const noFolder = served.ask('mount', served.path('file'), {});
    await expect(noFolder).rejects.toMatchObject({ code: 'bad-mountpoint' });
    const long = join(served.folder, ...Array.from({ length: 9 }, () => 'x'.repeat(120)));
    mkdirSync(long, { recursive: true });
    await expect(served.ask('mount', long, {})).rejects.toMatchObject({ code: 'bad-mountpoint' });
    for (const name of readdirSync(served.folder)) rmSync(served.path(name), { recursive: true });
    await expectIntact(served);
  });

  test('for a dead mount in the way', async () => {
    const dead = await mounted({});
    const exited = once(dead.child, 'exit');
    dead.child.kill('SIGKILL');
    await exited;
    const served = await started();
    const failing = served.ask('mount', dead.folder, {});
    await expect(failing).rejects.toMatchObject({ code: 'dead-mount' });
    await expectIntact(served);
  });

  test.runIf(mayChangeDevice)('for a user whom /dev/fuse is closed to', async () => {
    onTestFinished(await setDevice('closed'));
    const served = await started({ asUser: true });
    const failing = served.ask('mount', served.folder, {});
    await expect(failing).rejects.toMatchObject({ code: 'no-device' });
    expect(await isMounted(served.folder)).toBe(false);
  });

  test('for the lack of fusermount', async () => {
    await expect(findFusermount(['fusermount3', 'fusermount'], ['/nowhere'])).rejects.toMatchObject({
      code: 'no-fusermount',
    });
    expect(await findFusermount(['no such program', 'sh'], ['/nowhere', '/bin'])).toBe('/bin/sh');
  });
});
