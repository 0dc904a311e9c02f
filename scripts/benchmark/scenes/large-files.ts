import { join } from 'node:path';
import { seededRandom } from '../../../test/stand-in/random.ts';
import type { Outcome } from '../measure.ts';
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
      },
    ],
    plots,
    files: [file],
    run: async (stage) => {
      const mounted = await stage.mount();
      return [await stage.observe('read', mounted, await readThrough(stage, mounted.mountpoint, file))];
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
      return [outcome];
    },
  };
}

/** Less than what yadiskfs keeps in memory: a cache on the local disk is yet to come. */
export function warmSequential(scale: number): Scene {
  const sizeBytes = scaled(64, scale) * 1e6;
  const { plots, file } = onePlot(sizeBytes, 'warm');
  return {
    number: 15,
    title: `warm sequential read, ${sizeBytes / 1e6} MB that were read before, page cache dropped`,
    measures: [
      {
        name: 'read',
        unit: 'MB/s',
        moreIsBetter: true,
        goal: { atLeastTimesRclone: 1 },
        bound: 'binding alone: 1,100 MB/s',
      },
    ],
    plots,
    files: [file],
    run: async (stage): Promise<Outcome[]> => {
      const mounted = await stage.mount();
      await (await readThrough(stage, mounted.mountpoint, file))();
      await stage.dropPages(join(mounted.mountpoint, file.path));
      const read = await readThrough(stage, mounted.mountpoint, file);
      return [
        await stage.observe('read', mounted, async () => {
          const seconds = await read();
          return seconds === null ? null : sizeBytes / 1e6 / seconds;
        }),
      ];
    },
  };
}
