import { open, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casesOf } from '../all-tests.ts';
import { blockFiles } from '../content/stored-blocks.ts';
import { shownByWalk, untilEqual } from './mirror.ts';
import { type StandingDisk, standingDisk } from './standing-disk.ts';

const patienceMs = 60_000;
const pageBytes = 4096;

let standing: StandingDisk;

// One Disk and one state for all tests: what one of them leaves behind is what the next one starts from.
beforeAll(async () => {
  standing = await standingDisk({
    fill: ({ model }) => {
      for (let folder = 0; folder < 8; folder++) {
        for (let file = 0; file < 16; file++)
          model.putFile(`disk:/folder ${folder}/file ${file}`, `${folder}/${file} `.repeat(50));
      }
      for (const seed of ['one', 'two'])
        model.putFile(`disk:/films/${seed}`, { synthetic: { sizeBytes: 3 << 20, seed } });
    },
  });
  const first = await mount();
  await untilRight();
  expect(await first.end()).toBe(0);
}, patienceMs);
afterAll(() => standing.close());

const mount = () => standing.mount('--poll-interval', '400ms');
const untilRight = () => untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), patienceMs);

async function treeFile(): Promise<string> {
  const [folder = ''] = await standing.stateFolders();
  return join(folder, 'tree.db');
}

async function cacheFolder(): Promise<string> {
  const [name = ''] = await readdir(standing.cacheFolder);
  return join(standing.cacheFolder, name);
}

/** Turns a bit over every so many bytes. */
async function spoil(file: string, startBytes: number, stepBytes: number): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  for (let offset = startBytes; offset < size; offset += stepBytes) {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, offset);
    await handle.write(Buffer.of((buffer[0] ?? 0) ^ 0x10), 0, 1, offset);
  }
  await handle.close();
}

async function asideFiles(): Promise<string[]> {
  const [folder = ''] = await standing.stateFolders();
  return (await readdir(folder)).filter((name) => /^tree\.db\.damaged-[^/]*Z(-\d+)?$/.test(name));
}

const damages: Record<string, (file: string) => Promise<void>> = {
  'a bit turned over in every page': (file) => spoil(file, 3000, pageBytes),
  'a bit turned over every 97 bytes, the head too': (file) => spoil(file, 5, 97),
  'bits turned over in the last third': async (file) =>
    spoil(file, Math.floor((await stat(file)).size * 0.66), 500),
  'half of the file gone': async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  'something else in its place': (file) => writeFile(file, 'not a database at all\n'.repeat(500)),
  'the database of another program': (file) => spoil(file, 68, 1 << 30),
};

describe('a store of the tree that is damaged between two mounts', () => {
  it.each(
    casesOf(damages, [
      'a bit turned over in every page',
      'half of the file gone',
      'something else in its place',
    ]),
  )(
    '%s: the Disk is shown as it is, the damaged store is kept, and the log says so',
    async (what, damage) => {
      const asideBefore = await asideFiles();
      await damage(await treeFile());
      standing.disk.model.putFile(`disk:/folder 3/new after ${what}`, 'new');
      const second = await mount();
      await untilRight();
      const aside = await asideFiles();
      expect(aside).toEqual(expect.arrayContaining(asideBefore));
      expect(aside.length).toBeGreaterThan(asideBefore.length);
      expect(second.log()).toContain('what was known of the Disk was damaged');
      for (const name of aside.slice(asideBefore.length)) expect(second.log()).toContain(name);
      expect(await second.end()).toBe(0);

      // And what was made anew is whole.
      const third = await mount();
      await untilRight();
      expect(await asideFiles()).toEqual(aside);
      expect(third.log()).not.toContain('damaged');
      expect(await third.end()).toBe(0);
    },
    90_000,
  );
});

const damagesInUse: Record<string, (file: string) => Promise<void>> = {
  'a bit turned over in every page': (file) => spoil(file, 3000, pageBytes),
  'cut off': (file) => truncate(file, pageBytes),
};

describe('a store of the tree that is damaged while it is in use', () => {
  it.each(casesOf(damagesInUse, ['cut off']))(
    '%s: the Disk is shown as it is, then and after the next mount',
    async (what, damage) => {
      const asideBefore = await asideFiles();
      const second = await mount();
      await readdir(standing.path('folder 1'));
      await damage(await treeFile());
      standing.disk.model.putFile('disk:/folder 1/new', `new after ${what}`);
      standing.disk.model.move('disk:/folder 2', 'disk:/renamed');
      standing.disk.model.remove('disk:/folder 4');
      await untilRight();
      await second.end();
      const third = await mount();
      await untilRight();
      expect(await third.end()).toBe(0);
      expect((await asideFiles()).length).toBeGreaterThan(asideBefore.length);
      expect(second.log() + third.log()).toContain('what was known of the Disk was damaged');
      // As it was, for the next one.
      standing.disk.model.move('disk:/renamed', 'disk:/folder 2');
      standing.disk.model.putFile('disk:/folder 4/file', 'of a new folder');
    },
    120_000,
  );
});

describe('a cache that is damaged', () => {
  it('in its index, or in its blocks, between two mounts: every byte is right', async () => {
    const folder = await cacheFolder();
    const files = await blockFiles(folder);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) await spoil(file, 1000, 200_000);
    standing.requests();
    const second = await mount();
    await untilRight();
    // What was spoilt was fetched anew.
    expect(standing.requests().dataBytes).toBeGreaterThan(5 << 20);
    expect(await second.end()).toBe(0);

    await spoil(join(folder, 'cache.db'), 2000, pageBytes);
    const third = await mount();
    await untilRight();
    expect(await third.end()).toBe(0);
    // A damaged index is begun anew; it may be that only the next mount does.
    const fourth = await mount();
    await untilRight();
    expect(await fourth.end()).toBe(0);
    const fifth = await mount();
    standing.requests();
    await untilRight();
    expect(standing.requests().data).toBe(0);
    expect(await fifth.end()).toBe(0);
  }, 90_000);

  it('while it is in use: every byte is right, and goes on to be', async () => {
    const second = await mount();
    const folder = await cacheFolder();
    for (const file of await blockFiles(folder)) await spoil(file, 1000, 200_000);
    await spoil(join(folder, 'cache.db'), 2000, pageBytes);
    await untilRight();
    for (const file of await blockFiles(folder)) await truncate(file, 10);
    await untilRight();
    expect(await second.end()).toBe(0);
    const third = await mount();
    await untilRight();
    expect(await third.end()).toBe(0);
  }, 90_000);
});
