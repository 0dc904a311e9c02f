import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Api } from '../../src/disk-api/api.ts';
import { readRevision } from '../../src/disk-api/disk.ts';
import { Failure } from '../../src/errors.ts';
import { Freshness } from '../../src/tree/freshness.ts';
import { KnownTree } from '../../src/tree/known-tree.ts';
import { blankNode, type LocalNode } from '../../src/tree/local-node.ts';
import type { FolderNode } from '../../src/tree/node.ts';
import { epoch } from '../../src/tree/times.ts';
import { Tree } from '../../src/tree/tree.ts';
import { TreeStore } from '../../src/tree/tree-store.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import { calmSettings } from '../stand-in/settings.ts';
import { nothingLocal } from './nothing-local.ts';

const { signal } = new AbortController();

class Bench {
  readonly disk: StandIn;
  readonly folder = mkdtempSync(join(tmpdir(), 'yadiskfs-test-'));
  readonly damages: string[] = [];
  /** What differs here, by where the Disk has it. */
  readonly ours = new Map<string, LocalNode>();
  unwritten = 0;
  api!: Api;
  known!: KnownTree;
  freshness!: Freshness;
  tree!: Tree;
  nowMs = 1_000_000;
  constructor(disk: StandIn) {
    this.disk = disk;
  }
  async open(interval = 10_000) {
    this.api = new Api({
      url: new URL(this.disk.apiUrl),
      tokens: { accessToken: async () => this.disk.token },
      ratePerSecond: 0,
    });
    this.known = new KnownTree({
      storeFile: join(this.folder, 'tree.db'),
      root: 'disk:/',
      local: {
        ...nothingLocal,
        node: (id) => [...this.ours.values()].find((node) => node.id === id),
        basedAt: (folderId, name) => this.ours.get(`${folderId}/${name}`),
      },
      onDamage: (failure, aside) => this.damages.push(`${failure.message} ${aside}`),
      onUnwritten: () => {
        this.unwritten++;
      },
    });
    this.freshness = new Freshness({ intervalMs: interval });
    this.tree = new Tree(this.api, this.known, this.freshness, {
      root: 'disk:/',
      onLink: () => {},
      onChanged: ({ folder }) => {
        this.tree.place(folder);
      },
    });
    await this.poll();
    await this.tree.open(signal);
  }
  async poll() {
    this.freshness.noteRevision(await readRevision(this.api));
  }
  async at(path: string): Promise<FolderNode> {
    let folder = this.tree.root;
    for (const name of path.split('/').filter(Boolean)) {
      const node = await this.tree.child(folder, name, signal);
      if (node.kind !== 'folder') throw new Error(`no folder: ${path}`);
      folder = node;
    }
    return folder;
  }
  async ls(path: string) {
    return [...(await this.tree.list(await this.at(path), signal)).keys()].sort();
  }
  async close() {
    this.known.close();
    this.api.close();
  }
}

let bench: Bench;
beforeEach(async () => {
  bench = new Bench(await startStandIn({ settings: calmSettings }));
});
afterEach(async () => {
  await bench.close();
  await bench.disk.close();
  rmSync(bench.folder, { recursive: true, force: true });
});

describe('what was found in a review of the tree', () => {
  it('a folder wrapped into folders of the same names makes no ring', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/a/b/old', 'x');
    await bench.open();
    expect(await bench.ls('a/b')).toEqual(['old']);
    const b = await bench.at('a/b');
    model.move('disk:/a', 'disk:/tmp');
    model.mkdir('disk:/a/b', { parents: true });
    model.move('disk:/tmp', 'disk:/a/b/a');
    await bench.poll();
    // As the poller does: what was looked into last comes first.
    await bench.tree.relist(b, 'background');
    expect(await bench.ls('')).toEqual(['a']);
    expect(await bench.ls('a/b')).toEqual(['a']);
    expect(await bench.ls('a/b/a/b')).toEqual(['old']);
  }, 20_000);

  it('what is new at the path of a folder that moved takes no number of what was there', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/folder/inside', 'inside');
    model.mkdir('disk:/there');
    await bench.open();
    const folder = await bench.at('folder');
    const [inside] = (await bench.tree.list(folder, signal)).values();
    await bench.ls('there');
    model.move('disk:/folder', 'disk:/there/folder');
    model.putFile('disk:/folder/inside', 'so is this');
    await bench.poll();
    // As the poller does: before the folder above has told that it is another one.
    await bench.tree.relist(folder, 'background');
    await bench.ls('');
    await bench.ls('there');
    const numberAt = async (path: string) =>
      (await bench.tree.child(await bench.at(path), 'inside', signal)).id;
    expect((await bench.at('there/folder')).id).toBe(folder.id);
    expect(await numberAt('there/folder')).toBe(inside?.id);
    expect(await numberAt('folder')).not.toBe(inside?.id);
  });

  it('files that come from one folder before and after a folder that moved are no damage', async () => {
    const { model } = bench.disk;
    for (const name of ['1', '2', '3']) model.putFile(`disk:/here/${name}`, name);
    model.putFile('disk:/folder/inside', 'inside');
    model.mkdir('disk:/there');
    await bench.open();
    await bench.ls('folder');
    const before = await bench.tree.list(await bench.at('here'), signal);
    const there = await bench.at('there');
    await bench.ls('there');
    model.move('disk:/here/1', 'disk:/there/a');
    model.move('disk:/folder', 'disk:/there/m');
    model.move('disk:/here/2', 'disk:/there/z');
    await bench.poll();
    await bench.tree.relist(there, 'background');
    expect(await bench.ls('there')).toEqual(['a', 'm', 'z']);
    expect(await bench.ls('here')).toEqual(['3']);
    const shown = Object.fromEntries(await bench.tree.list(await bench.at('there'), signal));
    expect(shown['a']?.id).toBe(before.get('1')?.id);
    expect(shown['z']?.id).toBe(before.get('2')?.id);
    await bench.close();
    await bench.open();
    expect(await bench.ls('here')).toEqual(['3']);
    expect(await bench.ls('there')).toEqual(['a', 'm', 'z']);
    expect(bench.damages).toEqual([]);
  });

  it('what others change in a folder shared with us says nothing of our revision', async () => {
    bench.disk.control.set({ sharedChangesMoveRevision: false });
    const { model } = bench.disk;
    model.putFile('disk:/mine/x', 'x');
    model.putFile('disk:/theirs/x', 'x');
    model.touch('disk:/theirs', { share: { isRoot: true, isOwned: false, rights: 'rw' } });
    await bench.open(50);
    await bench.ls('theirs');
    model.putFile('disk:/theirs/y', 'y', { byOwner: true });
    await new Promise((r) => setTimeout(r, 100));
    expect(await bench.ls('theirs')).toEqual(['x', 'y']);
    await bench.poll();
    await bench.poll();
    expect(bench.freshness.trust).not.toBe('useless');
  });

  it('what is being renamed is not forgotten as lost', async () => {
    const { model } = bench.disk;
    // More than are written at once.
    for (let i = 0; i < 1000; i++) model.putFile(`disk:/big/f${i}`, 'x');
    for (let i = 0; i < 100; i++) model.putFile(`disk:/big/d${i}/x`, 'x');
    await bench.open();
    await bench.ls('big');
    for (let i = 0; i < 100; i++) await bench.ls(`big/d${i}`);
    for (let i = 0; i < 1000; i++) model.move(`disk:/big/f${i}`, `disk:/big/g${i}`);
    for (let i = 0; i < 100; i++) model.move(`disk:/big/d${i}`, `disk:/big/z${i}`);
    await bench.poll();
    const big = await bench.at('big');
    expect(big.id).toBeGreaterThan(0);
    const put = TreeStore.prototype.put;
    let count = 0;
    const lost = TreeStore.prototype.forgetLost;
    TreeStore.prototype.put = function (nodes) {
      // What the minute's tidying would do in a pause.
      if (count++ === 1) lost.call(this, Date.now() - 3600_000);
      return put.call(this, nodes);
    };
    try {
      // Not `list`, which shows what was known when this takes long.
      await bench.tree.relist(big, 'user');
    } finally {
      TreeStore.prototype.put = put;
    }
    await bench.close();
    await bench.open();
    for (let i = 0; i < 100; i++) expect(await bench.ls(`big/z${i}`)).toEqual(['x']);
    expect(bench.damages).toEqual([]);
  }, 60_000);

  it('what a look has shown in the place of ours gets our number, also where a listing had given it another', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/ours', 'first');
    await bench.open();
    const { id } = await bench.tree.child(bench.tree.root, 'ours', signal);
    model.move('disk:/ours', 'disk:/away');
    model.putFile('disk:/ours', 'second');
    await bench.tree.relist(bench.tree.root, 'background');
    model.remove('disk:/away');
    await bench.tree.relist(bench.tree.root, 'background');
    const other = await bench.tree.child(bench.tree.root, 'ours', signal);
    expect(other.id).not.toBe(id);
    const place = { parentId: 1, name: 'ours' };
    const { resourceId } = other.remote;
    const base = {
      ...place,
      resourceId,
      content: other.remote.content,
      modified: epoch,
      properties: undefined,
    };
    bench.ours.set('1/ours', { ...blankNode(id, 'file', place, 0), base });
    await bench.tree.relist(bench.tree.root, 'background');
    expect((await bench.tree.child(bench.tree.root, 'ours', signal)).id).toBe(id);
    expect(await bench.ls('')).toEqual(['ours']);
  });

  it('what was in a folder that is let go is lost with its number, and that is no damage', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/a/b/inside', 'x');
    await bench.open();
    expect(await bench.ls('a/b')).toEqual(['inside']);
    const [a, b] = [await bench.at('a'), await bench.at('a/b')];
    await bench.tree.letGo(a.id);
    expect(bench.tree.node(b.id)?.name).toBe('b');
    expect(bench.tree.shownAt(b.id)).toBeUndefined();
    expect(await bench.ls('')).toEqual(['a']);
    // What is shown there gets another number, and what is in it its own.
    expect((await bench.at('a')).id).not.toBe(a.id);
    expect((await bench.at('a/b')).id).toBe(b.id);
    expect(await bench.ls('a/b')).toEqual(['inside']);
    expect(bench.damages).toEqual([]);
  });

  it('a folder that could not be written is written as a whole later', async () => {
    const { model } = bench.disk;
    for (let i = 0; i < 20; i++) model.putFile(`disk:/f/x${i}`, 'x');
    await bench.open();
    const put = TreeStore.prototype.put;
    TreeStore.prototype.put = () => {
      throw new Failure('no-space', 'full');
    };
    try {
      await bench.ls('f');
    } finally {
      TreeStore.prototype.put = put;
    }
    expect(bench.unwritten).toBeGreaterThan(0);
    model.putFile('disk:/f/new', 'new');
    await bench.poll();
    expect((await bench.ls('f')).length).toBe(21);
    await bench.close();
    await bench.open();
    expect((await bench.ls('f')).length).toBe(21);
    expect(bench.damages).toEqual([]);
  });

  it('what a failed commit took back of several folders is written later', async () => {
    const { model } = bench.disk;
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) model.putFile(`disk:/${name}/x`, 'x');
    await bench.open();
    for (const name of names) await bench.ls(name);
    const { exec } = BetterSqlite.prototype;
    // What SQLite does where a full disk leaves it no choice.
    BetterSqlite.prototype.exec = function (sql) {
      if (sql !== 'COMMIT') return exec.call(this, sql);
      exec.call(this, 'ROLLBACK');
      throw new BetterSqlite.SqliteError('database or disk is full', 'SQLITE_FULL');
    };
    try {
      bench.known.commit();
    } finally {
      BetterSqlite.prototype.exec = exec;
    }
    expect(bench.unwritten).toBeGreaterThan(0);
    for (const name of names) model.putFile(`disk:/${name}/y`, 'y');
    await bench.poll();
    for (const name of ['', ...names]) await bench.ls(name);
    await bench.close();
    await bench.open();
    const known = names.map(async (name) => bench.tree.knownChildren(await bench.at(name)));
    for (const children of await Promise.all(known))
      expect([...(children?.keys() ?? [])]).toEqual(['x', 'y']);
    expect(bench.damages).toEqual([]);
  });

  it('a giant folder that cannot be kept is never shown empty', async () => {
    const { model } = bench.disk;
    model.declare('disk:/giant', { files: 110_000, fileSizeBytes: 4 });
    await bench.open();
    const put = TreeStore.prototype.put;
    TreeStore.prototype.put = () => {
      throw new Failure('no-space', 'full');
    };
    try {
      const shown = await bench.ls('giant').catch((error) => error.code);
      expect(Array.isArray(shown) ? shown.length : 110_000).toBe(110_000);
    } finally {
      TreeStore.prototype.put = put;
    }
  }, 120_000);
});
