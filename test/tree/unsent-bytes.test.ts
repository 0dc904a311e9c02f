import { expect, it } from 'vitest';
import type { LocalChange } from '../../src/tree/local-change.ts';
import { type Base, blankNode, type LocalNode } from '../../src/tree/local-node.ts';
import { rootId } from '../../src/tree/node.ts';
import { epoch } from '../../src/tree/times.ts';
import { UnsentBytes } from '../../src/tree/unsent-bytes.ts';

function base(sizeBytes: number): Base {
  const content = { sizeBytes, md5: undefined, sha256: undefined, versionTag: '' };
  return { parentId: rootId, name: 'f', resourceId: 'r', content, modified: epoch, properties: undefined };
}

function draft(sizeBytes: number, version = 1, sentVersion?: number): LocalNode['draft'] {
  return { name: 'd', sizeBytes, version, sentVersion, finished: true };
}

function counted() {
  let tell: (change: LocalChange) => void = () => {};
  const bytes = new UnsentBytes({
    all: () => [].values(),
    onChange: (listener) => {
      tell = listener;
      return () => {};
    },
  });
  const node = (id: number, details: Partial<LocalNode>) =>
    tell({ put: [{ ...blankNode(id, 'file', { parentId: rootId, name: 'f' }, 0), ...details }] });
  const remove = (id: number) => tell({ remove: [id] });
  const seen = () => [bytes.bytes, bytes.sentBytes];
  return { node, remove, seen };
}

it('what went up is counted by what it takes more than before', () => {
  const { node, seen } = counted();
  node(2, { draft: draft(100) });
  node(3, { draft: draft(50), base: base(20) });
  expect(seen()).toEqual([130, 0]);
  node(2, { draft: draft(100, 1, 1), base: base(100) });
  node(3, { draft: draft(50, 1, 1), base: base(50) });
  expect(seen()).toEqual([0, 130]);
});

it('what was written to while it went up is still to go up as far as it grew', () => {
  const { node, seen } = counted();
  node(2, { draft: draft(100) });
  node(2, { draft: draft(140, 2) });
  node(2, { draft: draft(140, 2, 1), base: base(100) });
  expect(seen()).toEqual([40, 100]);
});

it('what was removed, or renamed over another, before it went up is not counted as sent', () => {
  const { node, remove, seen } = counted();
  node(2, { draft: draft(100) });
  remove(2);
  node(3, { draft: draft(100) });
  node(3, { draft: draft(100), replaces: { id: 9, base: base(80) } });
  expect(seen()).toEqual([20, 0]);
  node(3, { draft: draft(100), replaces: { id: 9, base: base(80) }, state: 'deleted' });
  expect(seen()).toEqual([0, 0]);
});
