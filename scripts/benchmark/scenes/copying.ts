import type { Outcome } from '../measure.ts';
import { type Plot, plantedFiles, trueMd5 } from '../planting.ts';
import type { Scene } from '../scene.ts';
import { ServerState } from '../server-state.ts';
import { linesOf, type Stage } from '../stage.ts';
import { textOf } from './saving.ts';
import { scaled } from './scale.ts';

export function versionControl(scale: number): Scene {
  const count = scaled(30, scale);
  const setUp = 'git config user.email somebody@example.org && git config user.name Somebody';
  return {
    number: 11,
    title: `git init, add ${count} files, commit, fsck`,
    writes: true,
    measures: [
      { name: 'git', unit: 's', goal: { atMost: 2 }, bound: 'local' },
      { name: 'on the server', unit: 's', remark: 'all files, hidden ones too' },
    ],
    plots: [{ path: '', declared: { files: 0, fileSizeBytes: 0 } }],
    files: [],
    run: async (stage): Promise<Outcome[]> => {
      const server = new ServerState(stage);
      await server.clear();
      const mounted = await stage.mount('writable');
      let git: number | null = null;
      const all = await stage.observe('on the server', mounted, async () => {
        const write = Array.from(
          { length: count },
          (_, index) => `printf '%s' '${textOf(index)}' >file-${index}.txt`,
        ).join(' && ');
        const line = `cd "$1" && git init -q && ${setUp} && ${write} && git add . && git commit -qm first && git fsck --strict`;
        git = (await stage.run(line, mounted.mountpoint)).seconds;
        return (await server.sent(mounted, await hashesIn(stage, mounted.mountpoint))).contentSeconds;
      });
      const { stdout } = await stage.run(
        'cd "$1" && git status --porcelain && git ls-files',
        mounted.mountpoint,
      );
      stage.compareUnordered(
        'files that git knows',
        linesOf(stdout),
        Array.from({ length: count }, (_, index) => `file-${index}.txt`),
      );
      return [{ measure: 'git', value: git }, all];
    },
  };
}

/** What a mount has. */
async function hashesIn(stage: Stage, mountpoint: string) {
  const { stdout } = await stage.run('cd "$1" && find . -type f -exec md5sum {} +', mountpoint);
  return linesOf(stdout).map((line) => ({ md5: line.slice(0, 32), path: line.slice('./'.length + 34) }));
}

export function copyInside(scale: number): Scene {
  const sizeBytes = scaled(100, scale) * 1e6;
  const declared = {
    files: 1,
    filePrefix: 'film-',
    fileExtension: '.bin',
    fileSizeBytes: sizeBytes,
    seed: 'copied',
  };
  const plots: Plot[] = [{ path: 'films', declared }];
  const [file] = plantedFiles(plots);
  if (!file) throw new Error('a plot without its file');
  const kinds = ['cold', 'its blocks known'] as const;
  return {
    number: 17,
    title: `cp of a file of ${sizeBytes / 1e6} MB inside the mount`,
    writes: true,
    measures: kinds.flatMap((kind) => [
      { name: `${kind}: cp returns`, unit: 's' as const },
      { name: `${kind}: on the server`, unit: 's' as const, goal: { apiRequestsAtMost: 10 } },
      {
        name: `${kind}: sent up`,
        unit: 'MB' as const,
        goal: { atMost: 1 },
        bound: 'a copy on the server, by hash',
      },
    ]),
    plots,
    files: [file],
    run: async (stage): Promise<Outcome[]> => {
      const server = new ServerState(stage);
      const md5 = trueMd5(file.content, 0, sizeBytes);
      for (const { path } of wantedCopies(md5))
        await stage.site.control.post('delete', { path: `${stage.diskPath}/${path}` }).catch(() => {});
      const mounted = await stage.mount('writable');
      const outcomes: Outcome[] = [];
      const wanted = [{ path: file.path, md5 }];
      for (const [index, kind] of kinds.entries()) {
        wanted.push(...wantedCopies(md5).slice(index, index + 1));
        let copied: number | null = null;
        const sent = await stage.observe(`${kind}: on the server`, mounted, async () => {
          const copy = `copy ${index}.bin`;
          copied = (await stage.run('cp "$1/$2" "$1/$3"', mounted.mountpoint, file.path, copy)).seconds;
          return (await server.sent(mounted, wanted)).contentSeconds;
        });
        outcomes.push({ measure: `${kind}: cp returns`, value: copied }, sent, {
          measure: `${kind}: sent up`,
          value: (sent.traffic?.bytesUp ?? 0) / 1e6,
        });
      }
      return outcomes;
    },
  };
}

function wantedCopies(md5: string) {
  return [0, 1].map((index) => ({ path: `copy ${index}.bin`, md5 }));
}
