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

const remote = (name: string, md5: string): FileNode['remote'] =>
  ({
    path: `disk:/${name}`,
    name,
    resourceId: md5,
    modified: epoch,
    properties: undefined,
    content: { sizeBytes: 1, md5, sha256: undefined, versionTag: '' },
  }) as FileNode['remote'];

it('what others have put there since libfuse has hidden the target is covered, and not replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-rename-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const local = new LocalTree({
    store: new LocalStore(join(folder, 'unsent.db')),
    onDamage: (failure) => {
      throw failure;
    },
  });
  onTestFinished(() => local.close());
  const root = { id: rootId, parentId: 0, name: '', kind: 'folder', local: undefined } as ShownNode;
  const file = (id: number, name: string, md5: string) =>
    ({ id, parentId: rootId, name, kind: 'file', local: undefined, remote: remote(name, md5) }) as ShownNode;
  const known = new Map([file(2, 'doc', 'seen'), file(3, 'tmp', 'new')].map((node) => [node.name, node]));
  const now = (node: ShownNode) => ({ ...node, local: local.node(node.id) });
  const shown: Pick<ShownTree, 'child' | 'now' | 'place' | 'chain'> = {
    child: async (_parent, name) => {
      const node = known.get(name);
      if (!node || local.node(node.id)?.state === 'deleted') throw new Failure('not-found', 'No such name');
      return now(node);
    },
    now,
    place: () => [],
    chain: () => [],
  };
  const changes = new Changes({
    shown: shown as ShownTree,
    local,
    knownAt: () => undefined,
    isOpen: (id) => id === 2,
    desktopTrash: 'refuse',
    times: new ChangeTimes(local),
  });
  const signal = new AbortController().signal;
  await changes.rename(
    { parent: root, name: 'doc' },
    { parent: root, name: '.fuse_hidden0000000200000001' },
    signal,
  );
  known.set('doc', file(4, 'doc', 'theirs'));
  await changes.rename({ parent: root, name: 'tmp' }, { parent: root, name: 'doc' }, signal);
  expect(local.node(4)).toBeUndefined();
  expect(local.node(3)).toMatchObject({
    name: 'doc',
    replaces: { id: 2, base: { content: { md5: 'seen' } } },
  });
});
