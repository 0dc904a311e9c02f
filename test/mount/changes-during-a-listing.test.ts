import { readdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverSide, shownByPath, shownByWalk, untilEqual } from './mirror.ts';
import { type MountedDisk, mountDisk } from './mounted-disk.ts';

const names = Array.from({ length: 45 }, (_, index) => `entry ${String(index).padStart(2, '0')}`);
const patienceMs = 60_000;

describe('a folder that is changed while its listing is under way', () => {
  let mounted: MountedDisk;

  beforeEach(async () => {
    mounted = await mountDisk({
      standIn: { settings: { maxLimit: 10 } },
      mountArguments: ['--poll-interval', '400ms'],
      fill: ({ model }) => {
        for (const name of names) model.putFile(`disk:/busy/${name}`, name);
        model.putFile('disk:/a/of a', 'the first a');
        model.putFile('disk:/a/both', 'both, in the first a');
        model.putFile('disk:/z/last', 'in z');
      },
    });
  });
  afterEach(() => mounted.close());

  const hold = (path: string, stage: 'before' | 'before-response', skip = 0) =>
    mounted.disk.wire.hold({ route: 'resources.get', path, stage, skip });

  it.each([
    1, 2, 3, 4,
  ])('between its pages, before page %i: nothing is missing, nothing is doubled', async (skip) => {
    const { model } = mounted.disk;
    const gate = hold('disk:/busy', 'before', skip);
    const listed = readdir(mounted.path('busy'));
    await gate.arrived();
    model.remove('disk:/busy/entry 00');
    model.putFile('disk:/busy/entry 05 and a half', 'new');
    model.move('disk:/busy/entry 44', 'disk:/busy/entry 01 and a half');
    gate.release();
    const lasting = names.slice(1, -1);
    const shown = await listed;
    expect(shown.filter((name) => lasting.includes(name)).sort()).toEqual(lasting);
    expect(new Set(shown).size).toBe(shown.length);
    await untilEqual(model, () => shownByWalk(mounted.mountpoint), patienceMs);
  });

  it('and is another folder by then: what is in one is never shown in the other', async () => {
    const { model } = mounted.disk;
    await shownByWalk(mounted.mountpoint);
    model.move('disk:/a', 'disk:/moved');
    model.putFile('disk:/a/of another', 'the second a');
    model.putFile('disk:/a/both', 'both, in the second a');
    // Above it is told late: the folder at the path is another one by the time that it is listed.
    const gate = hold('disk:/', 'before-response');
    await gate.arrived();
    const seen = new Set<string>();
    const look = async () => {
      for (const folder of ['moved', 'a']) {
        for (const name of await readdir(mounted.path(folder)).catch(() => [])) {
          const text = await readFile(mounted.path(folder, name), 'utf8').catch(() => '(unreadable)');
          seen.add(`${folder}/${name}: ${text}`);
        }
      }
    };
    await look();
    gate.release();
    for (let turn = 0; turn < 40; turn++) await look();
    await untilEqual(model, () => shownByWalk(mounted.mountpoint), patienceMs);
    await look();
    const right = [
      'a/of a: the first a',
      'a/both: both, in the first a',
      'a/of another: the second a',
      'a/both: both, in the second a',
      'moved/of a: the first a',
      'moved/both: both, in the first a',
    ];
    expect([...seen].filter((shown) => !right.includes(shown) && !shown.endsWith('(unreadable)'))).toEqual(
      [],
    );
    expect([...seen]).toEqual(expect.arrayContaining(right.slice(2)));
  });

  it('and is moved before the answer comes', async () => {
    const { model } = mounted.disk;
    await shownByWalk(mounted.mountpoint);
    const gate = hold('disk:/a', 'before-response');
    model.putFile('disk:/a/new', 'brought along');
    await gate.arrived();
    model.move('disk:/a', 'disk:/z/moved');
    model.putFile('disk:/a/both', 'both, in another a');
    await expect
      .poll(() => readdir(mounted.path('z')), { timeout: patienceMs, interval: 100 })
      .toEqual(['last', 'moved']);
    gate.release();
    await untilEqual(model, () => shownByPath(mounted.mountpoint, serverSide(model).keys()), patienceMs);
    await untilEqual(model, () => shownByWalk(mounted.mountpoint), patienceMs);
  });

  it.each([
    ['is deleted', 'busy', 2],
    ['becomes a file', 'z', 0],
  ] as const)('and %s', async (what, name, skip) => {
    const { model } = mounted.disk;
    const gate = hold(`disk:/${name}`, 'before', skip);
    const listed = readdir(mounted.path(name));
    await gate.arrived();
    model.remove(`disk:/${name}`);
    if (what === 'becomes a file') model.putFile(`disk:/${name}`, 'a file now');
    gate.release();
    // Not as an empty one: ENOENT would end a list of names as if that were all of it.
    const errno = await listed.then(String, (error: NodeJS.ErrnoException) => -(error.errno ?? 0));
    expect([constants.errno.ESTALE, constants.errno.ENOTDIR]).toContain(errno);
    await untilEqual(model, () => shownByWalk(mounted.mountpoint), patienceMs);
  });
});
