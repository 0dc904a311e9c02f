import { describe, expect, it } from 'vitest';
import { Row } from '../../scripts/crash/allowed.ts';
import { sizeOf } from '../../scripts/crash/content.ts';
import { type Entry, fileAt, type Step, type Tree } from '../../scripts/crash/tree.ts';

const piece = (seed: number) => ({ seed, from: 0, lengthBytes: 10 });

/** All steps but the last are answered. */
function rowOf(tree: Tree, ...steps: readonly Step[]): Row {
  const row = new Row(tree);
  for (const [index, step] of steps.entries()) {
    row.begin(step);
    if (index < steps.length - 1) row.answered();
  }
  return row;
}

/** A tree in short: names, and of a file the seeds of its pieces. */
function shortly(tree: Tree): string {
  const words = [...tree].map(([path, entry]) =>
    entry.kind === 'folder' ? `${path}/` : `${path}=${entry.content.map(({ seed }) => seed).join('+')}`,
  );
  return words.sort().join(' ');
}

const file = (seed: number, id = seed) =>
  ({ kind: 'file', id, content: [piece(seed)], modifiedNs: null }) as const;
const two: Tree = new Map<string, Entry>([
  ['a', file(1)],
  ['b', file(2)],
]);

const saved: readonly Step[] = [
  { do: 'create', path: 'tmp', id: 9 },
  { do: 'write', path: 'tmp', at: 0, piece: piece(9) },
  { do: 'sync', path: 'tmp' },
  { do: 'close', path: 'tmp' },
  { do: 'rename', path: 'tmp', to: 'a' },
];

describe('after kill -9', () => {
  it('what is under way is old or new, and nothing else is either', () => {
    const row = rowOf(two, { do: 'rename', path: 'a', to: 'b' });
    expect(row.afterKill().map(shortly)).toEqual(['a=1 b=2', 'b=1']);
    row.answered();
    expect(row.afterKill().map(shortly)).toEqual(['b=1']);
  });

  it('a file that is not closed has what was written until some moment; one that is closed has all', () => {
    const row = rowOf(two, ...saved.slice(0, 2), { do: 'close', path: 'tmp' });
    expect(row.afterKill().map(shortly)).toEqual([
      'a=1 b=2',
      'a=1 b=2 tmp=',
      'a=1 b=2 tmp=9',
      'a=1 b=2 tmp=9',
    ]);
    expect(row.interrupted()).toEqual(['tmp']);
    row.answered();
    expect(row.afterKill().map(shortly)).toEqual(['a=1 b=2 tmp=9']);
    expect(row.interrupted()).toEqual([]);
  });

  it('of a write that was under way any number of pages may have come, counted from where it begins', () => {
    const row = rowOf(
      new Map(),
      { do: 'create', path: 'f', id: 1 },
      {
        do: 'write',
        path: 'f',
        at: 4000,
        piece: { seed: 1, from: 0, lengthBytes: 9000 },
      },
    );
    const sizes = () =>
      row
        .afterKill()
        .map((tree) => (tree.get('f')?.kind === 'file' ? sizeOf(fileAt(tree, 'f').content) : -1));
    expect(sizes()).toEqual([-1, 0, 4096, 8192, 12_288, 13_000]);
    row.answered();
    expect(sizes()).toEqual([-1, 0, 13_000]);
  });

  it('what was opened, or was being cut, may have any date until it is closed; what was closed has its own', () => {
    const dated: Tree = new Map<string, Entry>([['a', { ...file(1), modifiedNs: 7n }]]);
    const dates = (row: Row) => row.afterKill().map((tree) => fileAt(tree, 'a').modifiedNs);
    expect(dates(rowOf(dated, { do: 'truncate', path: 'a', lengthBytes: 3 }))).toEqual([7n, null, null]);
    expect(
      dates(
        rowOf(
          dated,
          { do: 'open', path: 'a', empties: false },
          { do: 'write', path: 'a', at: 0, piece: piece(2) },
        ),
      ),
    ).toEqual([7n, null, null]);
    expect(dates(rowOf(dated, { do: 'look', path: 'a' }))).toEqual([7n, 7n]);
  });

  it('each name that was removed stays removed, in the middle of rm -r too', () => {
    const tree: Tree = new Map<string, Entry>([
      ['d', { kind: 'folder' }],
      ['d/x', file(3)],
      ['d/y', file(4)],
    ]);
    const row = rowOf(
      tree,
      { do: 'unlink', path: 'd/y' },
      { do: 'unlink', path: 'd/x' },
      { do: 'remove-folder', path: 'd' },
    );
    expect(row.afterKill().map(shortly)).toEqual(['d/', '']);
  });

  it('a folder moves with all that is in it', () => {
    const tree: Tree = new Map<string, Entry>([
      ['d', { kind: 'folder' }],
      ['d/x', file(3)],
      ['dx', file(4)],
    ]);
    const row = rowOf(tree, { do: 'rename', path: 'd', to: 'e' });
    expect(row.afterKill().map(shortly)).toEqual(['d/ d/x=3 dx=4', 'dx=4 e/ e/x=3']);
  });

  it('a plan that no program could carry out is refused', () => {
    const wrong: Step[] = [
      { do: 'create', path: 'a', id: 5 },
      { do: 'unlink', path: 'c' },
      { do: 'rename', path: 'c', to: 'a' },
      { do: 'make-folder', path: 'no/where' },
    ];
    for (const step of wrong) expect(() => rowOf(two, step)).toThrow();
  });
});

describe('after a loss of power', () => {
  it('what was not synced may be any of what it was; what was synced is there', () => {
    const cut = rowOf(two, ...saved, { do: 'look', path: 'a' }).afterPowerCut();
    const seeds = (path: string) =>
      cut
        .entries(path)
        .map((entry) => (entry?.kind === 'file' ? entry.content.map(({ seed }) => seed).join() : '-'));
    expect(new Set(seeds('a'))).toEqual(new Set(['1', '9']));
    expect(new Set(seeds('tmp'))).toEqual(new Set(['9', '-']));
    expect(new Set(seeds('b'))).toEqual(new Set(['2']));
  });

  it('a synced file is somewhere: under its old name or under its new one', () => {
    const cut = rowOf(two, ...saved, { do: 'look', path: 'a' }).afterPowerCut();
    expect(cut.mustBeSomewhere().map((places) => [...new Set(places.map(({ path }) => path))])).toEqual([
      ['tmp', 'a'],
    ]);
    const removed = rowOf(
      two,
      ...saved,
      { do: 'unlink', path: 'a' },
      { do: 'look', path: 'b' },
    ).afterPowerCut();
    expect(removed.mustBeSomewhere()).toEqual([]);
  });

  it('a folder that was synced has its names, whatever is in the files', () => {
    const tree: Tree = new Map<string, Entry>([
      ['d', { kind: 'folder' }],
      ['d/gone', file(3)],
    ]);
    const cut = rowOf(
      tree,
      { do: 'unlink', path: 'd/gone' },
      { do: 'create', path: 'd/new', id: 5 },
      { do: 'write', path: 'd/new', at: 0, piece: piece(5) },
      { do: 'close', path: 'd/new' },
      { do: 'sync-folder', path: 'd' },
      { do: 'look', path: 'd/new' },
    ).afterPowerCut();
    expect(cut.entries('d/gone').every((entry) => entry === undefined)).toBe(true);
    expect(cut.entries('d/new').every((entry) => entry !== undefined)).toBe(true);
    expect(
      new Set(cut.entries('d/new').map((entry) => entry?.kind === 'file' && entry.content.length)),
    ).toEqual(new Set([0, 1]));
  });

  it('what was synced, or never changed, must not be called unfinished', () => {
    const cut = rowOf(
      two,
      ...saved.slice(0, 2),
      { do: 'sync', path: 'tmp' },
      { do: 'close', path: 'tmp' },
      {
        do: 'look',
        path: 'tmp',
      },
    ).afterPowerCut();
    expect(cut.isSettled('tmp')).toBe(true);
    expect(cut.isSettled('a')).toBe(true);
    const renamed: Step = { do: 'rename', path: 'tmp', to: 'a' };
    const moved = rowOf(two, ...saved.slice(0, 2), { do: 'close', path: 'tmp' }, renamed).afterPowerCut();
    expect(moved.isSettled('a')).toBe(false);
    const open = rowOf(
      two,
      { do: 'open', path: 'a', empties: true },
      { do: 'close', path: 'a' },
    ).afterPowerCut();
    expect(open.isSettled('a')).toBe(false);
  });
});
