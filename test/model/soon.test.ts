import { describe, expect, it } from 'vitest';
import { pause } from '../../src/async/pause.ts';
import { OneMachine } from './one-machine.ts';

const calm = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };
/** Of time that costs nothing; a listing that lags is waited for three times as long. */
const soonMs = 60_000;

/** Sends all that is due. @returns the Disk; once more as it is when nothing is new any more */
async function sentSoon(one: OneMachine): Promise<Record<string, string>> {
  await one.machine.queue.flush([], AbortSignal.timeout(soonMs));
  return one.onDisk();
}

describe('what others do right after ours was sent, before a listing has shown it', () => {
  const files = { 'f/doc': 'base', 'f/other': 'x', 'to/y': 'y' };

  it.each([
    ['deleted', { 'f/doc': 'ours' }],
    ['renamed', { 'f/doc': 'ours', 'f/theirs': 'ours' }],
    ['deleted with its folder', { 'f/doc': 'ours' }],
  ] as const)('%s: a flush knows within a minute', async (what, expected) => {
    await OneMachine.run(calm, files, async (one) => {
      const { model, wire } = one.disk;
      const gate = wire.hold({ route: 'uploader.put', stage: 'before-response' });
      await one.write('f/doc', 'ours');
      await gate.arrived();
      if (what === 'deleted') model.remove('disk:/f/doc');
      else if (what === 'renamed') model.move('disk:/f/doc', 'disk:/f/theirs');
      else model.remove('disk:/f');
      gate.release();
      expect(await sentSoon(one)).toMatchObject(expected);
      expect(await one.settled()).toMatchObject(expected);
      expect(one.conflicts()).toEqual([]);
    });
  });

  it('a folder deleted right after something in it was renamed: it is gone here, too', async () => {
    await OneMachine.run(calm, files, async (one) => {
      const gate = one.disk.wire.hold({ route: 'resources.move', stage: 'before-response' });
      await one.machine.rename('f/doc', 'f/renamed');
      await gate.arrived();
      one.disk.model.remove('disk:/f');
      gate.release();
      expect(await sentSoon(one)).toEqual({ to: '/', 'to/y': 'y' });
      expect([...(await one.machine.everything()).keys()]).toEqual(['to', 'to/y']);
    });
  });
});

describe('a mount that has just begun', () => {
  const both = async (one: OneMachine) => {
    const there = await sentSoon(one);
    expect(Object.values(there).sort()).toEqual(['ours', 'theirs']);
    expect(there['doc']).toBe('theirs');
    expect(one.conflicts()).toEqual(['doc (conflict)']);
  };

  it('makes a conflict copy at once of what is new here and there, also where the Disk looks at names only in the end', async () => {
    await OneMachine.run({ ...calm, overwriteCheckedAt: 'commit' }, {}, async (one) => {
      one.disk.wire.cut({ roles: ['api'] });
      await one.write('doc', 'ours');
      one.there('doc', 'theirs');
      await one.disk.wire.restore();
      await both(one);
    });
  });

  it('… and of what cannot be moved over a file, when others change that before its bytes go', async () => {
    const files = { doc: 'base', tmp: 'ours' };
    await OneMachine.run({ ...calm, moveOntoFile: 'conflict' }, files, async (one) => {
      const gate = one.disk.wire.hold({ route: 'resources.upload-link', stage: 'before-response' });
      await one.machine.rename('tmp', 'doc');
      await gate.arrived();
      one.there('doc', 'theirs');
      gate.release();
      await both(one);
    });
  });
});

describe('a mount that begins after a crash', () => {
  it('knows within a minute that others have taken away what was to be moved, or what was just sent', async () => {
    const files = { moved: 'moved', doc: 'base' };
    await OneMachine.run(calm, files, async (one) => {
      const { model, wire } = one.disk;
      const gates = [
        wire.hold({ route: 'resources.move', stage: 'before' }),
        wire.hold({ route: 'uploader.put', stage: 'before-response' }),
      ];
      await one.machine.rename('moved', 'there');
      await one.write('doc', 'ours');
      for (const gate of gates) await gate.arrived();
      await one.machine.crash();
      model.remove('disk:/moved');
      model.remove('disk:/doc');
      for (const gate of gates) gate.release();
      expect(await sentSoon(one)).toEqual({ doc: 'ours' });
      expect(await one.settled()).toEqual({ doc: 'ours' });
    });
  });
});

it('a folder that is deleted here soon after it was filled: what others have put in it stays, and a flush knows within a minute', async () => {
  await OneMachine.run(calm, {}, async (one) => {
    await one.machine.makeFolder('d');
    for (const name of ['x', 'y', 'z']) await one.write(`d/${name}`, name);
    await one.machine.queue.flush([], AbortSignal.timeout(soonMs));
    one.there('d/theirs', 'theirs');
    await one.removeAll('d');
    expect(await sentSoon(one)).toEqual({ d: '/', 'd/theirs': 'theirs' });
    expect(await one.settled()).toEqual({ d: '/', 'd/theirs': 'theirs' });
  });
});

it('what others change after it was sent, and before a restart, is a conflict at once', async () => {
  await OneMachine.run(calm, { doc: 'base' }, async (one) => {
    const gate = one.disk.wire.hold({ route: 'uploader.put', stage: 'before-response' });
    await one.write('doc', 'ours');
    await gate.arrived();
    gate.release();
    // It is known to be sent, and no listing has shown it.
    await pause(1, undefined);
    await one.machine.restart();
    one.there('doc', 'theirs');
    expect(Object.values(await sentSoon(one)).sort()).toEqual(['ours', 'theirs']);
    expect(one.conflicts()).toEqual(['doc (conflict)']);
  });
});
