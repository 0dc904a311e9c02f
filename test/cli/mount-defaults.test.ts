import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountDefaults } from '../../src/cli/mount-defaults.ts';
import { mountOptionNames } from '../../src/cli/mount-options.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function defaultsOf(file: unknown, ...typed: string[]): Promise<string[]> {
  await writeFile(join(folder, 'config.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return mountDefaults(typed, mountOptionNames, { YADISKFS_CONFIG_DIR: folder });
}

describe('config.json', () => {
  it('need not be there', async () => {
    expect(await mountDefaults([], mountOptionNames, { YADISKFS_CONFIG_DIR: folder })).toEqual([]);
  });

  it('holds defaults for all accounts, and for one', async () => {
    const file = {
      version: 1,
      'cache-size': '20G',
      transfers: 4,
      default: { transfers: 2 },
      work: { 'read-only': true },
    };
    expect(await defaultsOf(file)).toEqual(['--cache-size=20G', '--transfers=2']);
    expect(await defaultsOf(file, '/disk', '--account', 'work')).toEqual([
      '--cache-size=20G',
      '--transfers=4',
      '--read-only=true',
    ]);
    expect(await defaultsOf(file, '--account=other')).toEqual(['--cache-size=20G', '--transfers=4']);
  });

  it('chooses the account, too', async () => {
    expect(await defaultsOf({ account: 'work', work: { root: '/Projects' } })).toEqual([
      '--account=work',
      '--root=/Projects',
    ]);
  });

  it.each([
    ['a name that is no option', { 'cache-sise': '1G' }, 'No such mount option in .*config.json: cache-sise'],
    ['what is no JSON', '{', 'not JSON'],
    ['lists', { root: ['/a'] }, 'not JSON with options by name'],
  ])('refuses %s', async (_, file, message) => {
    await expect(defaultsOf(file)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(message),
    });
  });

  it('refuses what a later program has written', async () => {
    await expect(defaultsOf({ version: 2 })).rejects.toMatchObject({ code: 'too-new' });
  });
});
