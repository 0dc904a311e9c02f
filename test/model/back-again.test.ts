import { describe, expect, it } from 'vitest';
import { pause } from '../../src/async/pause.ts';
import { OneMachine } from './one-machine.ts';

const calm = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };
const files = { 'f/doc': 'base', 'f/other': 'x' };
/** Of time that costs nothing; what nothing hides is seen by the next poll. */
const soonMs = 20_000;
const minuteMs = 60_000;

/** What somebody finds who has looked, and looks once more a little later. */
async function seenAfter(one: OneMachine, ms: number): Promise<string[]> {
  await one.machine.everything();
  await pause(ms, undefined);
  await one.machine.everything();
  await pause(1_000, undefined);
  return [...(await one.machine.everything()).keys()].sort();
}

const sent = (one: OneMachine) => one.machine.queue.flush([], AbortSignal.timeout(minuteMs));

describe('what others put where something was just deleted here is shown', () => {
  it.each([
    ['a file with other bytes', 'f/doc', 'theirs'],
    ['a file with the same bytes', 'f/doc', 'base'],
  ])('%s', async (_, path, text) => {
    await OneMachine.run(calm, files, async (one) => {
      const gate = one.disk.wire.hold({ route: 'resources.delete', stage: 'before-response' });
      await one.machine.unlink('f/doc');
      await gate.arrived();
      one.there(path, text);
      gate.release();
      await sent(one);
      expect(await seenAfter(one, soonMs)).toEqual(['f', 'f/doc', 'f/other']);
      expect(await one.settled()).toEqual({ f: '/', 'f/other': 'x', [path]: text });
    });
  });

  it('a folder', async () => {
    await OneMachine.run(calm, files, async (one) => {
      await one.removeAll('f');
      await sent(one);
      one.there('f/new', 'theirs');
      expect(await seenAfter(one, soonMs)).toEqual(['f', 'f/new']);
    });
  });

  it('what they take out of a folder before that is deleted', async () => {
    await OneMachine.run(calm, { 'f/in/deep': 'deep', 'f/doc': 'base', 'to/y': 'y' }, async (one) => {
      const gate = one.disk.wire.hold({ route: 'disk.get', stage: 'before-response' });
      await one.removeAll('f');
      await gate.arrived();
      one.disk.model.move('disk:/f/in', 'disk:/to/in');
      gate.release();
      await sent(one);
      expect(await seenAfter(one, soonMs)).toEqual(['to', 'to/in', 'to/in/deep', 'to/y']);
    });
  });

  it('while a program has open what was deleted', async () => {
    await OneMachine.run(calm, files, async (one) => {
      const handle = await one.machine.open('f/doc');
      const gate = one.disk.wire.hold({ route: 'resources.delete', stage: 'before-response' });
      await one.machine.unlink('f/doc');
      await gate.arrived();
      one.there('f/doc', 'theirs');
      gate.release();
      await sent(one);
      expect(await seenAfter(one, soonMs)).toEqual(['f', 'f/doc', 'f/other']);
      await one.machine.closeFile(handle);
      expect(await one.settled()).toEqual({ f: '/', 'f/other': 'x', 'f/doc': 'theirs' });
    });
  });
});

describe('what others bring back is shown within a minute', () => {
  it.each(['f/doc', 'f'])('%s, from the trash', async (path) => {
    await OneMachine.run(calm, files, async (one) => {
      await one.removeAll(path);
      await sent(one);
      const { model } = one.disk;
      const [item] = [...model.disk.walk(model.disk.trash)];
      if (!item) throw new Error('Nothing is in the trash');
      model.restore(`trash:/${model.disk.pathOf(item).names.join('/')}`);
      expect(await seenAfter(one, minuteMs)).toEqual(['f', 'f/doc', 'f/other']);
      expect(one.machine.local.size).toBe(0);
    });
  });

  it.each([
    ['f/doc', 'f/renamed'],
    ['f', 'renamed'],
  ])('%s, renamed here to %s', async (from, to) => {
    await OneMachine.run(calm, files, async (one) => {
      await one.machine.rename(from, to);
      await sent(one);
      one.disk.model.move(`disk:/${to}`, `disk:/${from}`);
      // Who looks into a folder that has gone elsewhere in this moment is told so.
      await one.machine.everything().catch(() => {});
      expect(await seenAfter(one, minuteMs)).toEqual(['f', 'f/doc', 'f/other']);
    });
  });

  it('the bytes that ours had replaced, and was seen to: an edit of ours that they did not know goes up beside them', async () => {
    await OneMachine.run(calm, files, async (one) => {
      await one.write('f/doc', 'ours');
      await sent(one);
      one.there('f/doc', 'base');
      await pause(soonMs, undefined);
      await one.write('f/doc', 'again ours');
      await sent(one);
      expect(Object.values(one.onDisk()).sort()).toEqual(['/', 'again ours', 'base', 'x']);
      expect(one.conflicts()).toEqual(['f/doc (conflict)']);
    });
  });
});
