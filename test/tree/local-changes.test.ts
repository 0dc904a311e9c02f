import { describe, expect, test } from 'vitest';
import { rootId } from '../../src/tree/node.ts';
import { SimulatedDisk } from '../sync/simulated-disk.ts';

/** Begins the first step that there is, up to its intent. */
function beginOne(disk: SimulatedDisk): void {
  const [step] = disk.plan().steps;
  if (!step) throw new Error('There is nothing to be done');
  disk.begin(step);
  if (disk.runs[0]) disk.advance(disk.runs[0]);
}

function endAll(disk: SimulatedDisk): void {
  while (disk.runs[0]) disk.advance(disk.runs[0]);
}

describe('taking over a name', () => {
  test('a file that was renamed away and then deleted is replaced where it stood', () => {
    const disk = new SimulatedDisk();
    const old = disk.has(rootId, 'doc', 'file');
    disk.rename(old, rootId, 'doc~');
    const fresh = disk.create(rootId, 'doc', 'file');
    disk.remove(old);
    expect(disk.tree.node(fresh)?.replaces?.id).toBe(old);
    // It is gone and nothing is to be sent of it, but listings still show it.
    expect(disk.tree.node(old)).toMatchObject({ state: 'deleted', base: undefined });
  });

  test('the new file moved over the old one, which had left its name to it, leaves that name free', () => {
    const disk = new SimulatedDisk();
    const old = disk.has(rootId, 'doc', 'file');
    disk.rename(old, rootId, 'doc~');
    const fresh = disk.create(rootId, 'doc', 'file');
    disk.rename(fresh, rootId, 'doc~');
    expect(disk.tree.node(old)).toMatchObject({ state: 'deleted', base: { name: 'doc' } });
    expect(disk.tree.node(fresh)?.replaces).toBeUndefined();
  });

  test('what was replaced and is open still is to be deleted again when its successor goes, and stays open', () => {
    const disk = new SimulatedDisk();
    const old = disk.has(rootId, 'doc', 'file');
    disk.remove(old);
    const hidden = { name: '.fuse_hidden1', tentative: true };
    const tombstone = disk.tree.node(old);
    if (tombstone) disk.tree.apply({ put: [{ ...tombstone, hidden }] });
    const fresh = disk.create(rootId, 'doc', 'file');
    expect(disk.tree.node(old)).toMatchObject({ base: undefined, hidden: { tentative: false } });
    disk.remove(fresh);
    expect(disk.tree.node(old)).toMatchObject({ base: { name: 'doc' }, hidden: { name: '.fuse_hidden1' } });
  });
});

describe('what happened while a step ran', () => {
  test('the next file of that name goes up onto the one whose upload was under way', () => {
    const disk = new SimulatedDisk();
    const first = disk.create(rootId, 'doc', 'file');
    beginOne(disk);
    const second = disk.create(rootId, 'tmp', 'file');
    disk.rename(second, rootId, 'doc');
    expect(disk.tree.node(second)?.replaces).toBeUndefined();
    endAll(disk);
    expect(disk.tree.node(second)?.replaces).toMatchObject({ id: first, base: { name: 'doc' } });
  });

  test('what an upload has replaced is not deleted once more when the file has moved on', () => {
    const disk = new SimulatedDisk();
    const old = disk.has(rootId, 'doc', 'file');
    const fresh = disk.create(rootId, 'tmp', 'file');
    disk.rename(fresh, rootId, 'doc');
    beginOne(disk);
    disk.rename(fresh, rootId, 'other');
    expect(disk.tree.node(old)?.base).toBeDefined();
    endAll(disk);
    expect(disk.tree.node(old)?.base).toBeUndefined();
    expect(disk.plan().steps).toEqual([{ kind: 'move', id: fresh, aside: false }]);
  });

  test('a step that had no effect leaves all as it was', () => {
    const disk = new SimulatedDisk();
    const file = disk.create(rootId, 'doc', 'file');
    beginOne(disk);
    disk.restart(false);
    disk.tree.apply(disk.changes.settled(file, undefined));
    expect(disk.tree.node(file)).toMatchObject({ state: 'shown', base: undefined, intent: undefined });
    expect(disk.plan().steps).toEqual([{ kind: 'upload', id: file }]);
  });
});

test('what was moved there and back is kept until a listing has shown it, if it was sent in between', () => {
  const disk = new SimulatedDisk();
  const file = disk.has(rootId, 'a', 'file');
  disk.rename(file, rootId, 'b');
  disk.rename(file, rootId, 'a');
  expect(disk.tree.node(file)).toBeUndefined();
  disk.rename(file, rootId, 'b');
  beginOne(disk);
  endAll(disk);
  disk.rename(file, rootId, 'c');
  disk.rename(file, rootId, 'b');
  // The last listing shows it at `a`.
  disk.checkView();
  expect(disk.plan().steps).toEqual([{ kind: 'confirm', folderId: rootId, ids: [file] }]);
});

test('a new place is a new try for what was refused', () => {
  const disk = new SimulatedDisk();
  const file = disk.create(rootId, 'a', 'file');
  const node = disk.tree.node(file);
  const trouble = { code: 'refused', message: '', sinceMs: 0, retryAtMs: undefined };
  if (node) disk.tree.apply({ put: [{ ...node, trouble }] });
  disk.rename(file, rootId, 'b');
  expect(disk.tree.node(file)?.trouble).toBeUndefined();
});
