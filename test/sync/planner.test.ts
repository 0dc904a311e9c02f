import { describe, expect, test } from 'vitest';
import { planSteps } from '../../src/sync/planner.ts';
import { blankNode, type LocalNode } from '../../src/tree/local-node.ts';
import { rootId } from '../../src/tree/node.ts';
import { epoch } from '../../src/tree/times.ts';
import { heldMs, SimulatedDisk } from './simulated-disk.ts';

/** What is done for one thing that the user did, listings left out. */
function changesOf(arrange: (disk: SimulatedDisk) => () => void): string[] {
  const disk = new SimulatedDisk();
  const act = arrange(disk);
  act();
  disk.checkView();
  disk.drain();
  disk.checkServer();
  return disk.requests.filter((kind) => kind !== 'list');
}

function edit(disk: SimulatedDisk, id: number, change: Partial<LocalNode>): void {
  const node = disk.tree.node(id);
  if (!node) throw new Error(`Nothing differs in ${id}`);
  disk.tree.apply({ put: [{ ...node, ...change }] });
}

/** Begins what the plan says and does it to the end, once. */
function doOnce(disk: SimulatedDisk): void {
  for (const step of disk.plan().steps) disk.begin(step);
  while (disk.runs[0]) disk.advance(disk.runs[0]);
}

describe('requests', () => {
  test('a temporary file renamed over another is one upload', () => {
    const changes = changesOf((disk) => {
      disk.has(rootId, 'doc', 'file');
      return () => disk.rename(disk.create(rootId, 'tmp', 'file'), rootId, 'doc');
    });
    expect(changes).toEqual(['upload']);
  });

  test('a save that keeps a backup and then removes it is one upload', () => {
    const changes = changesOf((disk) => {
      const doc = disk.has(rootId, 'doc', 'file');
      return () => {
        disk.rename(doc, rootId, 'doc~');
        disk.create(rootId, 'doc', 'file');
        disk.remove(doc);
      };
    });
    expect(changes).toEqual(['upload']);
  });

  test('a second save while the first goes up is one more upload onto it', () => {
    const changes = changesOf((disk) => {
      disk.rename(disk.create(rootId, 'tmp', 'file'), rootId, 'doc');
      const [step] = disk.plan().steps;
      if (step) disk.begin(step);
      if (disk.runs[0]) disk.advance(disk.runs[0]);
      return () => disk.rename(disk.create(rootId, 'tmp', 'file'), rootId, 'doc');
    });
    expect(changes).toEqual(['upload', 'upload']);
  });

  test('what was made and deleted again costs nothing', () => {
    const changes = changesOf((disk) => () => {
      const folder = disk.create(rootId, 'd', 'folder');
      disk.create(folder, 'f', 'file');
      disk.removeTree(folder);
    });
    expect(changes).toEqual([]);
  });

  test('a tree is deleted with one request', () => {
    const changes = changesOf((disk) => {
      const folder = disk.has(rootId, 'd', 'folder');
      const deeper = disk.has(folder, 'e', 'folder');
      for (const name of ['a', 'b', 'c']) disk.has(deeper, name, 'file');
      return () => disk.removeTree(folder);
    });
    expect(changes).toEqual(['delete']);
  });

  test('a chain of renames is one move, and back again none', () => {
    const renamed = (...names: string[]) =>
      changesOf((disk) => {
        const id = disk.has(rootId, 'a', 'file');
        return () => {
          for (const name of names) disk.rename(id, rootId, name);
        };
      });
    expect(renamed('b', 'c', 'd')).toEqual(['move']);
    expect(renamed('b', 'c', 'a')).toEqual([]);
  });

  test('names are swapped in three moves, and shifted in as many as there are files', () => {
    const swap = changesOf((disk) => {
      const a = disk.has(rootId, 'a', 'file');
      const b = disk.has(rootId, 'b', 'file');
      return () => {
        disk.rename(a, rootId, 'x');
        disk.rename(b, rootId, 'a');
        disk.rename(a, rootId, 'b');
      };
    });
    expect(swap).toEqual(['move', 'move', 'move']);
    const shift = changesOf((disk) => {
      const ids = ['1', '2', '3'].map((name) => disk.has(rootId, name, 'file'));
      return () => {
        for (const [index, id] of ids.reverse().entries()) disk.rename(id, rootId, String(4 - index));
      };
    });
    expect(shift).toEqual(['move', 'move', 'move']);
  });

  test('a folder changes places with what is in it', () => {
    const changes = changesOf((disk) => {
      const outer = disk.has(rootId, 'a', 'folder');
      const inner = disk.has(outer, 'a', 'folder');
      return () => {
        disk.rename(inner, rootId, 'x');
        disk.rename(outer, inner, 'a');
        disk.rename(inner, rootId, 'a');
      };
    });
    expect(changes).toEqual(['move', 'move', 'move']);
  });

  test('what comes out of a folder and takes its name is kept', () => {
    const changes = changesOf((disk) => {
      const outer = disk.has(rootId, 'a', 'folder');
      const inner = disk.has(outer, 'a', 'folder');
      disk.has(inner, 'f', 'file');
      return () => {
        disk.rename(inner, rootId, 'x');
        disk.remove(outer);
        disk.rename(inner, rootId, 'a');
      };
    });
    expect(changes).toEqual(['move', 'move', 'delete']);
  });

  test('a file of the server renamed over another is one move', () => {
    const changes = changesOf((disk) => {
      const a = disk.has(rootId, 'a', 'file');
      disk.has(rootId, 'b', 'file');
      return () => disk.rename(a, rootId, 'b');
    });
    expect(changes).toEqual(['move']);
  });
});

describe('order', () => {
  test('a folder is made before what is in it', () => {
    const disk = new SimulatedDisk();
    const folder = disk.create(rootId, 'd', 'folder');
    const file = disk.create(folder, 'f', 'file');
    expect(disk.plan().steps).toEqual([{ kind: 'make-folder', id: folder }]);
    doOnce(disk);
    expect(disk.plan().steps).toContainEqual({ kind: 'upload', id: file });
  });

  test('a folder is moved before its content is sent, and what leaves it on its own comes after', () => {
    const disk = new SimulatedDisk();
    const folder = disk.has(rootId, 'd', 'folder');
    const written = disk.has(folder, 'f', 'file');
    const leaving = disk.has(folder, 'g', 'file');
    disk.write(written);
    disk.rename(leaving, rootId, 'g');
    disk.rename(folder, rootId, 'e');
    expect(disk.plan().steps).toEqual([{ kind: 'move', id: folder, aside: false }]);
    doOnce(disk);
    expect(disk.plan().steps).toEqual([
      { kind: 'upload', id: written },
      { kind: 'move', id: leaving, aside: false },
    ]);
  });

  test('what is to stay leaves a folder before that is deleted with all that goes with it', () => {
    const disk = new SimulatedDisk();
    const folder = disk.has(rootId, 'd', 'folder');
    const deeper = disk.has(folder, 'e', 'folder');
    const staying = disk.has(deeper, 'f', 'file');
    const going = disk.has(deeper, 'g', 'file');
    disk.rename(staying, rootId, 'f');
    disk.removeTree(folder);
    expect(disk.plan().steps).toEqual([{ kind: 'move', id: staying, aside: false }]);
    doOnce(disk);
    const deletion = disk.plan().steps.find(({ kind }) => kind === 'delete');
    expect(deletion).toEqual({ kind: 'delete', id: folder, covers: expect.arrayContaining([deeper, going]) });
  });

  test('a folder goes before another gets its name', () => {
    const disk = new SimulatedDisk();
    const old = disk.has(rootId, 'd', 'folder');
    const other = disk.has(rootId, 'e', 'folder');
    disk.rename(other, rootId, 'd');
    expect(disk.plan().steps).toEqual([{ kind: 'delete', id: old, covers: [] }]);
  });

  test('a ring is opened by moving one of it aside', () => {
    const disk = new SimulatedDisk();
    const a = disk.has(rootId, 'a', 'file');
    const b = disk.has(rootId, 'b', 'file');
    disk.rename(a, rootId, 'x');
    disk.rename(b, rootId, 'a');
    disk.rename(a, rootId, 'b');
    const { steps } = disk.plan();
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ kind: 'move', aside: true });
  });

  test('a subtree is left alone while something in it runs, and what is in it while it runs itself', () => {
    const disk = new SimulatedDisk();
    const folder = disk.has(rootId, 'd', 'folder');
    const file = disk.has(folder, 'f', 'file');
    disk.write(file);
    disk.begin({ kind: 'upload', id: file });
    disk.rename(folder, rootId, 'e');
    expect(disk.plan().steps).toEqual([]);
    while (disk.runs[0]) disk.advance(disk.runs[0]);
    const move = { kind: 'move', id: folder, aside: false } as const;
    expect(disk.plan().steps).toEqual([move]);
    disk.begin(move);
    disk.write(file);
    expect(disk.plan().steps).toEqual([]);
  });

  test('an upload to a name that was left meanwhile keeps that name busy', () => {
    const disk = new SimulatedDisk();
    const first = disk.create(rootId, 'a', 'file');
    disk.begin({ kind: 'upload', id: first });
    if (disk.runs[0]) disk.advance(disk.runs[0]);
    disk.rename(first, rootId, 'b');
    disk.create(rootId, 'a', 'file');
    expect(disk.plan().steps).toEqual([]);
  });

  test('what came of an intent is found out before anything else', () => {
    const disk = new SimulatedDisk();
    const file = disk.create(rootId, 'a', 'file');
    disk.begin({ kind: 'upload', id: file });
    if (disk.runs[0]) disk.advance(disk.runs[0]);
    disk.restart(true);
    expect(disk.plan().steps).toEqual([{ kind: 'resolve', id: file }]);
  });
});

describe('time', () => {
  test('nothing is sent before its write-back delay is over, unless somebody flushes it', () => {
    const disk = new SimulatedDisk();
    disk.writeBackMs = 500;
    const folder = disk.create(rootId, 'd', 'folder');
    const file = disk.create(folder, 'f', 'file');
    expect(disk.plan()).toEqual({ steps: [], nextAtMs: 500 });
    // The folder is needed for it.
    expect(disk.plan({ flushed: new Set([file]) }).steps).toEqual([{ kind: 'make-folder', id: folder }]);
    disk.nowMs = 500;
    expect(disk.plan()).toEqual({ steps: [{ kind: 'make-folder', id: folder }], nextAtMs: undefined });
  });

  test('an open file that may be about to be replaced is not deleted for a second', () => {
    const disk = new SimulatedDisk();
    const file = disk.has(rootId, 'f', 'file');
    disk.remove(file);
    edit(disk, file, { hidden: { name: '.fuse_hidden1', tentative: true } });
    expect(disk.plan()).toEqual({ steps: [], nextAtMs: 1_000 });
    disk.nowMs = 1_000;
    expect(disk.plan().steps).toEqual([{ kind: 'delete', id: file, covers: [] }]);
  });

  test('half a file and one that is being written are not sent', () => {
    const disk = new SimulatedDisk();
    const half = disk.create(rootId, 'a', 'file');
    const held = disk.create(rootId, 'b', 'file');
    edit(disk, half, {
      draft: { name: '', sizeBytes: 0, version: 1, sentVersion: undefined, finished: false },
    });
    expect(disk.plan({ held: new Set([held]) })).toEqual({ steps: [], nextAtMs: disk.nowMs + heldMs });
    expect(disk.plan().steps).toEqual([{ kind: 'upload', id: held }]);
  });

  test('what cannot be done is tried again in time, and holds up only what needs it', () => {
    const disk = new SimulatedDisk();
    const refused = disk.create(rootId, 'd', 'folder');
    disk.create(refused, 'f', 'file');
    const other = disk.create(rootId, 'g', 'file');
    const trouble = { code: 'offline', message: '', sinceMs: 0 };
    edit(disk, refused, { trouble: { ...trouble, retryAtMs: 700 } });
    expect(disk.plan()).toEqual({ steps: [{ kind: 'upload', id: other }], nextAtMs: 700 });
    edit(disk, refused, { trouble: { ...trouble, retryAtMs: undefined } });
    expect(disk.plan()).toEqual({ steps: [{ kind: 'upload', id: other }], nextAtMs: undefined });
  });

  test('content in a folder whose move was refused goes up where the server has the folder', () => {
    const disk = new SimulatedDisk();
    const folder = disk.has(rootId, 'd', 'folder');
    disk.rename(folder, rootId, 'e');
    const file = disk.create(folder, 'f', 'file');
    const trouble = { code: 'refused', message: '', sinceMs: 0 };
    edit(disk, folder, { trouble: { ...trouble, retryAtMs: 10 } });
    expect(disk.plan().steps).toEqual([]);
    edit(disk, folder, { trouble: { ...trouble, retryAtMs: undefined } });
    expect(disk.plan().steps).toEqual([{ kind: 'upload', id: file }]);
  });

  test('what replaces a file waits for a date that is on its way to it', () => {
    const disk = new SimulatedDisk();
    const replaced = disk.has(rootId, 'a', 'file');
    disk.touch(replaced);
    disk.begin({ kind: 'set-properties', id: replaced });
    const file = disk.create(rootId, 'new', 'file');
    disk.rename(file, rootId, 'a');
    expect(disk.plan().steps).toEqual([]);
    while (disk.runs[0]) disk.advance(disk.runs[0]);
    expect(disk.plan().steps).toEqual([{ kind: 'upload', id: file }]);
  });

  test('a date follows when the content of its file has rested, whatever else is sent, and one look ends it all', () => {
    const disk = new SimulatedDisk();
    const first = disk.create(rootId, 'a', 'file');
    disk.touch(first);
    disk.begin({ kind: 'upload', id: first });
    while (disk.runs[0]) disk.advance(disk.runs[0]);
    const second = disk.create(rootId, 'b', 'file');
    expect(disk.plan({ restsUntilMs: 900 })).toEqual({
      steps: [{ kind: 'upload', id: second }],
      nextAtMs: 900,
    });
    disk.begin({ kind: 'upload', id: second });
    expect(disk.plan().steps).toEqual([{ kind: 'set-properties', id: first }]);
    doOnce(disk);
    while (disk.runs[0]) disk.advance(disk.runs[0]);
    const [confirm, ...more] = disk.plan().steps;
    expect(more).toEqual([]);
    expect(confirm).toEqual({
      kind: 'confirm',
      folderId: rootId,
      ids: expect.arrayContaining([first, second]),
    });
  });

  test('a long upload keeps the others of its folder from being looked at for half a minute, and no longer', () => {
    const disk = new SimulatedDisk();
    const small = disk.create(rootId, 'small', 'file');
    disk.begin({ kind: 'upload', id: small });
    while (disk.runs[0]) disk.advance(disk.runs[0]);
    const large = disk.create(rootId, 'large', 'file');
    disk.begin({ kind: 'upload', id: large });
    expect(disk.plan().steps).toEqual([]);
    disk.nowMs += 30_000;
    expect(disk.plan().steps).toEqual([{ kind: 'confirm', folderId: rootId, ids: [small] }]);
  });

  test('what was deleted and never was on the server needs nothing', () => {
    const disk = new SimulatedDisk();
    const file = disk.create(rootId, 'a', 'file');
    edit(disk, file, { state: 'deleted' });
    expect(disk.plan()).toEqual({ steps: [], nextAtMs: undefined });
  });
});

test('a tree as deep as it is large is planned too', () => {
  const disk = new SimulatedDisk();
  const count = 20_000;
  const base = (parentId: number) => ({
    parentId,
    name: 'd',
    resourceId: undefined,
    content: undefined,
    modified: { sec: 0, nsec: 0 },
    properties: undefined,
  });
  const top = disk.create(rootId, 'd', 'folder');
  const node = disk.tree.node(top);
  if (!node) throw new Error('It was just made');
  const chain = Array.from({ length: count }, (_, index) => ({
    ...node,
    id: top + index,
    parentId: index === 0 ? rootId : top + index - 1,
  }));
  disk.tree.apply({ put: chain });
  expect(disk.plan().steps).toEqual([{ kind: 'make-folder', id: top }]);
  const deleted = chain.map((each) => ({ ...each, state: 'deleted' as const, base: base(each.parentId) }));
  disk.tree.apply({ put: deleted.reverse() });
  const { steps } = disk.plan();
  expect(steps).toHaveLength(1);
  expect(steps[0]).toMatchObject({ kind: 'delete', id: top });
  const ring = chain.map((each, index) => ({
    ...each,
    parentId: rootId,
    name: String((index + 1) % count),
    base: { ...base(rootId), name: String(index) },
  }));
  disk.tree.apply({ put: ring });
  expect(disk.plan().steps).toMatchObject([{ kind: 'move', aside: true }]);
});

describe('what others have moved into a ring', () => {
  /** Folders by number, each with the one that is above it by what listings of different moments have shown. */
  const planIn = (above: Readonly<Record<number, number>>, ...nodes: readonly LocalNode[]) =>
    planSteps({
      tree: {
        all: () => nodes.values(),
        node: (id) => nodes.find((node) => node.id === id),
        basedAt: () => undefined,
      },
      parentOf: (id) => above[id],
      pathOf: () => '/' as never,
      isUnderWay: () => false,
      nowMs: 1e6,
      writeBackMs: 0,
      heldForMs: () => 0,
      isFlushed: () => true,
      dateRestsUntilMs: () => undefined,
      folderRestsUntilMs: () => undefined,
    });
  const base = {
    parentId: rootId,
    name: 'a',
    resourceId: '2',
    content: undefined,
    modified: epoch,
    properties: undefined,
  };

  test('a folder that is to go into one beneath it is looked at, and does not wait for itself', () => {
    const moved = { ...blankNode(2, 'folder', { parentId: 5, name: 'a' }, 0), base };
    expect(planIn({ 5: 3, 3: 2 }, moved).steps).toEqual([{ kind: 'move', id: 2, aside: false }]);
  });

  test('what is to leave a folder that is deleted for one in it that others have taken away is looked at', () => {
    const deleted: LocalNode = {
      ...blankNode(4, 'folder', { parentId: rootId, name: 'd' }, 0),
      base: { ...base, name: 'd' },
      state: 'deleted',
    };
    const moved = {
      ...blankNode(15, 'file', { parentId: 29, name: 'x' }, 0),
      base: { ...base, parentId: 20, name: 'y' },
    };
    expect(planIn({ 20: 4, 29: 4 }, deleted, moved).steps).toEqual([{ kind: 'move', id: 15, aside: false }]);
  });

  test('folders that are above each other keep nobody busy for ever', () => {
    const made = blankNode(2, 'folder', { parentId: 5, name: 'a' }, 0);
    expect(planIn({ 5: 3, 3: 5 }, made).steps).toEqual([{ kind: 'make-folder', id: 2 }]);
  });
});
