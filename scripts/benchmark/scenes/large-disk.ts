import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { declaredEntry } from '../../../test/stand-in/model/declared.ts';
import { printedSeconds } from '../dates.ts';
import type { Outcome } from '../measure.ts';
import type { Mounted } from '../mounted.ts';
import { type Plot, plantedEntries } from '../planting.ts';
import type { Scene } from '../scene.ts';
import { linesOf, type Stage } from '../stage.ts';
import { fewestSecondsAt40, scaled } from './scale.ts';

const sizeBytes = 100;
/** A mount may still be busy with having begun. */
const beginningMs = 1_500;
/** What rclone walks: it keeps no names over a restart, and all of them would take it a quarter of an hour. */
const shelvesOfRclone = 9;

export function millionFiles(scale: number): Scene {
  const filesOnShelf = scaled(10_000, scale);
  const filesInCrowd = scaled(100_000, scale);
  const shelves = Math.max(10, scaled(90, Math.min(1, scale)));
  const inside = { files: filesOnShelf, fileSizeBytes: sizeBytes };
  const shelvesPlot: Plot = {
    path: 'shelves',
    declared: { files: 0, folders: shelves, folderPrefix: 'shelf-', fileSizeBytes: 0, inside },
  };
  const crowdPlot: Plot = { path: 'crowd', declared: { files: filesInCrowd, fileSizeBytes: sizeBytes } };
  const plots = [shelvesPlot, crowdPlot];
  const shelfPlots = Array.from({ length: shelves }, (_, index): Plot => {
    return { path: `shelves/${declaredEntry(shelvesPlot.declared, index).name}`, declared: inside };
  });
  const figure = (number: number) => number.toLocaleString('en');
  const files = figure(filesOnShelf * shelves + filesInCrowd);
  const crowd = `find in a folder of ${figure(filesInCrowd)}`;
  const shelf = `ls -l of ${figure(filesOnShelf)} entries`;
  const names = {
    coldCrowd: `${crowd}, cold`,
    walk: 'making all of them known: find without a limit on requests',
    walkPeak: 'peak memory of that',
    mount: 'time to mount, all of them known',
    shelf: `${shelf}, known, first`,
    shelfAgain: `${shelf}, again at once`,
    crowd: `${crowd}, known, first`,
    find: 'find over all of them, known',
    memory: 'resident memory after that',
  };
  const pages = Math.ceil(filesInCrowd / 1000);
  const fewestSeconds = fewestSecondsAt40(pages);
  const less = `rclone: nothing known, ${figure(filesOnShelf * shelvesOfRclone + filesInCrowd)} files`;
  const unknown = 'rclone: nothing known';
  const bound = 'binding alone: 2–3 s';
  return {
    number: 16,
    title: `a Disk of ${files} files, ${figure(filesInCrowd)} of them in one folder`,
    measures: [
      {
        name: names.coldCrowd,
        unit: 's',
        bound: `${pages} pages: ${fewestSeconds.toFixed(1)} s at 40/s`,
        boundValue: fewestSeconds,
      },
      { name: names.walk, unit: 's' },
      { name: names.walkPeak, unit: 'MB' },
      { name: names.mount, unit: 's', goal: { atMost: 1 }, remark: unknown, rcloneDoesLess: true },
      {
        name: names.shelf,
        unit: 's',
        goal: { atMost: 3, requestsAtMost: 3 },
        bound,
        boundValue: 2,
        remark: unknown,
        rcloneDoesLess: true,
      },
      { name: names.shelfAgain, unit: 's', goal: { atMost: 1, requestsAtMost: 3 } },
      { name: names.crowd, unit: 's', remark: unknown, rcloneDoesLess: true },
      { name: names.find, unit: 's', remark: less, rcloneDoesLess: true },
      { name: names.memory, unit: 'MB', goal: { atMost: 400 }, remark: less, rcloneDoesLess: true },
    ],
    plots,
    files: [],
    run: async (stage) => {
      const outcomes: Outcome[] = [];
      const known = stage.isRclone ? [...shelfPlots.slice(0, shelvesOfRclone), crowdPlot] : plots;
      const cold = await stage.mount();
      const findCrowd = (mounted: Mounted) => findAll(stage, mounted, [crowdPlot]);
      outcomes.push(await stage.observe(names.coldCrowd, cold, () => findCrowd(cold)));
      await stage.unmount(cold);
      if (!stage.isRclone) outcomes.push(...(await makeKnown(stage, plots, names)));

      const mounted = await stage.mount();
      outcomes.push({ measure: names.mount, value: mounted.mountSeconds });
      await sleep(beginningMs, undefined, { signal: stage.signal });
      const list = () => listLong(stage, mounted, shelfPlots[5]?.path ?? '', filesOnShelf);
      outcomes.push(await stage.observe(names.shelf, mounted, list));
      // The first one of all may have outlasted the kernel's time-outs: what is measured comes right after one that had them all.
      await list();
      outcomes.push(await stage.observe(names.shelfAgain, mounted, list));
      outcomes.push(await stage.observe(names.crowd, mounted, () => findCrowd(mounted)));
      outcomes.push(await stage.observe(names.find, mounted, () => findAll(stage, mounted, known)));
      outcomes.push({ measure: names.memory, value: (await mounted.memory()).residentBytes / 1e6 });
      return outcomes;
    },
  };
}

async function makeKnown(
  stage: Stage,
  plots: readonly Plot[],
  names: { readonly walk: string; readonly walkPeak: string },
): Promise<Outcome[]> {
  const mounted = await stage.mount('hurried');
  const walk = await stage.observe(names.walk, mounted, () => findAll(stage, mounted, plots));
  const { peakBytes } = await mounted.memory();
  await stage.unmount(mounted);
  return [walk, { measure: names.walkPeak, value: peakBytes / 1e6 }];
}

/** `find` over all files of plots, with all names compared. @returns seconds */
async function findAll(stage: Stage, { mountpoint }: Mounted, plots: readonly Plot[]): Promise<number> {
  // Through a file: a million names would be a burden to our own process while it keeps the time.
  const found = join(stage.folder, 'found');
  const starts = plots.map(({ path }) => `./${path}`);
  const line = 'cd "$1" && exec >"$2" && shift 2 && exec find "$@" -type f';
  const { seconds } = await stage.run(line, mountpoint, found, ...starts);
  stage.compareUnordered('names', linesOf(await readFile(found, 'utf8')), filePaths(plots));
  await rm(found);
  return seconds;
}

function* filePaths(plots: readonly Plot[]): Generator<string> {
  for (const { path, content } of plantedEntries(plots)) if (content) yield `./${path}`;
}

/** With all names, sizes and dates compared. @returns seconds */
async function listLong(
  stage: Stage,
  { mountpoint }: Mounted,
  folder: string,
  files: number,
): Promise<number> {
  const line = 'cd "$1" && exec ls -l --time-style=+%s.%N "$2"';
  const { seconds, stdout } = await stage.run(line, mountpoint, folder);
  const got = linesOf(stdout)
    .slice(1)
    .map((one) => {
      const words = one.split(/\s+/);
      return `${folder}/${words.at(-1)} ${words[4]} ${printedSeconds(words[5] ?? '')}`;
    });
  const digits = String(files - 1).length;
  const wanted = Array.from({ length: files }, (_, index) =>
    stage.wantedLine(`${folder}/file-${String(index).padStart(digits, '0')}.txt`, sizeBytes),
  );
  stage.compare('entries', got, wanted);
  return seconds;
}
