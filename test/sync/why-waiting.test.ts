import { expect, test } from 'vitest';
import { WaitTally, whyWaiting } from '../../src/sync/why-waiting.ts';
import type { DraftState } from '../../src/tree/draft-state.ts';
import { blankNode, type LocalNode } from '../../src/tree/local-node.ts';

const turn = { nowMs: 10_000, writeBackMs: 5_000, heldForMs: () => 0 };

function node(changedAtMs: number, change: Partial<LocalNode> = {}, finished = true): LocalNode {
  // Of a draft nothing else decides here.
  const draft = { finished } as DraftState;
  return { ...blankNode(7, 'file', { parentId: 1, name: 'doc' }, changedAtMs), draft, ...change };
}

const trouble = { code: 'busy', message: 'no', sinceMs: 0 };

test.each([
  ['was changed a moment ago', node(6_000), { reason: 'write-back', untilMs: 11_000 }],
  ['was changed long ago', node(1_000), { reason: 'turn', untilMs: undefined }],
  ['is new and was never closed', node(1_000, {}, false), { reason: 'open', untilMs: undefined }],
  [
    'failed, and is tried again',
    node(1_000, { trouble: { ...trouble, retryAtMs: 12_000 } }),
    { reason: 'retry', untilMs: 12_000 },
  ],
  [
    'failed, and was changed again: what comes last counts',
    node(9_000, { trouble: { ...trouble, retryAtMs: 12_000 } }),
    { reason: 'write-back', untilMs: 14_000 },
  ],
  ['waits for a person', node(1_000, { trouble: { ...trouble, retryAtMs: undefined } }), undefined],
])('a file that %s', (_, node, wait) => {
  expect(whyWaiting(node, 'upload', turn, false)).toEqual(wait);
});

test('a file that is written to is open, and one that somebody flushes has no delay', () => {
  const written = { ...turn, heldForMs: () => 3_000 };
  expect(whyWaiting(node(1_000), 'upload', written, false)).toEqual({ reason: 'open', untilMs: undefined });
  expect(whyWaiting(node(1_000), 'move', written, false)).toMatchObject({ reason: 'turn' });
  expect(whyWaiting(node(9_000), 'upload', turn, true)).toMatchObject({ reason: 'turn' });
});

test('what waits for the same is counted, up to the first that time brings', () => {
  const tally = new WaitTally();
  expect(tally.list()).toEqual([]);
  tally.add({ reason: 'turn', untilMs: undefined });
  tally.add({ reason: 'write-back', untilMs: 12_000 });
  tally.add({ reason: 'write-back', untilMs: 11_000 });
  tally.add({ reason: 'write-back', untilMs: undefined });
  expect(tally.list()).toEqual([
    { reason: 'write-back', changes: 3, untilMs: 11_000 },
    { reason: 'turn', changes: 1, untilMs: undefined },
  ]);
});
