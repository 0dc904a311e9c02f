import { describe, expect, it } from 'vitest';
import yargs from 'yargs';
import {
  expandMountOptions,
  type MountArguments,
  mountRequest,
  withMountOptions,
} from '../../src/cli/mount-options.ts';
import { parserRules } from '../../src/cli/parser-rules.ts';

function settingsOf(...args: string[]) {
  const parsed = withMountOptions(yargs(expandMountOptions(args)))
    .parserConfiguration(parserRules)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseSync();
  return mountRequest({ ...parsed, dir: '/mnt/disk' } as MountArguments, {
    YADISKFS_RUNTIME_DIR: '/run/ours',
  }).settings;
}

describe('the options of writing', () => {
  it('have defaults', () => {
    expect(settingsOf()).toMatchObject({
      account: 'default',
      runtimeFolder: '/run/ours',
      readOnly: false,
      writeBackMs: 5_000,
      snapshotQuietMs: 15_000,
      snapshotEveryMs: 180_000,
      durability: 'local',
      deletion: 'trash',
      transfers: 8,
      upLimitBytesPerSecond: 0,
      desktopTrash: 'refuse',
      neutralUploadNames: false,
    });
  });

  it('become settings, in both forms', () => {
    const wanted = {
      readOnly: true,
      writeBackMs: 90_000,
      durability: 'server',
      deletion: 'permanently',
      transfers: 3,
      upLimitBytesPerSecond: 2 << 20,
      desktopTrash: 'allow',
      neutralUploadNames: true,
      account: 'work',
    };
    const long =
      '--read-only --write-back 1m30s --durability server --delete permanently --transfers 3 --up-limit 2M --desktop-trash allow --neutral-upload-names --account work';
    expect(settingsOf(...long.split(' '))).toMatchObject(wanted);
    const list =
      'ro,write-back=1m30s,durability=server,delete=permanently,transfers=3,up_limit=2M,desktop-trash=allow,neutral-upload-names,account=work';
    expect(settingsOf('-o', list)).toMatchObject(wanted);
  });

  it.each([
    ['--write-back', 'soon'],
    ['--write-back', '2d'],
    ['--transfers', '0'],
    ['--transfers', '33'],
    ['--transfers', 'many'],
    ['--up-limit', 'slow'],
    // 0 is no limit at all.
    ['--up-limit', '0.5'],
    ['--down-limit', '0.0001K'],
    ['--poll-interval', '1ms'],
    ['--uid', '4294967295'],
    ['--gid', '4294967296'],
    // What a variable that is not set leaves of them.
    ['--root', ''],
    ['--log-file', ''],
  ])('%s %s is refused, by its name', (option, value) => {
    expect(() => settingsOf(option, value)).toThrow(option);
  });

  it.each([
    ['--durability', 'hope'],
    ['--delete', 'maybe'],
    ['--desktop-trash', 'yes'],
  ])('%s %s is refused, with what can be chosen', (option, value) => {
    expect(() => settingsOf(option, value)).toThrow(/Choices/);
  });
});

describe('a switch', () => {
  it.each([
    [['-o', 'ro'], true],
    [['-o', 'ro,rw'], false],
    [['-o', 'rw,ro'], true],
    [['--read-only', '-o', 'rw'], false],
    [['--read-only', '--no-read-only'], false],
    [['--no-read-only', '-o', 'no_read_only,read-only=true'], true],
    // As config.json says it.
    [['--read-only=true', '-o', 'rw'], false],
  ])('that is given by %o is %s: the last word counts', (args, readOnly) => {
    expect(settingsOf(...args).readOnly).toBe(readOnly);
  });

  it('is the only thing that there is a --no- of', () => {
    expect(expandMountOptions(['--no-allow-other', '--no-root', '--no-such', '--', '--no-daemon'])).toEqual([
      ...['--allow-other=false', '--no-root', '--no-such', '--', '--no-daemon'],
    ]);
    for (const name of ['no-root', 'no-such', 'no-ro']) expect(() => settingsOf('-o', name)).toThrow(name);
  });
});

describe('metrics', () => {
  it('are served where they are asked for', () => {
    expect(settingsOf().metricsPort).toBeUndefined();
    expect(settingsOf('--metrics', '9123').metricsPort).toBe(9123);
    expect(settingsOf('-o', 'metrics=0').metricsPort).toBe(0);
    for (const port of ['65536', '-1', 'http', ''])
      expect(() => settingsOf(`--metrics=${port}`)).toThrow('--metrics');
  });
});
