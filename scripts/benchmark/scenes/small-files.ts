import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Plot, plantedFiles, trueMd5 } from '../planting.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { fewestSecondsAt40, scaled } from './scale.ts';

const filesInFolder = 20;
const smallBytes = 4096;

export function coldTar(scale: number): Scene {
  const folders = scaled(40, scale);
  // Folders with seeds of their own: no two files have the same bytes.
  const plots = Array.from({ length: folders }, (_, index): Plot => {
    const path = `folder-${index}`;
    return { path, declared: { files: filesInFolder, fileSizeBytes: smallBytes, seed: path } };
  });
  const files = plantedFiles(plots);
  // After the last listing two round trips remain: the address that redirects, the bytes.
  const fewestSeconds = fewestSecondsAt40(folders + 1) + 0.1;
  return {
    number: 2,
    title: `cold tar of ${files.length} files of 4 KB in ${folders} folders`,
    measures: [
      {
        name: 'tar',
        unit: 's',
        goal: { atMost: 6, requestsInAllAtMost: 1700 },
        bound: `${fewestSeconds.toFixed(1)} s: links come with the ${folders + 1} listings; two data requests a file, fetched ahead`,
        boundValue: fewestSeconds,
        liftedBoundValue: 0.2,
      },
    ],
    plots,
    files,
    run: async (stage) => {
      const mounted = await stage.mount();
      const archive = join(stage.folder, 'archive.tar');
      const outcome = await stage.observe('tar', mounted, async () => {
        const { seconds } = await stage.run('tar -C "$1" -cf - . >"$2"', mounted.mountpoint, archive);
        return seconds;
      });
      const unpacked = await unpack(stage, archive);
      const got = files.map(async ({ path }) =>
        md5Of(await readFile(join(unpacked, path)).catch(() => null)),
      );
      const wanted = files.map(({ content }) => trueMd5(content, 0, content.sizeBytes));
      stage.compare('files', await Promise.all(got), wanted);
      await stage.compareFiles(mounted, plots);
      return [outcome];
    },
  };
}

async function unpack(stage: Stage, archive: string): Promise<string> {
  const folder = join(stage.folder, 'unpacked');
  await mkdir(folder);
  await stage.run('tar -C "$1" -xf "$2"', folder, archive);
  return folder;
}

function md5Of(bytes: Buffer | null): string {
  return bytes === null ? 'missing' : createHash('md5').update(bytes).digest('hex');
}

const photoBytes = 4_000_000;
const headBytes = 65_536;

export function photoHeads(scale: number): Scene {
  const count = scaled(50, scale);
  const plots: Plot[] = [
    {
      path: '',
      declared: { files: count, filePrefix: 'photo-', fileExtension: '.jpg', fileSizeBytes: photoBytes },
    },
  ];
  const files = plantedFiles(plots);
  return {
    number: 5,
    title: `first 64 KB of ${count} photos of 4 MB`,
    measures: [{ name: 'read', unit: 's', goal: { atMost: 4, megabytesAtMost: 8 } }],
    plots,
    files,
    run: async (stage) => {
      const mounted = await stage.mount();
      const pieces = files.map(({ path }) => ({
        file: join(mounted.mountpoint, path),
        start: 0,
        lengthBytes: headBytes,
      }));
      const probe = await stage.probe({ kind: 'read', pieces, atOnceBytes: headBytes });
      const outcome = await stage.observe('read', mounted, async () => {
        const { seconds, md5s } = await probe.perform();
        const wanted = files.map(({ content }) => trueMd5(content, 0, headBytes));
        stage.compare('beginnings', md5s, wanted);
        return seconds;
      });
      await stage.compareFiles(mounted, plots);
      return [outcome];
    },
  };
}
