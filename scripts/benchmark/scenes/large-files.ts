import { join } from 'node:path';
import { seededRandom } from '../../../test/stand-in/random.ts';
import type { Measure, Outcome } from '../measure.ts';
import type { Mounted } from '../mounted.ts';
import { type PlantedFile, type Plot, plantedFiles, trueMd5 } from '../planting.ts';
import type { Scene } from '../scene.ts';
import { type Stage, wholeFile } from '../stage.ts';
import { scaled } from './scale.ts';

/** As `cat` and `cp` read. */
const atOnceBytes = 131_072;

function onePlot(sizeBytes: number, seed: string): { plots: readonly Plot[]; file: PlantedFile } {
  const declared = { files: 1, filePrefix: 'film-', fileExtension: '.bin', fileSizeBytes: sizeBytes, seed };
  const plots = [{ path: '', declared }];
  const [file] = plantedFiles(plots);
  if (!file) throw new Error('a plot without its file');
  return { plots, file };
}

/** Reads all of it and compares. @returns seconds */
async function readThrough(stage: Stage, mountpoint: string, { path, content }: PlantedFile) {
  const pieces = [wholeFile(join(mountpoint, path), content.sizeBytes)];
  const probe = await stage.probe({ kind: 'read', pieces, atOnceBytes });
  return async () => {
    const { seconds, md5s } = await probe.perform();
    stage.compare('file', md5s, [trueMd5(content, 0, content.sizeBytes)]);
    return seconds;
  };
}

export function coldSequential(scale: number): Scene {
  const sizeBytes = scaled(256, scale) * 1e6;
  const { plots, file } = onePlot(sizeBytes, 'sequential');
  return {
    number: 3,
    title: `cold sequential read, ${sizeBytes / 1e6} MB`,
    measures: [
      {
        name: 'read',
        unit: 's',
        goal: { atMost: 3.2 },
        bound: `${(sizeBytes / 100e6).toFixed(1)} s: the line`,
        boundValue: sizeBytes / 100e6,
      },
    ],
    plots,
    files: [file],
    run: async (stage) => {
      const mounted = await stage.mount();
      const read = await readThrough(stage, mounted.mountpoint, file);
      const outcome = await stage.observe('read', mounted, read);
      await stage.compareFiles(mounted, plots);
      return [outcome];
    },
  };
}

const randomReads = 60;
const randomBytes = 4096;

export function randomRead(scale: number): Scene {
  const sizeBytes = scaled(1000, scale) * 1e6;
  const { plots, file } = onePlot(sizeBytes, 'random');
  const count = scaled(randomReads, scale);
  const random = seededRandom('offsets');
  const starts = Array.from(
    { length: count },
    () => random.below(Math.floor(sizeBytes / randomBytes)) * randomBytes,
  );
  return {
    number: 4,
    title: `${count} random 4 KB reads in a file of ${sizeBytes / 1e6} MB`,
    measures: [
      {
        name: 'read',
        unit: 's',
        goal: { atMost: 5, megabytesAtMost: 16 },
        bound: `one round trip each: ${(count * 0.05).toFixed(1)} s`,
        boundValue: count * 0.05,
      },
    ],
    plots,
    files: [file],
    run: async (stage) => {
      const mounted = await stage.mount();
      const at = join(mounted.mountpoint, file.path);
      const pieces = starts.map((start) => ({ file: at, start, lengthBytes: randomBytes }));
      const probe = await stage.probe({ kind: 'read', pieces, atOnceBytes: randomBytes });
      const outcome = await stage.observe('read', mounted, async () => {
        const { seconds, md5s } = await probe.perform();
        const wanted = starts.map((start) => trueMd5(file.content, start, start + randomBytes));
        stage.compare('pieces', md5s, wanted);
        return seconds;
      });
      await stage.compareFiles(mounted, plots);
      return [outcome];
    },
  };
}

/** More than what yadiskfs keeps in memory: blocks come from the local disk, as rclone's do. */
export function warmSequential(scale: number): Scene {
  const sizeBytes = scaled(512, scale) * 1e6;
  const { plots, file } = onePlot(sizeBytes, 'warm');
  const measure = (name: string, remark: string): Measure => ({
    name,
    unit: 'MB/s',
    moreIsBetter: true,
    remark,
    goal: { atLeastTimesRclone: 1 },
    bound: 'binding alone: 1,100 MB/s',
    boundValue: 1_100,
  });
  const names = { again: 'read again in the same mount', remounted: 'read after mounting again' };
  return {
    number: 15,
    title: `warm sequential read, ${sizeBytes / 1e6} MB that were read before`,
    measures: [
      measure(names.again, 'page cache of the file dropped'),
      measure(names.remounted, 'page cache of the kept files dropped'),
    ],
    plots,
    files: [file],
    run: async (stage): Promise<Outcome[]> => {
      const first = await stage.mount();
      await (await readThrough(stage, first.mountpoint, file))();
      await stage.dropPages(join(first.mountpoint, file.path));
      const again = await observeRate(stage, names.again, first, file);
      await stage.unmount(first);
      await stage.dropKeptPages();
      const second = await stage.mount();
      const remounted = await observeRate(stage, names.remounted, second, file);
      await stage.compareFiles(second, plots);
      return [again, remounted];
    },
  };
}

async function observeRate(stage: Stage, name: string, mounted: Mounted, file: PlantedFile) {
  const read = await readThrough(stage, mounted.mountpoint, file);
  return stage.observe(name, mounted, async () => {
    const seconds = await read();
    return seconds === null ? null : file.content.sizeBytes / 1e6 / seconds;
  });
}

/** As `cp` and `dd bs=1M` write; the kernel cuts it into what the mount takes at once. */
const writtenAtOnceBytes = 1 << 20;

export function localWrite(scale: number): Scene {
  const sizeBytes = scaled(512, scale) * 1e6;
  const names = { write: 'written and closed', close: 'of that, the close' };
  return {
    number: 19,
    alsoNumbers: [15],
    title: `local write of ${sizeBytes / 1e6} MB (the other half of scene 15)`,
    writes: true,
    measures: [
      {
        name: names.write,
        unit: 'MB/s',
        moreIsBetter: true,
        remark: 'the close included',
        goal: { atLeastTimesRclone: 1 },
        bound: 'binding alone: 470–1,100 MB/s; 58 in pieces of 4 KiB',
        boundValue: 1_100,
      },
      { name: names.close, unit: 'ms' },
    ],
    plots: [{ path: '', declared: { files: 0, fileSizeBytes: 0 } }],
    files: [],
    run: async (stage): Promise<Outcome[]> => {
      const mounted = await stage.mount('writable');
      const file = join(mounted.mountpoint, 'written.bin');
      const probe = await stage.probe({
        kind: 'write-through',
        file,
        sizeBytes,
        atOnceBytes: writtenAtOnceBytes,
      });
      let written: readonly string[] = [];
      let closeMs = 0;
      const outcome = await stage.observe(names.write, mounted, async () => {
        const { seconds, md5s, closeSeconds } = await probe.perform();
        written = md5s;
        closeMs = (closeSeconds[0] ?? 0) * 1000;
        return seconds === null ? null : sizeBytes / 1e6 / seconds;
      });
      const { stdout } = await stage.run('exec md5sum <"$1"', file);
      stage.compare('file', [stdout.slice(0, 32)], written);
      return [outcome, { measure: names.close, value: closeMs }];
    },
  };
}

/** What a mount keeps in memory does not grow with what is read. */
export function memoryOfReading(scale: number): Scene {
  const sizeBytes = scaled(1000, scale) * 1e6;
  const { plots, file } = onePlot(sizeBytes, 'through');
  const names = { peak: 'peak resident memory', after: 'resident memory afterwards' };
  return {
    number: 18,
    title: `reading ${sizeBytes / 1e6} MB through`,
    measures: [
      { name: names.peak, unit: 'MB', goal: { atMost: 350 } },
      { name: names.after, unit: 'MB' },
    ],
    plots,
    files: [file],
    run: async (stage): Promise<Outcome[]> => {
      const mounted = await stage.mount();
      const peak = await stage.observe(names.peak, mounted, async () => {
        const { stdout } = await stage.run('exec md5sum <"$1"', join(mounted.mountpoint, file.path));
        stage.compare('file', [stdout.slice(0, 32)], [trueMd5(file.content, 0, sizeBytes)]);
        return (await mounted.memory()).peakBytes / 1e6;
      });
      const { residentBytes } = await mounted.memory();
      await stage.compareFiles(mounted, plots);
      return [peak, { measure: names.after, value: residentBytes / 1e6 }];
    },
  };
}
