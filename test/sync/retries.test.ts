import { expect, test } from 'vitest';
import { Flushes } from '../../src/sync/flushes.ts';
import { QueueView } from '../../src/sync/queue-view.ts';
import { Retries } from '../../src/sync/retries.ts';
import { blankNode } from '../../src/tree/local-node.ts';
import { LocalStore } from '../../src/tree/local-store.ts';
import { LocalTree } from '../../src/tree/local-tree.ts';
import { closeLater } from '../close-later.ts';

test('what is held is held longer each time, up to a minute, and begins anew once it was done', () => {
  const retries = new Retries();
  const step = { kind: 'upload', id: 7 } as const;
  const waits: number[] = [];
  for (let time = 0; time < 12; time++) {
    retries.hold(step, 1_000, 0);
    waits.push(retries.heldUntilMs(step));
  }
  expect(waits[0]).toBe(1_000);
  expect(waits).toEqual([...waits].sort((one, other) => one - other));
  expect(waits.at(-1)).toBe(60_000);
  expect([retries.count(step), retries.count(step)]).toEqual([1, 2]);
  retries.onDone(step);
  expect(retries.heldUntilMs(step)).toBe(Number.NEGATIVE_INFINITY);
  expect(retries.count(step)).toBe(1);
});

test('nothing is kept of nodes that are gone, and of folders that nobody looks at any more', () => {
  const retries = new Retries();
  const [node, folder] = [{ kind: 'move', id: 7, aside: false } as const, 7];
  const look = { kind: 'confirm', folderId: folder, ids: [] } as const;
  for (const step of [node, look]) retries.hold(step, 1_000, 0);
  retries.count(node);
  retries.forget(7);
  expect(retries.heldUntilMs(node)).toBe(Number.NEGATIVE_INFINITY);
  expect(retries.count(node)).toBe(1);
  retries.forgetOld(60_000);
  expect(retries.heldUntilMs(look)).toBe(1_000);
  retries.forgetOld(61_001);
  expect(retries.heldUntilMs(look)).toBe(Number.NEGATIVE_INFINITY);
});

test('nothing is kept of what was flushed and is gone', () => {
  const local = new LocalTree({ store: new LocalStore(':memory:'), onDamage: () => {} });
  closeLater(async () => local.close());
  const hooks = {
    folder: () => undefined,
    exportDraft: async () => {},
    isOpen: () => false,
    heldForMs: () => 0,
  };
  const sides = {
    tree: local,
    parentOf: () => undefined,
    pathOf: () => 'disk:/' as const,
    isUnderWay: () => false,
  };
  const flushes = new Flushes({ local, hooks, sides, view: new QueueView({ local, hooks }) });
  const node = blankNode(7, 'folder', { parentId: 1, name: 'a' }, 5);
  local.apply({ put: [node] });
  expect(flushes.isFlushed(node)).toBe(false);
  expect([...flushes.mark(['a'], 10)]).toEqual([7]);
  expect(flushes.isFlushed(node)).toBe(true);
  flushes.forget(7);
  expect(flushes.isFlushed(node)).toBe(false);
  flushes.mark([], 10);
  expect(flushes.isFlushed(node)).toBe(true);
});
