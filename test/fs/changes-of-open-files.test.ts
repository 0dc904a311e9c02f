import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { ChangeTimes } from '../../src/fs/change-times.ts';
import { Changes } from '../../src/fs/changes.ts';
import { LocalStore } from '../../src/tree/local-store.ts';
import { LocalTree } from '../../src/tree/local-tree.ts';
import { type FileNode, rootId } from '../../src/tree/node.ts';
import type { ShownNode } from '../../src/tree/shown-node.ts';
import type { ShownTree } from '../../src/tree/shown-tree.ts';
import { epoch } from '../../src/tree/times.ts';

const root = { id: rootId, parentId: 0, name: '', kind: 'folder', local: undefined } as ShownNode;
const hiddenName = '.fuse_hidden0000000200000001';
const { signal } = new AbortController();

function file(id: number, name: string, md5: string): ShownNode {
  const remote: FileNode['remote'] = {
    path: `disk:/${name}`,
    name,
    resourceId: md5,
    modified: epoch,
    properties: undefined,
    content: { sizeBytes: 1, md5, sha256: undefined, versionTag: '' },
  } as FileNode['remote'];
  return { id, parentId: rootId, name, kind: 'file', local: undefined, remote } as ShownNode;
}

/** Two files in the root, of which `doc` is open. */
async function twoFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-open-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const local = new LocalTree({
    store: new LocalStore(join(folder, 'unsent.db')),
    onDamage: (failure) => {
      throw failure;
    },
  });
  onTestFinished(() => local.close());
  const known = new Map([file(2, 'doc', 'seen'), file(3, 'tmp', 'new')].map((node) => [node.name, node]));
  const now = (node: ShownNode) => ({ ...node, local: local.node(node.id) });
  const shown: Pick<ShownTree, 'child' | 'now' | 'place' | 'chain'> = {
    child: async (_parent, name) => {
      const hidden = [...local.all()].find((node) => node.hidden?.name === name);
      const node = hidden ? [...known.values()].find(({ id }) => id === hidden.id) : known.get(name);
      if (!node || (!hidden && local.node(node.id)?.state === 'deleted'))
        throw new Failure('not-found', 'No such name');
      return now(node);
    },
    now,
    place: () => [],
    chain: () => [],
  };
  const closed: (() => void)[] = [];
  const changes = new Changes({
    shown: shown as ShownTree,
    local,
    knownAt: () => undefined,
    files: {
      isOpen: (id) => id === 2,
      noteRenamed: () => {},
      whenClosed: (id, task) => (id === 2 ? closed.push(task) : task()),
    },
    desktopTrash: 'refuse',
    times: new ChangeTimes(local),
  });
  const rename = (from: string, to: string) =>
    changes.rename({ parent: root, name: from }, { parent: root, name: to }, signal);
  const close = () => {
    for (const task of closed.splice(0)) task();
  };
  return { local, known, changes, rename, close };
}

it('what others have put there since libfuse has hidden the target is covered, and not replaced', async () => {
  const { local, known, rename } = await twoFiles();
  await rename('doc', hiddenName);
  known.set('doc', file(4, 'doc', 'theirs'));
  await rename('tmp', 'doc');
  expect(local.node(4)).toBeUndefined();
  expect(local.node(3)).toMatchObject({
    name: 'doc',
    replaces: { id: 2, base: { content: { md5: 'seen' } } },
  });
});

it('what libfuse takes to be closed for good goes on for who has opened it since', async () => {
  const { local, changes, rename, close } = await twoFiles();
  await rename('doc', hiddenName);
  await changes.unlink(root, hiddenName, signal);
  expect(local.node(2)?.hidden?.name).toBe(hiddenName);
  close();
  expect(local.node(2)).toMatchObject({ state: 'deleted', hidden: undefined });
});
