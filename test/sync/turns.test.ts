import { expect, test } from 'vitest';
import { Effects } from '../../src/sync/effects.ts';
import { Retries } from '../../src/sync/retries.ts';
import { usualSendingTiming } from '../../src/sync/sending.ts';
import type { Step } from '../../src/sync/step.ts';
import { StepBounds } from '../../src/sync/step-bounds.ts';
import { Turns } from '../../src/sync/turns.ts';
import { Wake } from '../../src/sync/wake.ts';
import { rootId } from '../../src/tree/node.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** More than may be under way at once. */
const uploads = 200;

function begunAfter(waitMs: number, arrange: (disk: SimulatedDisk) => number): readonly Step[] {
  const disk = new SimulatedDisk();
  const dated = arrange(disk);
  disk.touch(dated);
  const timing = usualSendingTiming;
  const turns = new Turns({
    local: disk.tree,
    options: { timing, now: () => disk.nowMs + waitMs },
    effects: new Effects(timing, () => waitMs),
    bounds: new StepBounds(1),
    retries: new Retries(),
    wake: new Wake(),
  });
  const begun: Step[] = [];
  const planned = Array.from({ length: uploads }, (_, index): Step => {
    return { kind: 'upload', id: disk.create(rootId, `${index}`, 'file') };
  });
  const date: Step = { kind: 'set-properties', id: dated };
  turns.start([date, ...planned], {
    begin: (step) => begun.push(step),
    isRunning: () => false,
    isQuiet: () => false,
  });
  return begun.filter(({ kind }) => kind === 'set-properties');
}

test.each(['folder', 'file'] as const)('the date of a %s leaves the requests to content', (kind) => {
  const arrange = (disk: SimulatedDisk) => disk.has(rootId, 'dated', kind);
  expect(begunAfter(30_000, arrange)).toEqual([]);
});

test('content that goes on and on keeps dates back for a minute', () => {
  expect(begunAfter(61_000, (disk) => disk.has(rootId, 'dated', 'file'))).toHaveLength(1);
});
