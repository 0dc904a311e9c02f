import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startStandIn } from '../stand-in/index.ts';
import { serverSide, shownByPath, shownByWalk, untilEqual } from './mirror.ts';
import { isMounted, output, privateEnvironment, startMount, yadiskfs } from './mounted-disk.ts';
import { type StandingDisk, standingDisk } from './standing-disk.ts';

const patienceMs = 60_000;
let standing: StandingDisk;

afterEach(() => standing.close());

async function timed<T>(task: Promise<T>) {
  const startedAtMs = performance.now();
  const result = await task.catch((error: NodeJS.ErrnoException) => error.code);
  return { result, ms: performance.now() - startedAtMs };
}

describe.each([
  ['refuses connections', 'reset'],
  ['has nobody who listens', 'refuse'],
  ['swallows everything', 'black-hole'],
] as const)('mounting off line, when the network %s', (_, fresh) => {
  it('shows what was listed, reads what was read, fails soon for the rest, and goes on when the network is back', async () => {
    standing = await standingDisk({
      fill: ({ model }) => {
        model.putFile('disk:/known/read.txt', 'was read');
        model.putFile('disk:/known/film', { synthetic: { sizeBytes: 2 << 20, seed: 'film' } });
        model.putFile('disk:/known/not read.txt', 'was not read');
        model.putFile('disk:/unknown/file', 'x');
      },
    });
    const { wire, model } = standing.disk;
    const first = await standing.mount('--poll-interval', '400ms');
    const names = await readdir(standing.mountpoint);
    const known = await readdir(standing.path('known'));
    const numbers = await Promise.all(
      known.map(async (name) => (await stat(standing.path('known', name))).ino),
    );
    expect(await readFile(standing.path('known', 'read.txt'), 'utf8')).toBe('was read');
    const film = await readFile(standing.path('known', 'film'));
    expect(await first.end()).toBe(0);

    wire.cut({ fresh });
    const second = await standing.mount('--poll-interval', '400ms');
    expect(await readdir(standing.mountpoint)).toEqual(names);
    expect(await readdir(standing.path('known'))).toEqual(known);
    for (const [index, name] of known.entries())
      expect((await stat(standing.path('known', name))).ino).toBe(numbers[index]);
    expect(await readFile(standing.path('known', 'read.txt'), 'utf8')).toBe('was read');
    expect((await readFile(standing.path('known', 'film'))).equals(film)).toBe(true);
    const [file, folder, missing] = await Promise.all([
      timed(readFile(standing.path('known', 'not read.txt'))),
      timed(readdir(standing.path('unknown'))),
      timed(stat(standing.path('known', 'nothing'))),
    ]);
    expect(['EIO', 'ENETUNREACH']).toContain(file.result);
    expect(['EIO', 'ENETUNREACH']).toContain(folder.result);
    expect(missing.result).toBe('ENOENT');
    // Ten seconds, and a machine that others use too.
    expect(Math.max(file.ms, folder.ms, missing.ms)).toBeLessThan(20_000);

    model.putFile('disk:/known/new.txt', 'made meanwhile');
    model.remove('disk:/known/read.txt');
    await wire.restore();
    await untilEqual(
      model,
      () => shownByPath(standing.mountpoint, [...serverSide(model).keys(), '/known/read.txt']),
      patienceMs,
    );
    await untilEqual(model, () => shownByWalk(standing.mountpoint), patienceMs);
    expect(await second.end()).toBe(0);
  }, 120_000);
});

describe('one state', () => {
  it('serves one mount: a second one is refused, and told which process has it', async () => {
    standing = await standingDisk({ fill: ({ model }) => model.putFile('disk:/file', 'x') });
    const first = await standing.mount();
    const other = join(standing.folder, 'other');
    await mkdir(other);
    const refused = await yadiskfs(standing.environment, 'mount', other, '--read-only');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`process ${first.process.pid}`);
    expect(await isMounted(other)).toBe(false);
    expect(await readdir(standing.mountpoint)).toEqual(['file']);
    expect(await first.end()).toBe(0);
    const second = await startMount(other, standing.environment);
    expect(await readdir(other)).toEqual(['file']);
    expect(await second.end()).toBe(0);
  });

  it('belongs to one person: another one gets his own, and sees nothing of the first', async () => {
    standing = await standingDisk({
      fill: ({ model }) => model.putFile('disk:/private/letter', 'of the first'),
    });
    const first = await standing.mount();
    expect(await readFile(standing.path('private', 'letter'), 'utf8')).toBe('of the first');
    expect(await first.end()).toBe(0);
    const mine = await standing.stateFolders();
    expect(mine.length).toBe(1);

    const another = await startStandIn({
      settings: { uid: '200000002', login: 'another' },
      token: 'token-of-another',
    });
    another.model.putFile('disk:/theirs', 'of the second');
    // At the same server too, as far as anybody can tell: only the token is another.
    const environment = { ...privateEnvironment(standing.folder, another) };
    try {
      const second = await startMount(standing.mountpoint, environment);
      expect(await readdir(standing.mountpoint)).toEqual(['theirs']);
      await expect(stat(standing.path('private', 'letter'))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await second.end()).toBe(0);
      expect((await standing.stateFolders()).length).toBe(2);
      // Off line neither is shown what the other knows.
      another.wire.cut();
      standing.disk.wire.cut();
      const third = await startMount(standing.mountpoint, environment);
      expect(await readdir(standing.mountpoint)).toEqual(['theirs']);
      expect(await third.end()).toBe(0);
      const fourth = await standing.mount();
      expect(await readdir(standing.mountpoint)).toEqual(['private']);
      expect(await readFile(standing.path('private', 'letter'), 'utf8')).toBe('of the first');
      expect(await fourth.end()).toBe(0);
      const stranger = await yadiskfs(
        { ...environment, YADISKFS_TOKEN: 'nobody-known' },
        'mount',
        standing.mountpoint,
        '--read-only',
      );
      expect(stranger.code).toBe(4);
    } finally {
      await another.wire.restore();
      if (await isMounted(standing.mountpoint)) await output('fusermount3', '-uz', standing.mountpoint);
      await another.close();
    }
  }, 120_000);
});

describe('st_ino', () => {
  it('stays over changes, renames, moves and remounts, and no two files share one', async () => {
    standing = await standingDisk({
      fill: ({ model }) => {
        for (let file = 0; file < 20; file++) model.putFile(`disk:/here/${file}`, `file ${file}`);
        model.putFile('disk:/there/other', 'other');
        model.putFile('disk:/folder/inside', 'inside');
      },
    });
    const { model } = standing.disk;
    const number = async (path: string) => (await stat(standing.path(path))).ino;
    const all = async () => Promise.all([...serverSide(model).keys()].map(number));
    const first = await standing.mount('--poll-interval', '400ms');
    await shownByWalk(standing.mountpoint);
    const listed = new Set(await all());
    expect(listed.size).toBe(serverSide(model).size);
    const numbers = new Map<string, number>();
    const moves = [
      ['here/1', 'here/renamed'],
      ['here/2', 'there/2'],
      ['here/3', 'there/moved and renamed'],
      ['folder', 'there/folder'],
    ] as const;
    for (const [from, to] of moves) numbers.set(to, await number(from));
    numbers.set('there/folder/inside', await number('folder/inside'));
    numbers.set('here/4', await number('here/4'));
    for (const [from, to] of moves) model.move(`disk:/${from}`, `disk:/${to}`);
    model.putFile('disk:/here/4', 'changed');
    model.putFile('disk:/here/1', 'a new one under an old name');
    model.putFile('disk:/folder/inside', 'so is this');
    const same = async () => {
      for (const [path, ino] of numbers) expect(`${path} ${await number(path)}`).toBe(`${path} ${ino}`);
      expect(new Set(await all()).size).toBe(serverSide(model).size);
      expect(numbers.get('here/renamed')).not.toBe(await number('here/1'));
    };
    await untilEqual(model, () => shownByWalk(standing.mountpoint), patienceMs);
    await same();
    // As readdir tells it, too.
    const listing = (await output('ls', '-i1', standing.path('there'))).trim().split('\n');
    expect(listing.map((line) => line.trim())).toContain(`${numbers.get('there/2')} 2`);
    expect(await first.end()).toBe(0);
    const second = await standing.mount('--poll-interval', '400ms');
    await same();
    // While nothing is mounted, too.
    expect(await second.end()).toBe(0);
    for (const [path, to] of [
      ['there/2', 'here/2 is back'],
      ['there/folder', 'at the top'],
    ] as const) {
      model.move(`disk:/${path}`, `disk:/${to}`);
      numbers.set(to, numbers.get(path) ?? 0);
      numbers.delete(path);
    }
    numbers.set('at the top/inside', numbers.get('there/folder/inside') ?? 0);
    numbers.delete('there/folder/inside');
    const third = await standing.mount('--poll-interval', '400ms');
    await untilEqual(model, () => shownByWalk(standing.mountpoint), patienceMs);
    await same();
    expect(await third.end()).toBe(0);
  }, 90_000);
});

describe('a folder of 10,000 entries', () => {
  it('is shown in full by `ls -l`, the first time, the second, and after a remount', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `entry-${String(index).padStart(5, '0')}`);
    standing = await standingDisk({
      fill: ({ model }) => {
        for (const name of names) model.putFile(`disk:/big/${name}`, name.slice(6));
      },
    });
    const listed = async () => {
      const lines = (await output('ls', '-l', standing.path('big'))).trim().split('\n').slice(1);
      return lines.map((line) => line.split(/\s+/)).map((words) => `${words[4]} ${words.at(-1)}`);
    };
    const wanted = names.map((name) => `5 ${name}`);
    const first = await standing.mount();
    expect(await listed()).toEqual(wanted);
    expect(await listed()).toEqual(wanted);
    expect(await first.end()).toBe(0);
    standing.requests();
    const second = await standing.mount();
    expect(await listed()).toEqual(wanted);
    // One look at whether the revision can be believed may be under way: eleven pages.
    expect(standing.requests().listings).toBeLessThanOrEqual(12);
    expect(await second.end()).toBe(0);
  }, 120_000);
});
