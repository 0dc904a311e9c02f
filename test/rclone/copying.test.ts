import { randomBytes } from 'node:crypto';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnclosedDisk } from './enclosed-disk.ts';
import { run } from './programs.ts';
import { Rclone } from './rclone.ts';
import { diskView, localView, rcloneView } from './views.ts';

const smallFiles = 300;
const bigBytes = 20_000_000;

describe('rclone, there and back', () => {
  let disk: EnclosedDisk;
  let rclone: Rclone;
  let source: string;

  beforeAll(async () => {
    disk = await EnclosedDisk.open({ settings: { operationMs: 50, finalAfterMs: 0 } });
    rclone = await Rclone.on(disk);
    source = join(disk.folder, 'source');
    await fill(source);
  });
  afterAll(() => disk.close());

  /** The local folder, the Disk and what rclone sees on it, all the same. */
  async function expectAllEqual(): Promise<void> {
    const local = await localView(source);
    expect(await diskView(disk.control, 'disk:/target')).toEqual(local);
    expect(await rcloneView(rclone, 'disk:target')).toEqual(local);
  }

  // Five requests for each file, and never two of them within 10 ms: a quarter of a minute on an idle machine.
  it('copies a tree up: nested, Cyrillic, empty, many and large files, with their dates', async () => {
    await rclone.run('copy', '--create-empty-src-dirs', source, 'disk:target');
    await expectAllEqual();
    expect(Object.keys(await localView(source)).length).toBeGreaterThan(smallFiles + 10);
  }, 120_000);

  it('knows the room there is', async () => {
    const { usedBytes } = await disk.control.tree();
    const about = JSON.parse(await rclone.run('about', '--json', 'disk:')) as unknown;
    const total = 45_097_156_608;
    expect(about).toEqual({ total, used: usedBytes, free: total - usedBytes });
    expect(usedBytes).toBeGreaterThan(bigBytes);
  });

  it('lists all names by lsf, and dates to the nanosecond by lsl', async () => {
    const listed = (await rclone.run('lsf', '-R', 'disk:target')).trimEnd().split('\n');
    const local = Object.entries(await localView(source));
    expect(listed.sort()).toEqual(
      local.map(([path, seen]) => (seen === 'folder' ? `${path}/` : path)).sort(),
    );
    expect(await rclone.run('lsl', 'disk:target/dated')).toMatch(/ 2 2001-02-03 04:05:06\.123456789 dated/);
  });

  it('copies nothing that is there already', async () => {
    await disk.control.post('statistics/reset');
    await rclone.run('copy', source, 'disk:target');
    const { routes } = (await disk.control.get('statistics')) as { routes: Record<string, unknown> };
    expect(Object.keys(routes)).toEqual(['resources.get']);
  });

  it('finds both sides equal by check, also byte by byte', async () => {
    const [there, back] = [await checked(source, 'disk:target'), await checked('disk:target', source)];
    const files = Object.values(await localView(source)).filter((seen) => seen !== 'folder').length;
    expect(there).toEqual({ code: 0, differences: 0, matching: files });
    expect(back).toEqual(there);
    const folder = join(source, 'Документы');
    expect(await checked('--download', folder, 'disk:target/Документы')).toEqual({
      code: 0,
      differences: 0,
      matching: 3,
    });
    expect(await checked('--download', join(source, 'large'), 'disk:target/large')).toMatchObject({
      code: 0,
    });
  });

  it('sees what another client changed', async () => {
    const path = 'disk:/target/Документы/Письмо.txt';
    const before = (await disk.control.read(path)).toString();
    await disk.control.post('put', { path, text: before.replace('Здравствуй', 'До свидания') });
    expect(await checked(source, 'disk:target')).toMatchObject({ code: 1, differences: 1 });
    await rclone.run('copy', source, 'disk:target');
    await expectAllEqual();
  });

  it('sets a date without sending the file again', async () => {
    await utimes(join(source, 'large', 'big.bin'), new Date(), new Date('1999-12-31T23:59:59.5Z'));
    await disk.control.post('statistics/reset');
    await rclone.run('sync', source, 'disk:target');
    const { routes } = (await disk.control.get('statistics')) as { routes: Record<string, unknown> };
    expect(Object.keys(routes).sort()).toEqual(['resources.get', 'resources.patch']);
    await expectAllEqual();
  });

  it('copies all of it down again, dates included', async () => {
    const down = join(disk.folder, 'down');
    await rclone.run('copy', '--create-empty-src-dirs', 'disk:target', down, '--exclude', 'many/**');
    const wanted = Object.entries(await localView(source)).filter(([path]) => !path.startsWith('many'));
    expect(await localView(down)).toEqual(Object.fromEntries(wanted));
    await rm(down, { recursive: true });
  });

  it('prints files whole and in parts', async () => {
    expect(await rclone.run('cat', 'disk:target/Документы/Письмо.txt')).toBe('Здравствуй, Диск!\n');
    expect(await rclone.run('cat', '--offset', '3', '--count', '4', 'disk:target/many/12')).toBe('tent');
    expect(await rclone.run('cat', '--tail', '3', 'disk:target/many/12')).toBe(' 12');
    expect(await rclone.run('cat', 'disk:target/empty')).toBe('');
  });

  it('stores what comes through a pipe', async () => {
    for (const size of [11, 300_000]) {
      const bytes = randomBytes(size);
      const { code, stderr } = await rclone.attempt(['rcat', `disk:piped/${size}`], { input: bytes });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect((await disk.control.read(`disk:/piped/${size}`)).equals(bytes)).toBe(true);
    }
  });

  async function checked(...args: readonly string[]) {
    const { code, stderr } = await rclone.attempt(['check', ...args]);
    const [, differences] = /(\d+) differences found/.exec(stderr) ?? [];
    const [, matching] = /(\d+) matching files/.exec(stderr) ?? [];
    return { code, differences: Number(differences), matching: Number(matching) };
  }
});

async function fill(folder: string): Promise<void> {
  const files: Record<string, string | Buffer> = {
    empty: '',
    dated: 'd\n',
    'Документы/Письмо.txt': 'Здравствуй, Диск!\n',
    'Документы/ещё глубже/ёлка 🎄.md': '# Ёлка\n',
    'Документы/a+b & c=d %20 #1?.txt': 'signs of addresses',
    'deep/1/2/3/4/5/6/bottom': 'bottom',
    'trailing dot.': '.',
    'quotes " and \' and \\ and : and *': 'signs of shells',
    'large/big.bin': randomBytes(bigBytes),
  };
  for (let index = 0; index < smallFiles; index++) files[`many/${index}`] = `content ${index}`;
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await mkdir(join(folder, 'Пустая папка'));
  const { code } = await run(['touch', '-d', '2001-02-03T04:05:06.123456789Z', join(folder, 'dated')]);
  expect(code).toBe(0);
}
