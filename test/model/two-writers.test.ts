import { describe, expect, it } from 'vitest';
import { pause } from '../../src/async/pause.ts';
import { OneMachine } from './one-machine.ts';

const calm = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };

describe('the same from two sides', () => {
  it('the same bytes under a new name are one file', async () => {
    await OneMachine.run(calm, {}, async (one) => {
      await one.write('new', 'the same');
      one.there('new', 'the same');
      expect(await one.settled()).toEqual({ new: 'the same' });
      expect(one.conflicts()).toEqual([]);
    });
  });

  it('the same change is one change, the same move one move, the same delete one delete', async () => {
    await OneMachine.run(calm, { changed: 'base', moved: 'moved', gone: 'gone' }, async (one) => {
      await one.write('changed', 'the same');
      await one.machine.rename('moved', 'there');
      await one.machine.unlink('gone');
      one.there('changed', 'the same');
      one.disk.model.move('disk:/moved', 'disk:/there');
      one.disk.model.remove('disk:/gone');
      expect(await one.settled()).toEqual({ changed: 'the same', there: 'moved' });
      expect(one.notices.filter(({ kind }) => kind === 'conflict')).toEqual([]);
    });
  });
});

describe('what is open and was to be replaced', () => {
  // libfuse hides it before it renames another onto its name, whatever comes of that.
  const hideAndFail = async ({ machine }: OneMachine) => {
    await machine.rename('doc', '.fuse_hidden0000000100000001');
    await expect(machine.rename('missing', 'doc')).rejects.toMatchObject({ code: 'not-found' });
  };

  it('stands where it stood when the rename fails, with what was written to it', async () => {
    await OneMachine.run(calm, { doc: 'base', other: 'other' }, async (one) => {
      const handle = await one.machine.open('doc');
      await one.machine.write(handle, 'ours', 0);
      await one.machine.sync(handle);
      await hideAndFail(one);
      expect([...(await one.machine.everything()).keys()].sort()).toEqual(['doc', 'other']);
      await one.machine.closeFile(handle);
      expect(await one.settled()).toEqual({ doc: 'ours', other: 'other' });
    });
  });

  it('also when it was itself to replace another, and when nothing was written to it', async () => {
    await OneMachine.run(calm, { doc: 'base', tmp: 'new' }, async (one) => {
      await one.machine.rename('tmp', 'doc');
      const handle = await one.machine.open('doc');
      await hideAndFail(one);
      await one.machine.closeFile(handle);
      expect(await one.settled()).toEqual({ doc: 'new' });
      const again = await one.machine.open('doc');
      await hideAndFail(one);
      await one.machine.closeFile(again);
      expect(await one.settled()).toEqual({ doc: 'new' });
      expect(one.notices).toEqual([]);
    });
  });
});

describe('properties alone are never a conflict', () => {
  it.each(['published', 'dated', 'given a property'])('%s there, and changed here', async (what) => {
    await OneMachine.run(calm, { doc: 'base' }, async (one) => {
      await one.write('doc', 'ours');
      const { model } = one.disk;
      if (what === 'published') model.publish('disk:/doc');
      else if (what === 'dated') model.patch('disk:/doc', { rclone_modified: '2001-02-03T04:05:06Z' });
      else model.patch('disk:/doc', { somebody: 'else' });
      expect(await one.settled()).toEqual({ doc: 'ours' });
      expect(one.notices).toEqual([]);
      const { publication, properties } = model.find('disk:/doc') ?? {};
      if (what === 'published') expect(publication).toBeDefined();
      if (what === 'given a property') expect(properties).toMatchObject({ somebody: 'else' });
    });
  });
});

describe('a folder that is moved here into another', () => {
  it('which others move into it: theirs stays, and ours is where it was, with what is new in it', async () => {
    await OneMachine.run(
      calm,
      { 'a/x': 'x', 'b/d/y': 'y' },
      async (one) => {
        await one.machine.rename('a', 'b/d/a');
        await one.write('b/d/a/new', 'ours');
        one.disk.model.move('disk:/b', 'disk:/a/b');
        // It is seen before ours is sent.
        for (let polls = 0; polls < 3; polls++) {
          await one.machine.everything();
          await pause(20_000, undefined);
        }
        expect(await one.settled()).toEqual({
          a: '/',
          'a/b': '/',
          'a/b/d': '/',
          'a/b/d/y': 'y',
          'a/new': 'ours',
          'a/x': 'x',
        });
        expect(one.notices).toEqual([{ kind: 'gave-way', path: 'a', what: 'move' }]);
      },
      600_000,
    );
  });
});

describe('a folder that is deleted here', () => {
  it('from which something was moved into a folder in it, and others have taken both away: what is new is kept, and nothing waits for ever', async () => {
    const tree = { 'd/f/p': 'p', 'd/c/y': 'y', 'd/z': 'z' };
    await OneMachine.run(
      calm,
      tree,
      async (one) => {
        await one.machine.rename('d/f/p', 'd/c/q');
        await one.write('d/c/new', 'ours');
        one.disk.model.remove('disk:/d/f');
        one.disk.model.remove('disk:/d/c');
        for (let polls = 0; polls < 3; polls++) {
          await one.machine.everything();
          await pause(20_000, undefined);
        }
        await one.removeAll('d');
        expect(await one.settled()).toEqual({ d: '/', 'd/c': '/', 'd/c/new': 'ours' });
      },
      600_000,
    );
  });
});

describe('what others delete between our look and our move', () => {
  it('is looked at again: what is new in it goes up, and nobody is asked what to do', async () => {
    await OneMachine.run(calm, { 'a/x': 'x', 'b/y': 'y' }, async (one) => {
      const gate = one.disk.wire.hold({ route: 'resources.move', stage: 'before' });
      await one.machine.rename('a', 'b/a');
      await one.write('b/a/new', 'ours');
      await gate.arrived();
      one.disk.model.remove('disk:/a');
      gate.release();
      expect(await one.settled()).toEqual({ b: '/', 'b/a': '/', 'b/a/new': 'ours', 'b/y': 'y' });
    });
  });
});

describe('a tree that is deleted here', () => {
  const tree = { 'a/b/x': 'x', 'a/b/y': 'y', 'a/c/z': 'z' };

  it('in which others put something: theirs stays, and the folders above it', async () => {
    await OneMachine.run(calm, tree, async (one) => {
      await one.removeAll('a');
      one.there('a/b/theirs', 'theirs');
      expect(await one.settled()).toEqual({ a: '/', 'a/b': '/', 'a/b/theirs': 'theirs' });
    });
  });

  it('in which others put and changed something that is known here before it goes: theirs stays', async () => {
    await OneMachine.run(
      calm,
      tree,
      async (one) => {
        // By the listing that shows this it is proven that the revision tells of it.
        one.there('a/more', 'more');
        await one.settled();
        await one.removeAll('a');
        one.there('a/b/theirs', 'theirs');
        one.there('a/c/z', 'changed');
        // The poll brings it in.
        await pause(40_000, undefined);
        expect(await one.settled()).toEqual({
          ...{ a: '/', 'a/b': '/', 'a/b/theirs': 'theirs' },
          ...{ 'a/c': '/', 'a/c/z': 'changed' },
        });
      },
      60_000,
    );
  });

  it('out of which others have moved something: that stays', async () => {
    await OneMachine.run(calm, tree, async (one) => {
      await one.removeAll('a');
      one.disk.model.move('disk:/a/b/x', 'disk:/kept');
      expect(await one.settled()).toEqual({ kept: 'x' });
    });
  });

  it('goes by one request when the revision says that nobody was there; else it is looked at first', async () => {
    const requests = async (diskRevisionMoves: 'always' | 'never') =>
      OneMachine.run({ ...calm, diskRevisionMoves }, tree, async (one) => {
        if (diskRevisionMoves === 'always') {
          // By the listing that shows this it is proven that the revision tells of it.
          one.there('a/b/more', 'more');
          await one.settled();
        }
        const count = (route: string) => one.disk.wire.statistics.snapshot().routes[route]?.count ?? 0;
        const before = count('resources.get');
        await one.removeAll('a');
        await one.machine.queue.flush([], AbortSignal.timeout(60_000));
        return {
          looks: count('resources.get') - before,
          deletes: count('resources.delete'),
          left: one.onDisk(),
        };
      });
    const trusted = await requests('always');
    const looked = await requests('never');
    expect([trusted.deletes, trusted.left, looked.deletes, looked.left]).toEqual([1, {}, 1, {}]);
    // Each folder of the tree is looked into.
    expect(looked.looks - trusted.looks).toBeGreaterThanOrEqual(3);
  });

  it('into which a file went there that is edited here: both stay', async () => {
    await OneMachine.run(calm, { doc: 'first', 'a/inner/x': 'x' }, async (one) => {
      await one.removeAll('a');
      await one.write('doc', 'ours');
      one.disk.model.move('disk:/doc', 'disk:/a/inner/moved');
      expect(await one.settled()).toEqual({ a: '/', 'a/inner': '/', 'a/inner/moved': 'ours' });
    });
  });
});

describe('names that are the same for some', () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];

  it.each([
    ['case', 'Doc', 'doc'],
    ['Unicode', composed, decomposed],
  ])('a Disk that tells them apart has both: %s', async (_, mine, theirs) => {
    await OneMachine.run(calm, {}, async (one) => {
      await one.write(mine, 'ours');
      one.there(theirs, 'theirs');
      expect(await one.settled()).toEqual(
        Object.fromEntries(
          [
            [mine, 'ours'],
            [theirs, 'theirs'],
          ].sort(),
        ),
      );
    });
  });

  it.each([
    ['case', 'Doc', 'doc'],
    ['nfc', composed, decomposed],
  ] as const)('a Disk that does not keeps both contents: %s', async (nameComparison, mine, theirs) => {
    await OneMachine.run({ ...calm, nameComparison }, {}, async (one) => {
      await one.write(mine, 'ours');
      one.there(theirs, 'theirs');
      const there = await one.settled();
      expect(Object.values(there).sort()).toEqual(['ours', 'theirs']);
      expect(there[theirs]).toBe('theirs');
      expect(one.conflicts()).toHaveLength(1);
    });
  });
});

it('a folder whose name differs from that of another in case alone stands beside it, also where a listing does not show it yet', async () => {
  await OneMachine.run({ ...calm, listingLagMs: 3_000 }, { 'a/x': 'x' }, async (one) => {
    await one.machine.makeFolder('A');
    await one.write('A/y', 'y');
    expect(await one.settled()).toEqual({ A: '/', 'A/y': 'y', a: '/', 'a/x': 'x' });
    expect(one.notices).toEqual([]);
  });
});

it('what is renamed while its upload is refused, since there is a folder, makes no conflict', async () => {
  await OneMachine.run(calm, {}, async (one) => {
    const gate = one.disk.wire.hold({ route: 'resources.upload-link', stage: 'before' });
    await one.write('doc', 'ours');
    await gate.arrived();
    one.there('doc/theirs', 'theirs');
    await one.machine.rename('doc', 'elsewhere');
    gate.release();
    expect(await one.settled()).toEqual({ doc: '/', 'doc/theirs': 'theirs', elsewhere: 'ours' });
    expect(one.conflicts()).toEqual([]);
  });
});

describe('a file that is open when a conflict comes', () => {
  it('goes on with ours: what is written after that is in the copy', async () => {
    await OneMachine.run(calm, { doc: 'base' }, async (one) => {
      const handle = await one.machine.open('doc');
      await one.machine.write(handle, 'ours', 0);
      await one.machine.sync(handle);
      one.there('doc', 'theirs');
      await one.machine.queue.flush([], AbortSignal.timeout(600_000)).catch(() => {});
      expect(one.conflicts()).toEqual(['doc (conflict)']);
      expect(await one.machine.read(handle)).toBe('ours');
      await one.machine.write(handle, ' again', 4);
      await one.machine.closeFile(handle);
      const there = await one.settled();
      expect(Object.values(there).sort()).toEqual(['ours again', 'theirs']);
      expect(there['doc']).toBe('theirs');
    });
  });
});
