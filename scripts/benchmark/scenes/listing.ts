import type { Outcome } from '../measure.ts';
import { type Plot, plantedEntries } from '../planting.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { scaled } from './scale.ts';

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
  stage.compare('names', stdout.trimEnd().split('\n').sort(), wanted.sort());
  return seconds;
}

export function coldFind(scale: number): Scene {
  const plots = treePlots(scale);
  const { files, folders } = countsOf(plots);
  return {
    number: 1,
    title: `cold find over ${files} files in ${folders} folders`,
    measures: [
      {
        name: 'find',
        unit: 's',
        goal: { atMost: 5.8 },
        liftedGoal: { atMost: 1.2 },
        bound: `one listing a folder: ${((folders + 1) / 40).toFixed(1)} s at 40/s; in parallel without a limit`,
      },
    ],
    plots,
    files: [],
    run: async (stage) => {
      const mounted = await stage.mount();
      return [await stage.observe('find', mounted, () => find(stage, plots, mounted.mountpoint))];
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
      { name: 'find', unit: 's', goal: { atMost: 0.5, requestsAtMost: 3 }, bound: 'revision unchanged' },
    ],
    plots,
    files: [],
    run: async (stage): Promise<Outcome[]> => {
      const first = await stage.mount();
      await find(stage, plots, first.mountpoint);
      await stage.unmount(first);
      const mounted = await stage.mount();
      return [await stage.observe('find', mounted, () => find(stage, plots, mounted.mountpoint))];
    },
  };
}
