import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Freshness } from '../../src/tree/freshness.ts';
import { KnownTree } from '../../src/tree/known-tree.ts';
import { LocalChanges, localOf } from '../../src/tree/local-changes.ts';
import type { LocalNode } from '../../src/tree/local-node.ts';
import { LocalStore } from '../../src/tree/local-store.ts';
import { LocalTree } from '../../src/tree/local-tree.ts';
import { lagMs, PastEntries } from '../../src/tree/past-entries.ts';
import type { ShownNode } from '../../src/tree/shown-node.ts';
import { ShownTree } from '../../src/tree/shown-tree.ts';
import { Tree } from '../../src/tree/tree.ts';
import { standInClient } from '../disk-api/client.ts';

const { signal } = new AbortController();

/** What a mount shows, on a Disk whose listings have not followed yet: nothing that is done here reaches it. */
async function laggingDisk() {
  const { api, disk } = await standInClient();
  const folder = mkdtempSync(join(tmpdir(), 'yadiskfs-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const open = async () => {
    const local = new LocalTree({
      store: new LocalStore(join(folder, 'unsent.db')),
      onDamage: (failure) => {
        throw failure;
      },
    });
    const fail = (failure: Error) => {
      throw failure;
    };
    const known = new KnownTree({
      storeFile: join(folder, 'tree.db'),
      root: 'disk:/',
      local,
      onDamage: fail,
      onUnwritten: fail,
    });
    const tree = new Tree(api, known, new Freshness({ intervalMs: 10_000 }), {
      root: 'disk:/',
      pathOf: (each) => shown.knownPath(each),
      onLink: () => {},
      onChanged: () => {},
    });
    local.standBeside({ folder: (id) => tree.folder(id), sync: () => known.sync() });
    const shown: ShownTree = new ShownTree(tree, local);
    await tree.open(signal);
    const list = async () => {
      await tree.relist(tree.root, 'user', signal);
      return await shown.list(shown.root, signal);
    };
    /** Without asking for it again. */
    const look = (folder = shown.root) => shown.list(folder, signal);
    const close = () => {
      local.close();
      known.close();
    };
    return { local, list, look, close };
  };
  return { model: disk.model, open };
}

/** A local node of what is listed. */
function shownAs(listed: ReadonlyMap<string, ShownNode>, name: string): LocalNode {
  const node = listed.get(name);
  if (!node) throw new Error(`Not shown: ${name}`);
  return localOf(node, 0);
}

/** Deleted here, and on the server too; and whoever knew that has forgotten it. */
function forgetDeleted(local: LocalTree, node: LocalNode): void {
  local.apply({ put: [{ ...node, state: 'deleted' }] });
  local.apply(new LocalChanges(local).settled(node.id, undefined));
  local.apply({ remove: [node.id] });
}

it('a listing that lags does not bring back what was deleted, also after a restart', async () => {
  const { model, open } = await laggingDisk();
  for (const name of ['gone', 'stays']) model.putFile(`disk:/${name}`, name);
  model.mkdir('disk:/folder');
  const first = await open();
  const before = await first.list();
  for (const name of ['gone', 'folder']) {
    forgetDeleted(first.local, shownAs(before, name));
  }
  expect([...(await first.list()).keys()]).toEqual(['stays']);
  first.close();
  const second = await open();
  expect([...(await second.list()).keys()]).toEqual(['stays']);
  // What others put there is news.
  model.putFile('disk:/gone', 'another');
  expect([...(await second.list()).keys()].sort()).toEqual(['gone', 'stays']);
  second.close();
});

it('a listing that lags does not bring back the bytes that were replaced', async () => {
  const { model, open } = await laggingDisk();
  model.putFile('disk:/file', 'old');
  const { local, list, close } = await open();
  const old = shownAs(await list(), 'file');
  model.putFile('disk:/file', 'new');
  const { base } = shownAs(await list(), 'file');
  // As if it had been us who replaced it, and a listing had shown that.
  local.apply({ put: [old] });
  local.apply(new LocalChanges(local).settled(old.id, base));
  local.apply({ remove: [old.id] });
  model.putFile('disk:/file', 'old');
  expect(shownAs(await list(), 'file').base?.content?.md5).toBe(base?.content?.md5);
  close();
});

it('what was put somewhere and not seen since gets its number there, whatever resource the server makes of it', async () => {
  const { model, open } = await laggingDisk();
  model.putFile('disk:/a', 'bytes');
  const { local, list, close } = await open();
  const file = shownAs(await list(), 'a');
  const moved = { ...file, name: 'b' };
  local.apply({ put: [moved] });
  const base = moved.base && { ...moved.base, name: 'b', resourceId: undefined };
  local.apply(new LocalChanges(local).settled(file.id, base));
  model.remove('disk:/a');
  model.putFile('disk:/b', 'bytes');
  await list();
  local.apply({ remove: [file.id] });
  expect([...(await list()).values()].map(({ id, name }) => [id, name])).toEqual([[file.id, 'b']]);
  close();
});

it('what a look has shown where we put it gets its number there, though another resource was known by that', async () => {
  const { model, open } = await laggingDisk();
  model.putFile('disk:/a', 'bytes');
  const { local, list, close } = await open();
  const file = shownAs(await list(), 'a');
  model.remove('disk:/a');
  model.putFile('disk:/b', 'bytes');
  const there = shownAs(await list(), 'b');
  expect(there.id).not.toBe(file.id);
  // A look took it for ours, and has its number from the server.
  local.apply({ put: [{ ...file, name: 'b', base: there.base }] });
  const numbers = async () => [...(await list()).values()].map(({ id, name }) => [id, name]);
  await list();
  local.apply({ remove: [file.id] });
  expect(await numbers()).toEqual([[file.id, 'b']]);
  expect(await numbers()).toEqual([[file.id, 'b']]);
  close();
});

it('what ours is to replace has its number before it was ever shown: it does not come to light when ours goes elsewhere', async () => {
  const { model, open } = await laggingDisk();
  const { local, list, look, close } = await open();
  const changes = new LocalChanges(local);
  const root = { parentId: 1, name: 'file' };
  const [first, second] = [500, 501];
  local.apply(changes.create(first, 'file', root, {}));
  const content = { sizeBytes: 3, md5: undefined, sha256: undefined, versionTag: '' };
  const modified = { sec: 0, nsec: 0 };
  const base = { ...root, resourceId: undefined, content, modified, properties: undefined };
  local.apply(changes.settled(first, base));
  model.putFile('disk:/file', 'old');
  local.apply(changes.create(second, 'file', { parentId: 1, name: 'beside' }, {}));
  const shown = (id: number): ShownNode => {
    const node = local.node(id);
    if (!node) throw new Error(`No node ${id}`);
    return { ...node, remote: undefined, local: node };
  };
  local.apply(changes.rename(shown(second), root, shown(first)));
  // Nobody has seen it, so it is forgotten but for its number.
  local.apply({ remove: [first] });
  expect([...(await list()).values()].map(({ id, name }) => [id, name])).toEqual([[second, 'file']]);
  local.apply(changes.rename(shown(second), { parentId: 1, name: 'elsewhere' }, undefined));
  expect([...(await look()).keys()]).toEqual(['elsewhere']);
  close();
});

it('what is to be deleted is hidden by its place, where a listing gave it another number', async () => {
  const { model, open } = await laggingDisk();
  model.putFile('disk:/file', 'bytes');
  const { local, list, look, close } = await open();
  const { base, ...node } = shownAs(await list(), 'file');
  if (!base) throw new Error('Not known');
  const tombstone = { ...node, id: 500, state: 'deleted' as const };
  local.apply({ put: [{ ...tombstone, base: { ...base, resourceId: undefined } }] });
  expect([...(await look()).keys()]).toEqual([]);
  // Somebody else's.
  local.apply({ put: [{ ...tombstone, base: { ...base, resourceId: 'another' } }] });
  expect([...(await look()).keys()]).toEqual(['file']);
  close();
});

it('a folder that was made again keeps what is unsent in it, whichever of the two a listing had shown', async () => {
  const { model, open } = await laggingDisk();
  model.mkdir('disk:/folder/deep', { parents: true });
  const { local, list, look, close } = await open();
  const folder = (await list()).get('folder');
  const deep = folder && (await look(folder)).get('deep');
  if (!folder || !deep) throw new Error('Not shown');
  const changes = new LocalChanges(local);
  local.apply(changes.create(500, 'file', { parentId: folder.id, name: 'unsent' }, {}));
  local.apply(changes.create(501, 'file', { parentId: deep.id, name: 'deeper' }, {}));
  model.remove('disk:/folder');
  model.mkdir('disk:/folder/deep', { parents: true });
  model.putFile('disk:/folder/new', 'new');
  const again = (await list()).get('folder');
  if (!again) throw new Error('Not shown any more');
  const within = await look(again);
  expect([...within.keys()].sort()).toEqual(['deep', 'new', 'unsent']);
  expect([...(await look(within.get('deep'))).keys()]).toEqual(['deeper']);
  close();
});

it('lag ends', () => {
  let nowMs = 0;
  const past = new PastEntries([], () => nowMs);
  const content = { sizeBytes: 1, md5: undefined, sha256: undefined, versionTag: 'a' };
  const modified = { sec: 0, nsec: 0 };
  const base = { parentId: 1, name: 'a', resourceId: undefined, content, modified, properties: undefined };
  past.take(past.after([base], []));
  expect(past.has(1, 'a', base)).toBe(true);
  // The same bytes are put there again.
  past.take(past.after([], [base]));
  expect(past.has(1, 'a', base)).toBe(false);
  past.take(past.after([base], []));
  nowMs = lagMs;
  expect(past.has(1, 'a', base)).toBe(false);
  expect(past.after([{ ...base, name: 'b' }], [])).toHaveLength(2);
});

it('what somebody has put back is shown again at once, and what else was deleted stays hidden, also after a restart', async () => {
  const { model, open } = await laggingDisk();
  for (const name of ['back', 'gone']) model.putFile(`disk:/${name}`, name);
  let { local, list, close } = await open();
  const listed = await list();
  for (const name of ['back', 'gone']) forgetDeleted(local, shownAs(listed, name));
  expect([...(await list()).keys()]).toEqual([]);
  local.expectAgain(1, 'back');
  // Nothing was ever there.
  local.expectAgain(1, 'never');
  expect([...(await list()).keys()]).toEqual(['back']);
  close();
  ({ list, close } = await open());
  expect([...(await list()).keys()]).toEqual(['back']);
  close();
});
