import type { Outcome } from '../measure.ts';
import { type Plot, plantedEntries } from '../planting.ts';
import type { Scene } from '../scene.ts';
import { linesOf, type Stage } from '../stage.ts';
import { fewestSecondsAt40, scaled } from './scale.ts';

/** Of folders, the root with them. */
const levels = 3;

/** A tree of 4,000 files in 210 folders, names only. */
function treePlots(scale: number): readonly Plot[] {
  const leaf = { files: 20, fileSizeBytes: 1000 };
  const branch = { files: 0, folders: scaled(20, scale), fileSizeBytes: 0, inside: leaf };
  return [{ path: '', declared: { files: 0, folders: scaled(10, scale), fileSizeBytes: 0, inside: branch } }];
}

function countsOf(plots: readonly Plot[]) {
  const entries = [...plantedEntries(plots)];
  const files = entries.filter(({ content }) => content !== undefined).length;
  return { files, folders: entries.length - files };
}

/** `find`, with all names compared. @returns seconds */
async function find(stage: Stage, plots: readonly Plot[], mountpoint: string): Promise<number> {
  const { seconds, stdout } = await stage.run('cd "$1" && exec find . -mindepth 1', mountpoint);
  const wanted = Array.from(plantedEntries(plots), ({ path }) => `./${path}`);
  stage.compareUnordered('names', linesOf(stdout), wanted);
  return seconds;
}

export function coldFind(scale: number): Scene {
  const plots = treePlots(scale);
  const { files, folders } = countsOf(plots);
  const inParallel = levels * 0.05;
  const limited = Math.max(inParallel, fewestSecondsAt40(folders + 1));
  return {
    number: 1,
    title: `cold find over ${files} files in ${folders} folders`,
    measures: [
      {
        name: 'find',
        unit: 's',
        goal: { atMost: 5.8 },
        liftedGoal: { atMost: 1.2 },
        bound: `one listing a folder: ${limited.toFixed(1)} s at 40/s; without a limit one round trip a level, in parallel: ${inParallel.toFixed(2)} s`,
        boundValue: limited,
        liftedBoundValue: inParallel,
      },
    ],
    plots,
    files: [],
    run: async (stage) => {
      const mounted = await stage.mount();
      const outcome = await stage.observe('find', mounted, () => find(stage, plots, mounted.mountpoint));
      await stage.compareFiles(mounted, plots);
      return [outcome];
    },
  };
}

export function findAfterRemount(scale: number): Scene {
  const plots = treePlots(scale);
  const { files, folders } = countsOf(plots);
  return {
    number: 12,
    title: `unmount, mount again, find over ${files} files in ${folders} folders`,
    measures: [
      {
        name: 'find',
        unit: 's',
        goal: { atMost: 0.5, requestsInAllAtMost: 3 },
        bound: 'revision unchanged: no listing',
      },
      { name: 'time to mount again', unit: 's' },
    ],
    plots,
    files: [],
    run: async (stage): Promise<Outcome[]> => {
      const first = await stage.mount('hurried');
      await find(stage, plots, first.mountpoint);
      await stage.unmount(first);
      const mounted = await stage.mount();
      const outcome = await stage.observe('find', mounted, () => find(stage, plots, mounted.mountpoint));
      await stage.compareFiles(mounted, plots);
      return [outcome, { measure: 'time to mount again', value: mounted.mountSeconds }];
    },
  };
}
