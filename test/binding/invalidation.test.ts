import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MountOptions } from '../../src/fuse/binding/options.ts';
import { setDevice } from './fuse-device.ts';
import { isMounted, mendInstalled, ServedProcess } from './served-process.ts';

/** Long enough that nothing is asked again by itself while a test runs. */
const LONG: MountOptions = { entryTimeoutSec: 60, attrTimeoutSec: 60, negativeTimeoutSec: 60 };

describe.each([
  { who: 'root', asUser: false },
  { who: 'an ordinary user', asUser: true },
])('the kernel is told to forget, by $who', ({ asUser }) => {
  let served: ServedProcess;
  let closeDevice: () => void;
  // Root may not look into the mount of somebody else; a user may look into their own.
  const look = (script: string, ...args: string[]): string => {
    const drop = asUser && process.getuid?.() === 0;
    const [program, ...before] = drop
      ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh']
      : ['sh'];
    const { stdout, stderr } = spawnSync(program ?? '', [...before, '-c', script, 'sh', ...args], {
      cwd: '/',
      encoding: 'utf8',
    });
    return `${stdout}${stderr}`.trim();
  };
  const content = (inside: string) => look('cat "$1"', served.path(inside));
  const sizeOf = (inside: string) => look('stat -c %s "$1" 2>/dev/null || echo none', served.path(inside));

  beforeAll(async () => {
    mendInstalled();
    closeDevice = asUser ? await setDevice('open') : () => {};
    served = await ServedProcess.mounted({ asUser }, LONG);
    await served.ask('answerOpens', { keepCache: true });
    await served.ask('addFolder', '/folder');
    await served.ask('addFolder', '/folder/inner');
  });
  afterAll(async () => {
    await served.stop();
    closeDevice();
  });

  test('a changed size shows at once', async () => {
    await served.ask('addFile', '/folder/inner/changed', 'before');
    expect(sizeOf('folder/inner/changed')).toBe('6');
    await served.ask('replaceContent', '/folder/inner/changed', 'after, and longer');
    expect(sizeOf('folder/inner/changed')).toBe('6');
    expect(await served.ask('invalidateInode', '/folder/inner/changed')).toBe(true);
    expect(sizeOf('folder/inner/changed')).toBe('17');
    expect(content('folder/inner/changed')).toBe('after, and longer');
  });

  test('attributes alone: pages stay', async () => {
    await served.ask('addFile', '/folder/pages', 'before');
    content('folder/pages');
    const reads = await served.ask('countOf', 'read');
    const asked = await served.ask('countOf', 'fgetattr');
    expect(await served.ask('invalidateInode', '/folder/pages')).toBe(true);
    expect(content('folder/pages')).toBe('before');
    // It is open by then, and is asked for by its handle.
    expect(await served.ask('countOf', 'fgetattr')).toBeGreaterThan(asked);
    expect(await served.ask('countOf', 'read')).toBe(reads);
  });

  test('a file that was missing shows at once', async () => {
    expect(sizeOf('folder/new')).toBe('none');
    await served.ask('addFile', '/folder/new', 'here');
    expect(sizeOf('folder/new')).toBe('none');
    expect(await served.ask('invalidateEntry', '/folder', 'new')).toBe(true);
    expect(sizeOf('folder/new')).toBe('4');
  });

  test('a file that was removed is gone at once', async () => {
    await served.ask('addFile', '/gone', 'here');
    expect(sizeOf('gone')).toBe('4');
    await served.ask('removeUnseen', '/gone');
    expect(sizeOf('gone')).toBe('4');
    expect(await served.ask('invalidateEntry', '/', 'gone')).toBe(true);
    expect(sizeOf('gone')).toBe('none');
  });

  test('what the kernel does not know costs nothing and asks nobody', async () => {
    await served.ask('addFile', '/folder/unknown', 'x');
    const asked = await served.ask('countOf', 'getattr');
    expect(await served.ask('invalidateInode', '/folder/unknown')).toBe(false);
    expect(await served.ask('invalidateEntry', '/folder/nowhere', 'x')).toBe(false);
    expect(await served.ask('invalidateEntry', '/folder', 'never asked for')).toBe(false);
    expect(await served.ask('countOf', 'getattr')).toBe(asked);
  });

  test('it is found where it was moved to, and not where it was', async () => {
    look('echo one > "$1/a"; mkdir "$1/d"; mv "$1/a" "$1/d/b"', served.path('folder'));
    expect(await served.ask('invalidateInode', '/folder/a')).toBe(false);
    expect(await served.ask('invalidateInode', '/folder/d/b')).toBe(true);
    look('mv "$1/d" "$1/e"', served.path('folder'));
    expect(await served.ask('invalidateInode', '/folder/d/b')).toBe(false);
    expect(await served.ask('invalidateInode', '/folder/e/b')).toBe(true);
    look('rm "$1/e/b"', served.path('folder'));
    expect(await served.ask('invalidateInode', '/folder/e/b')).toBe(false);
  });

  test('beside busy readers, thousands of them come through', async () => {
    await served.ask('addFiles', '/busy', 200);
    const script = 'while :; do stat "$1"/* > /dev/null 2>&1 || exit; done';
    const drop = asUser && process.getuid?.() === 0;
    const user = drop ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : ['env'];
    const readers = Array.from({ length: 4 }, () =>
      spawn(user[0] ?? '', [...user.slice(1), 'sh', '-c', script, 'sh', served.path('busy')], { cwd: '/' }),
    );
    await sleep(200);
    const results = await Promise.all(
      Array.from({ length: 3_000 }, (_, index) =>
        index % 2 === 0
          ? served.ask('invalidateInode', `/busy/file ${index % 200}`)
          : served.ask('invalidateEntry', '/busy', `file ${index % 200}`),
      ),
    );
    expect(results.filter((wasKnown) => wasKnown).length).toBeGreaterThan(0);
    for (const reader of readers) {
      reader.kill('SIGKILL');
      await once(reader, 'close');
    }
  });
});

describe('pages', () => {
  // Only on a read-only mount does the kernel not ask for attributes again after a read, for the sake of atime.
  test('that were kept are dropped, all or from a place on', async () => {
    mendInstalled();
    const served = await ServedProcess.mounted({}, { ...LONG, readOnly: true });
    const text = (letter: string) => letter.repeat(3 * 4096);
    const seen = () => {
      const bytes = readFileSync(served.path('file'), 'utf8');
      return [bytes[0], bytes[4096], bytes[8192]].join('');
    };
    await served.ask('answerOpens', { keepCache: true });
    await served.ask('addFile', '/file', text('a'));
    expect(seen()).toBe('aaa');
    await served.ask('replaceContent', '/file', text('b'));
    expect(seen()).toBe('aaa');
    expect(await served.ask('invalidateInode', '/file', 4096, 4096)).toBe(true);
    expect(seen()).toBe('aba');
    expect(await served.ask('invalidateInode', '/file', 0)).toBe(true);
    expect(seen()).toBe('bbb');
    expect(await served.stop()).toBe(0);
  });
});

describe('what the kernel knows', () => {
  test('is forgotten with it', async () => {
    mendInstalled();
    const served = await ServedProcess.mounted({}, LONG);
    await served.ask('addFiles', '', 500);
    for (let index = 0; index < 500; index++) statSync(served.path(`file ${index}`));
    writeFileSync(served.path('made'), '');
    renameSync(served.path('made'), served.path('file 7'));
    expect(await served.ask('knownNodeCount')).toBeGreaterThanOrEqual(500);
    for (let index = 0; index < 500; index++) await served.ask('invalidateEntry', '/', `file ${index}`);
    // The kernel gives references back soon, but not at once.
    for (let wait = 0; wait < 100 && (await served.ask('knownNodeCount')) !== 0; wait++) await sleep(20);
    expect(await served.ask('knownNodeCount')).toBe(0);
    expect(await served.stop()).toBe(0);
  });
});

describe('an invalidation that has to wait in the kernel', () => {
  /** The reader's page is locked until the read is answered, and the invalidation waits for the page. */
  async function stuck(): Promise<{ served: ServedProcess; readerEnd: Promise<unknown> }> {
    mendInstalled();
    const served = await ServedProcess.mounted({}, LONG);
    await served.ask('addFile', '/file', 'content');
    statSync(served.path('file'));
    await served.ask('hold', 'read');
    const reader = spawn('cat', [served.path('file')], { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' });
    const readerEnd = once(reader, 'close');
    while ((await served.ask('countOf', 'read')) === 0) await sleep(10);
    return { served, readerEnd };
  }

  test('does not hold up others, and drain waits for it', async () => {
    const { served, readerEnd } = await stuck();
    const order: string[] = [];
    const waiting = served.ask('invalidateInode', '/file', 0).then(() => order.push('invalidated'));
    await sleep(50);
    const draining = served.ask('drain').then(() => order.push('drained'));
    // Node's own thread pool and main thread are free.
    await served.ask('addFile', '/other', 'x');
    expect(readFileSync('/proc/self/comm', 'utf8')).not.toBe('');
    expect(statSync(served.path('other')).size).toBe(1);
    await sleep(100);
    expect(order).toEqual([]);
    await served.ask('release', 'read');
    await Promise.all([waiting, draining]);
    expect(order).toEqual(['invalidated', 'drained']);
    await readerEnd;
    expect(await served.stop()).toBe(0);
  });

  test('unmount drains it first', async () => {
    const { served, readerEnd } = await stuck();
    const waiting = served.ask('invalidateInode', '/file', 0);
    const unmounting = served.ask('unmount', true);
    await sleep(100);
    expect(await isMounted(served.folder)).toBe(true);
    await served.ask('release', 'read');
    expect(await waiting).toBe(true);
    await readerEnd;
    await unmounting;
    expect(await isMounted(served.folder)).toBe(false);
    expect(await served.stop()).toBe(0);
  });

  test('of attributes alone, none has to', async () => {
    const { served, readerEnd } = await stuck();
    expect(await served.ask('invalidateInode', '/file')).toBe(true);
    await served.ask('release', 'read');
    await readerEnd;
    expect(await served.stop()).toBe(0);
  });

  test('does not keep the process from exiting without unmount', async () => {
    const { served, readerEnd } = await stuck();
    await served.ask('invalidateMany', '/file', 100);
    await sleep(100);
    const exited = once(served.child, 'exit');
    served.ask('exit').catch(() => {});
    expect(await exited).toEqual([0, null]);
    await readerEnd;
    await served.stop();
    expect(await isMounted(served.folder)).toBe(false);
  });

  test('in a folder does not keep the process from being killed', async () => {
    mendInstalled();
    const served = await ServedProcess.mounted({}, LONG);
    await served.ask('addFolder', '/folder');
    await served.ask('hold', 'mkdir');
    const maker = spawn('mkdir', [served.path('folder/new')], { cwd: '/', stdio: 'ignore' });
    const makerEnd = once(maker, 'close');
    while ((await served.ask('countOf', 'mkdir')) === 0) await sleep(10);
    served.ask('invalidateEntry', '/folder', 'other').catch(() => {});
    await sleep(100);
    const exited = once(served.child, 'exit');
    served.child.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(await makerEnd).toEqual([1, null]);
    await served.stop();
  });
});
