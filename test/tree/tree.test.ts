import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Api } from '../../src/disk-api/api.ts';
import { readRevision } from '../../src/disk-api/disk.ts';
import { Failure, failedWith } from '../../src/errors.ts';
import { Freshness } from '../../src/tree/freshness.ts';
import { KnownTree } from '../../src/tree/known-tree.ts';
import type { FolderNode, Node } from '../../src/tree/node.ts';
import { Tree } from '../../src/tree/tree.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import { calmSettings } from '../stand-in/settings.ts';
import { nothingLocal } from './nothing-local.ts';
import { change, foreignChange, pathsOf } from './random-changes.ts';

/** More of them by hand: TREE_RUNS=200. */
const runs = Number(process.env['TREE_RUNS'] ?? 25);
const { signal } = new AbortController();

/** A tree as a mount has it, without the mount; it can be closed and opened again on the same store. */
class Bench {
  readonly disk: StandIn;
  readonly folder = mkdtempSync(join(tmpdir(), 'yadiskfs-test-'));
  readonly storeFile = join(this.folder, 'tree.db');
  readonly damages: string[] = [];
  readonly told: string[] = [];
  readonly api: Api;
  known!: KnownTree;
  freshness!: Freshness;
  tree!: Tree;

  constructor(disk: StandIn) {
    this.disk = disk;
    this.api = new Api({
      url: new URL(disk.apiUrl),
      tokens: { accessToken: async () => disk.token },
      ratePerSecond: 0,
    });
  }

  async open(): Promise<void> {
    this.known = new KnownTree({
      storeFile: this.storeFile,
      root: 'disk:/',
      local: nothingLocal,
      onDamage: (_, aside) => this.damages.push(String(aside)),
      onUnwritten: (failure) => {
        throw failure;
      },
    });
    this.freshness = new Freshness({ intervalMs: 10_000 });
    this.tree = new Tree(this.api, this.known, this.freshness, {
      root: 'disk:/',
      onLink: () => {},
      onChanged: ({ folder, names, sameFolders }) => {
        for (const name of [...names, ...sameFolders])
          this.told.push([...this.tree.place(folder), name].join('/'));
      },
    });
    await this.poll();
    await this.tree.open(signal);
  }

  async poll(): Promise<void> {
    this.freshness.noteRevision(await readRevision(this.api));
  }

  /** All nodes by their path in the mount. */
  async walk(): Promise<Map<string, Node>> {
    const nodes = new Map<string, Node>();
    const visit = async (folder: FolderNode, path: string) => {
      for (const [name, node] of await this.tree.list(folder, signal)) {
        nodes.set(`${path}/${name}`, node);
        expect(await this.tree.child(folder, name, signal)).toMatchObject({ id: node.id, kind: node.kind });
        if (node.kind === 'folder') await visit(node, `${path}/${name}`);
      }
    };
    await visit(this.tree.root, '');
    return nodes;
  }

  /** As the Disk really is: path, kind, size and hash. */
  truth(): string[] {
    const { model } = this.disk;
    return pathsOf(model)
      .entries.map((path) => {
        const node = model.find(path);
        return node?.kind === 'file' ? `${path} ${model.read(path).toString('hex')}` : `${path} folder`;
      })
      .sort();
  }

  /** The same by what the tree shows. */
  async shown(): Promise<string[]> {
    const nodes = await this.walk();
    return [...nodes.values()]
      .map(({ remote, kind }) => {
        const { model } = this.disk;
        if (kind === 'folder') return `${remote.path} folder`;
        const bytes = model.read(remote.path);
        const isRight = remote.content?.sizeBytes === bytes.length && remote.content.sha256 !== undefined;
        return `${remote.path} ${isRight ? bytes.toString('hex') : 'wrong'}`;
      })
      .sort();
  }

  requests(): number {
    const count = this.api.counts.api;
    this.api.counts.api = 0;
    return count;
  }

  close(): void {
    this.known.close();
  }

  async remove(): Promise<void> {
    this.close();
    this.api.close();
    await this.disk.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function makeBench(): Promise<Bench> {
  const bench = new Bench(await startStandIn({ settings: calmSettings }));
  await bench.open();
  return bench;
}

describe('the tree', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await makeBench();
  });
  afterEach(() => bench.remove());

  const idOf = async (path: string) => (await bench.walk()).get(path)?.id;

  it('is known again after a restart, with the same numbers and without a request', async () => {
    const { model } = bench.disk;
    for (let folder = 0; folder < 5; folder++)
      for (let file = 0; file < 5; file++) model.putFile(`disk:/f${folder}/x${file}.txt`, `${folder}${file}`);
    await bench.poll();
    const before = await bench.walk();
    bench.close();
    await bench.open();
    bench.requests();
    const after = await bench.walk();
    // The one folder that is checked now and then, because nobody knows whether the revision tells of everything.
    expect(bench.requests()).toBeLessThanOrEqual(1);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [path, node] of after) expect(node.id).toBe(before.get(path)?.id);
  });

  it('asks again for what was looked at after the revision has moved, and for nothing else', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/a/x.txt', 'x');
    model.putFile('disk:/b/y.txt', 'y');
    await bench.poll();
    await bench.walk();
    model.putFile('disk:/a/z.txt', 'z');
    await bench.poll();
    bench.told.length = 0;
    bench.requests();
    const root = await bench.tree.list(bench.tree.root, signal);
    const a = root.get('a');
    if (a?.kind !== 'folder') throw new Error('no folder');
    expect([...(await bench.tree.list(a, signal)).keys()].sort()).toEqual(['x.txt', 'z.txt']);
    expect(bench.requests()).toBe(2);
    expect(bench.told).toEqual(['a/z.txt']);
  });

  it('keeps the number of what was renamed, moved, or replaced under its name', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/a/deep/x.txt', 'x');
    model.putFile('disk:/y.txt', 'y');
    model.mkdir('disk:/b');
    await bench.poll();
    const deep = await idOf('/a/deep');
    const x = await idOf('/a/deep/x.txt');
    const y = await idOf('/y.txt');
    model.move('disk:/a/deep', 'disk:/b/deeper');
    model.move('disk:/y.txt', 'disk:/renamed.txt');
    await bench.poll();
    expect(await idOf('/b/deeper')).toBe(deep);
    expect(await idOf('/b/deeper/x.txt')).toBe(x);
    expect(await idOf('/renamed.txt')).toBe(y);
    expect(await idOf('/a/deep')).toBeUndefined();
    model.remove('disk:/renamed.txt');
    model.putFile('disk:/renamed.txt', 'another file under the same name');
    await bench.poll();
    expect(await idOf('/renamed.txt')).toBe(y);
  });

  it('lets what is in no listing wait: it may turn up in a folder that is listed later', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/a/x.txt', 'x');
    model.mkdir('disk:/b');
    await bench.poll();
    const x = await idOf('/a/x.txt');
    const root = await bench.tree.list(bench.tree.root, signal);
    const [a, b] = [root.get('a'), root.get('b')];
    if (a?.kind !== 'folder' || b?.kind !== 'folder') throw new Error('no folders');
    model.move('disk:/a/x.txt', 'disk:/b/x.txt');
    await bench.poll();
    expect((await bench.tree.list(a, signal)).size).toBe(0);
    bench.close();
    await bench.open();
    expect((await bench.tree.child(b, 'x.txt', signal)).id).toBe(x);
    bench.tree.forgetLost(Date.now() + 1);
    expect((await bench.tree.child(b, 'x.txt', signal)).id).toBe(x);
  });

  it('swaps names', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/a', 'a');
    model.putFile('disk:/b', 'b');
    await bench.poll();
    const [a, b] = [await idOf('/a'), await idOf('/b')];
    model.move('disk:/a', 'disk:/c');
    model.move('disk:/b', 'disk:/a');
    model.move('disk:/c', 'disk:/b');
    await bench.poll();
    expect([await idOf('/a'), await idOf('/b')]).toEqual([b, a]);
    bench.close();
    await bench.open();
    expect([await idOf('/a'), await idOf('/b')]).toEqual([b, a]);
  });

  it('forgets a lost folder with all beneath it', async () => {
    const { model } = bench.disk;
    for (let file = 0; file < 30; file++) model.putFile(`disk:/gone/${file % 5}/${file}.txt`, 'x');
    await bench.poll();
    await bench.walk();
    model.remove('disk:/gone');
    await bench.poll();
    await bench.walk();
    let rounds = 0;
    while (bench.tree.forgetLost(Date.now() + 1)) rounds++;
    expect(rounds).toBeLessThan(50);
    for (let file = 0; file < 30; file++) model.putFile(`disk:/gone/${file % 5}/${file}.txt`, 'again');
    await bench.poll();
    expect((await bench.shown()).length).toBe(bench.truth().length);
  });

  it('shows a folder that cannot be listed now as it was, and fails for one that never was', async () => {
    const { model } = bench.disk;
    model.putFile('disk:/known/x.txt', 'x');
    model.mkdir('disk:/never');
    await bench.poll();
    const root = await bench.tree.list(bench.tree.root, signal);
    const [known, never] = [root.get('known'), root.get('never')];
    if (known?.kind !== 'folder' || never?.kind !== 'folder') throw new Error('no folders');
    await bench.tree.list(known, signal);
    model.putFile('disk:/known/y.txt', 'y');
    await bench.poll();
    bench.disk.wire.cut({ fresh: 'reset', existing: 'rst' });
    expect([...(await bench.tree.list(known, signal)).keys()]).toEqual(['x.txt']);
    await expect(bench.tree.list(never, signal)).rejects.toMatchObject({ code: 'offline' });
  });
});

describe('large files by their size', () => {
  it('finds them after a restart too, by their hash where it is given, and none that is lost', async () => {
    const bench = await makeBench();
    const bytes = (fill: number, sizeBytes: number) => Buffer.alloc(sizeBytes, fill);
    const large = 1 << 20;
    bench.disk.model.putFile('disk:/a/one', bytes(1, large));
    bench.disk.model.putFile('disk:/a/other', bytes(2, large));
    bench.disk.model.putFile('disk:/b/one again', bytes(1, large));
    bench.disk.model.putFile('disk:/b/small', bytes(1, large - 1));
    await bench.poll();
    await bench.walk();
    const names = (sizeBytes: number, fill?: number) => {
      const sum = (kind: string) =>
        createHash(kind)
          .update(bytes(fill ?? 0, sizeBytes))
          .digest('hex');
      const hashes = fill === undefined ? undefined : { md5: sum('md5'), sha256: sum('sha256') };
      return bench.tree.filesOf(sizeBytes, hashes).map(({ name }) => name);
    };
    const check = () => {
      expect(names(large).sort()).toEqual(['one', 'one again', 'other']);
      expect(names(large, 1).sort()).toEqual(['one', 'one again']);
      expect(names(large, 3)).toEqual([]);
      expect(names(large - 1)).toEqual([]);
      expect(names(large + 1)).toEqual([]);
    };
    check();
    bench.close();
    await bench.open();
    check();
    bench.disk.model.remove('disk:/a/one');
    await bench.poll();
    await bench.walk();
    expect(names(large, 1)).toEqual(['one again']);
    await bench.remove();
  });
});

describe('the tree under random changes made elsewhere', () => {
  it(
    'is the Disk after each, over restarts, with one number for each resource',
    async () => {
      const step = fc.oneof(
        { weight: 6, arbitrary: foreignChange },
        { weight: 2, arbitrary: fc.constant({ kind: 'look' as const }) },
        { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
        { weight: 1, arbitrary: fc.constant({ kind: 'tidy' as const }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          const bench = await makeBench();
          try {
            const ids = new Map<string, number>();
            for (const one of [...steps, { kind: 'look' as const }]) {
              if (one.kind === 'restart') {
                bench.close();
                await bench.open();
              } else if (one.kind === 'tidy') {
                while (bench.tree.forgetLost(Date.now() - 3600_000));
              } else if (one.kind === 'look') {
                await bench.poll();
                // A first look may find nodes where they are not any more; the second is to be right.
                await bench.shown();
                expect(await bench.shown()).toEqual(bench.truth());
                const nodes = await bench.walk();
                expect(new Set([...nodes.values()].map(({ id }) => id)).size).toBe(nodes.size);
                for (const { id, remote } of nodes.values()) {
                  const resource = remote.resourceId ?? '';
                  const before = ids.get(resource);
                  if (before !== undefined) expect(id).toBe(before);
                  ids.set(resource, id);
                }
              } else {
                change(bench.disk.model, one);
              }
            }
            expect(bench.damages).toEqual([]);
          } finally {
            await bench.remove();
          }
        }),
        { numRuns: runs },
      );
    },
    60_000 + runs * 2_000,
  );
});

describe('a store that was damaged', () => {
  it(
    'is noticed, set aside and made anew: what is shown is the Disk',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 2 ** 30 }),
          fc.integer({ min: 1, max: 255 }),
          async (at, flip) => {
            const bench = await makeBench();
            try {
              const { model } = bench.disk;
              for (let file = 0; file < 60; file++)
                model.putFile(`disk:/f${file % 6}/name-${file}.txt`, `${file}`);
              await bench.poll();
              await bench.walk();
              bench.close();
              const size = statSync(bench.storeFile).size;
              const handle = openSync(bench.storeFile, 'r+');
              const where = at % size;
              writeSync(handle, Buffer.alloc(64, flip), 0, 64, where);
              closeSync(handle);
              await bench.open();
              const shown = await bench.shown().catch((error: unknown) => {
                if (!(error instanceof Failure) || !failedWith(error, 'stale')) throw error;
                return bench.shown();
              });
              expect(shown).toEqual(bench.truth());
              const aside = readdirSync(bench.folder).filter((name) => /\.damaged-[^.]*Z(-\d+)?$/.test(name));
              expect(aside.length).toBe(bench.damages.length);
            } finally {
              await bench.remove();
            }
          },
        ),
        { numRuns: runs },
      );
    },
    60_000 + runs * 2_000,
  );

  it('does not bring numbers of before back for other nodes', async () => {
    const bench = await makeBench();
    bench.disk.model.putFile('disk:/a/x.txt', 'x');
    await bench.poll();
    const before = await bench.walk();
    const era = bench.known.era;
    bench.close();
    const handle = openSync(bench.storeFile, 'r+');
    writeSync(handle, Buffer.alloc(4096, 0xff), 0, 4096, 0);
    closeSync(handle);
    await bench.open();
    expect(bench.damages.length).toBe(1);
    expect(era).toBe(0);
    expect([...(await bench.walk()).keys()]).toEqual([...before.keys()]);
    await bench.remove();
  });
});
