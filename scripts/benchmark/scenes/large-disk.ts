import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plot } from '../planting.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { scaled } from './scale.ts';

const sizeBytes = 100;
/** Longer than the kernel believes anybody at the defaults of both programs, shorter than our poll interval. */
const kernelForgetsMs = 1_500;

export function millionFiles(scale: number): Scene {
  const filesInFolder = scaled(10_000, scale);
  const folders = 100;
  const walkedFolders = 10;
  // A tree is known only as far as it was walked, and nothing is kept over a remount: so no figure here is held against
  // the targets for a million known files. A tenth is walked, since all of it takes minutes.
  const inside = { files: filesInFolder, fileSizeBytes: sizeBytes };
  const plots: Plot[] = [{ path: '', declared: { files: 0, folders, fileSizeBytes: 0, inside } }];
  const entries = filesInFolder.toLocaleString('en');
  const names = {
    mount: 'time to mount, nothing known yet',
    cold: `ls -l of ${entries} entries, cold`,
    first: `ls -l of ${entries} entries, known to the mount`,
    again: `ls -l of ${entries} entries, again at once`,
    memory: `resident memory, ${(filesInFolder * walkedFolders).toLocaleString('en')} files walked`,
  };
  const bound = 'binding alone: 2–3 s';
  return {
    number: 16,
    title: `a Disk of ${(filesInFolder * folders).toLocaleString('en')} files`,
    measures: [
      { name: names.mount, unit: 's', remark: 'to reach with all of them known: 1 s' },
      { name: names.cold, unit: 's' },
      { name: names.first, unit: 's', goal: { atMost: 3 }, bound },
      { name: names.again, unit: 's', goal: { atMost: 1 }, bound },
      { name: names.memory, unit: 'MB', remark: 'to reach with all of them known: 400 MB' },
    ],
    plots,
    files: [],
    run: async (stage) => {
      const mounted = await stage.mount();
      const folder = join(mounted.mountpoint, 'folder-50');
      const list = () => listLong(stage, folder, filesInFolder);
      const cold = await stage.observe(names.cold, mounted, list);
      await sleep(kernelForgetsMs, undefined, { signal: stage.signal });
      const first = await stage.observe(names.first, mounted, list);
      await list();
      const again = await stage.observe(names.again, mounted, list);
      const walk = await stage.observe(names.memory, mounted, async () => {
        const line = 'cd "$1" && find folder-0? -type f | wc -l';
        const { stdout } = await stage.run(line, mounted.mountpoint);
        stage.compare('files walked', [stdout.trim()], [String(filesInFolder * walkedFolders)]);
        return (await mounted.memory()).residentBytes / 1e6;
      });
      return [{ measure: names.mount, value: mounted.mountSeconds }, cold, first, again, walk];
    },
  };
}

/** @returns seconds */
async function listLong(stage: Stage, folder: string, files: number): Promise<number> {
  const { seconds, stdout } = await stage.run('exec ls -l "$1"', folder);
  const digits = String(files - 1).length;
  const wanted = Array.from(
    { length: files },
    (_, index) => `${sizeBytes} file-${String(index).padStart(digits, '0')}.txt`,
  );
  const got = stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const words = line.split(/\s+/);
      return `${words[4]} ${words.at(-1)}`;
    });
  stage.compare('entries', got, wanted);
  return seconds;
}
