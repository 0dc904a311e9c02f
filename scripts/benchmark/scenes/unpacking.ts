import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '../measure.ts';
import type { Scene } from '../scene.ts';
import { ServerState } from '../server-state.ts';
import type { Stage } from '../stage.ts';
import { fromReturn, md5Of, modifiedOf, textOf } from './saving.ts';
import { scaled } from './scale.ts';

const filesInFolder = 10;

interface Member {
  readonly path: string;
  readonly index: number;
}

/** An archive of the files, each with a date of its own. */
async function archiveOf(stage: Stage, members: readonly Member[]): Promise<string> {
  const source = join(stage.folder, 'source');
  for (const { path, index } of members) {
    const file = join(source, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, textOf(index));
    await utimes(file, modifiedOf(index), modifiedOf(index));
  }
  const archive = join(stage.folder, 'source.tar');
  await stage.run('tar -C "$1" -cf "$2" .', source, archive);
  return archive;
}

export function untarAndRemove(scale: number): Scene {
  const folders = scaled(100, scale);
  const members = Array.from({ length: folders * filesInFolder }, (_, index): Member => {
    const folder = Math.floor(index / filesInFolder);
    return { path: `project/module-${folder}/part-${index % filesInFolder}.txt`, index };
  });
  const wanted = members.map(({ path, index }) => ({
    path,
    md5: md5Of(textOf(index)),
    modifiedSeconds: modifiedOf(index),
  }));
  const names = {
    untar: 'untar returns',
    content: 'content on the server',
    all: 'all of it on the server',
    remove: 'rm -r returns',
    removed: 'removed on the server',
  };
  return {
    number: 7,
    alsoNumbers: [8, 9],
    title: `untar ${members.length} files in ${folders} folders; on the server (8); rm -r of them (9)`,
    writes: true,
    measures: [
      { name: names.untar, unit: 's', goal: { atMost: 2 }, bound: 'local disk' },
      {
        name: names.content,
        unit: 's',
        goal: { atMost: 34 },
        liftedGoal: { atMost: 20 },
        remark: fromReturn,
      },
      {
        name: names.all,
        unit: 's',
        goal: { atMost: 65, requestsAtMost: 3_600 },
        liftedGoal: { atMost: 20, requestsAtMost: 3_600 },
        bound: '2,450 API requests',
      },
      { name: names.remove, unit: 's', goal: { atMost: 1 } },
      {
        name: names.removed,
        unit: 's',
        goal: { atMost: 2, requestsAtMost: 5 },
        bound: 'one delete',
        remark: fromReturn,
      },
    ],
    plots: [{ path: '', declared: { files: 0, fileSizeBytes: 0 } }],
    files: [],
    run: async (stage): Promise<Outcome[]> => {
      const server = new ServerState(stage);
      await server.clear();
      const archive = await archiveOf(stage, members);
      const mounted = await stage.mount('writable');
      let untar: number | null = null;
      let content: number | null = null;
      let remove: number | null = null;
      const all = await stage.observe(names.all, mounted, async () => {
        untar = (await stage.run('tar -C "$1" -xf "$2"', mounted.mountpoint, archive)).seconds;
        const { contentSeconds, allSeconds } = await server.sent(mounted, wanted);
        content = contentSeconds;
        return allSeconds;
      });
      const removed = await stage.observe(names.removed, mounted, async () => {
        remove = (await stage.run('rm -r "$1/project"', mounted.mountpoint)).seconds;
        return server.emptied(mounted);
      });
      return [
        { measure: names.untar, value: untar },
        { measure: names.content, value: content },
        all,
        { measure: names.remove, value: remove },
        removed,
      ];
    },
  };
}
