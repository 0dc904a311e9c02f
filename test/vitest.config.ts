import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isWhole } from './all-tests.ts';

/** What takes longest comes first, so that nothing long is left when all else is done; vitest by itself goes by the size of the file. */
const slowFolders = [
  'test/benchmark/',
  'test/exerciser/',
  'test/programs/',
  'test/posix/',
  'test/mount/',
  'test/model/',
  'test/crash/',
  'test/rclone/',
  'test/auth/',
  'test/binding/',
];
const slowFiles = [
  'equals-the-disk',
  'tiny-run',
  'lossy-wire',
  'offline/away',
  'damaged-state',
  'odd-moments',
  'block-store-kill',
];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const file = slowFiles.findIndex((name) => moduleId.includes(`/${name}.`));
      if (file >= 0) return file;
      const folder = slowFolders.findIndex((name) => moduleId.includes(`/${name}`));
      return slowFiles.length + (folder >= 0 ? folder : slowFolders.length);
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

/**
 * What is left to scripts/test --all, so that the usual run ends within a quarter of an hour of two cores: tools for work by hand, and files whose
 * subject another one has in a shorter form.
 */
const onlyWhenAll = [
  'test/auth/{odd-answers,setup-terminal,setup-trouble}.test.ts',
  'test/binding/mend.test.ts',
  'test/benchmark/tiny-run.test.ts',
  'test/content/block-store-{kill,trouble}.test.ts',
  'test/disk-api/fuzz/fuzz.test.ts',
  'test/disk-api/upload-trouble.test.ts',
  'test/model/matrix-{after,during,other}.test.ts',
  'test/mount/{changes-during-a-listing,damaged-state,foreign-changes,full-state,killed-while-reading,lossy-wire,versions-apart}.test.ts',
  'test/mount/writing/{copies,lost-tree,random-crashes}.test.ts',
  'test/mount/offline/{made-here,pins-without-room,wall-clock}.test.ts',
  'test/probe/**',
  'test/rclone/{changing,copying,namespace,unkind}.test.ts',
  'test/scripts/{demo-disk,leftovers,test-totals}.test.ts',
  'test/tree/odd-moments.test.ts',
];

/** These take all timers of their process for their own: what another file left running would run among them, or be counted. */
const alone = [
  'test/async/{bandwidth,rate-limiter}.test.ts',
  'test/disk-api/contact.test.ts',
  'test/sync/housekeeping.test.ts',
];

const excluded = isWhole ? [] : onlyWhenAll;

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Whatever speaks to people speaks English here; tests of other languages say so.
    env: { LC_ALL: 'C.UTF-8' },
    globalSetup: ['test/programs/bundles.ts'],
    pool: 'forks',
    // Most tests wait for a server or a mount; two cores carry four of them.
    maxWorkers: 4,
    setupFiles: ['test/each-file.ts'],
    projects: [
      {
        extends: true,
        // Loading the program and the stand-in anew for each of 200 files takes a second of processor time each.
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...excluded, ...alone],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: alone, exclude: excluded } },
    ],
    sequence: { sequencer: SlowFirst },
    // A machine that others use too may be too slow once; what is broken fails twice.
    retry: process.env['CI'] === 'true' ? 1 : 0,
  },
});
