import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyQueue } from '../../src/daemon/empty-queue.ts';
import { openLocalSide } from '../../src/daemon/local-side.ts';
import { SetAsideDrafts } from '../../src/daemon/set-aside-drafts.ts';
import { Failure } from '../../src/errors.ts';
import type { SendQueue } from '../../src/sync/queue-report.ts';
import type { LocalNode } from '../../src/tree/local-node.ts';

const root = 'disk:/Photos';
const log = pino({ level: 'silent' });
const { signal } = new AbortController();

/** The bytes of the version that a draft was made from are not to be had. */
const contents = {
  openReader: () => {
    throw new Failure('stale', 'Not there any more');
  },
};

/** A state folder with unsent files: one is new, the other a change of five bytes in a longer one. */
async function unsentFiles(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { local, drafts } = await openLocalSide(folder, log);
  if (!drafts) throw new Error('Nothing can be kept');
  const content = { sizeBytes: 10, md5: undefined, sha256: undefined, versionTag: 'one' };
  const base = { content, open: contents.openReader };
  const made = [
    await drafts.create({ name: '7-new', path: `${root}/a/new.txt` }),
    await drafts.create({ name: '8-changed', path: `${root}/changed.txt`, base }),
  ];
  await made[0]?.write(Buffer.from('new'), 0);
  await made[1]?.write(Buffer.from('OURS!'), 0);
  await Promise.all(made.map((draft) => draft.close()));
  local.apply({ put: [nodeWith(7, 'new.txt', '7-new', 3), nodeWith(8, 'changed.txt', '8-changed', 10)] });
  local.close();
  return folder;
}

function nodeWith(id: number, name: string, draft: string, sizeBytes: number): LocalNode {
  return {
    ...{ id, kind: 'file', parentId: 1, name, state: 'shown', changedAtMs: 1 },
    ...{ hidden: undefined, base: undefined, replaces: undefined, modified: undefined, traits: undefined },
    ...{ intent: undefined, trouble: undefined },
    draft: { name: draft, sizeBytes, version: 1, sentVersion: undefined, finished: true },
  };
}

/** Starts on the folder as a mount does. */
async function started(
  folder: string,
): Promise<{ readonly names: string[]; readonly queue: SendQueue; readonly end: () => void }> {
  const { local } = await openLocalSide(folder, log);
  const damages: unknown[] = [];
  const setAside = await SetAsideDrafts.open(folder, root, contents, (error) => damages.push(error));
  expect(damages).toEqual([]);
  return {
    names: Array.from(local.all(), ({ name }) => name),
    queue: setAside.beside(emptyQueue),
    end: () => local.close(),
  };
}

describe('drafts whose list was damaged', () => {
  it('are told with what is unsent, by the paths that they say themselves', async () => {
    const folder = await unsentFiles();
    await truncate(join(folder, 'unsent.db'), 100);
    await rm(join(folder, 'unsent.db-wal'), { force: true });
    const { names, queue, end } = await started(folder);
    expect(names).toEqual([]);
    expect(queue.report().unsent).toMatchObject([
      { path: 'a/new.txt', code: 'damaged-store' },
      { path: 'changed.txt', code: 'damaged-store' },
    ]);
    end();
  });

  it('are exported: what is there of each', async () => {
    const folder = await unsentFiles();
    await writeFile(join(folder, 'unsent.db'), 'nothing of ours');
    const { queue, end } = await started(folder);
    const out = join(folder, 'out');
    expect(await queue.exportTo(out, signal)).toEqual([join(out, 'a/new.txt'), join(out, 'changed.txt')]);
    expect(await readFile(join(out, 'a/new.txt'), 'utf8')).toBe('new');
    expect(await readFile(join(out, 'changed.txt'), 'utf8')).toBe('OURS!\0\0\0\0\0');
    end();
  });

  it('go one by one when they are given up, and are there until then', async () => {
    const folder = await unsentFiles();
    await writeFile(join(folder, 'unsent.db'), 'nothing of ours');
    const first = await started(folder);
    await first.queue.discard('changed.txt');
    await expect(first.queue.discard('changed.txt')).rejects.toMatchObject({ code: 'not-found' });
    first.end();
    const second = await started(folder);
    expect(second.queue.report().unsent.map(({ path }) => path)).toEqual(['a/new.txt']);
    await second.queue.discard('a/new.txt');
    second.end();
    expect((await readdir(folder)).filter((name) => name.startsWith('drafts.'))).toEqual([]);
  });

  it('are those of the damaged rows alone where the rest can be read', async () => {
    const folder = await unsentFiles();
    const db = new Sqlite(join(folder, 'unsent.db'));
    db.exec('UPDATE unsent SET checksum = checksum + 1 WHERE id = 7');
    db.close();
    for (let start = 0; start < 2; start++) {
      const { names, queue, end } = await started(folder);
      expect(names).toEqual(['changed.txt']);
      expect(queue.report().unsent.map(({ path }) => path)).toEqual(['a/new.txt']);
      end();
    }
  });
});
