import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Row } from '../../scripts/crash/allowed.ts';
import { bytesOf } from '../../scripts/crash/content.ts';
import { differences, recognised, recognisedAfterPowerCut, seenIn } from '../../scripts/crash/looking.ts';
import type { Entry, Step, Tree } from '../../scripts/crash/tree.ts';

const dateNs = 1_234_567_890_123_000_000n;
const content = (seed: number) => [{ seed, from: 0, lengthBytes: 5000 }];
const file = (seed: number, modifiedNs: bigint | null = null) =>
  ({ kind: 'file', id: seed, content: content(seed), modifiedNs }) as const;
const tree: Tree = new Map<string, Entry>([
  ['folder', { kind: 'folder' }],
  ['folder/dated', file(1, dateNs)],
  ['Имя с пробелом', file(2)],
]);

/** The tree as real files. */
function made(): { readonly folder: string; put(path: string, seed: number): void } {
  const folder = mkdtempSync(join(tmpdir(), 'yadiskfs-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'folder'));
  const put = (path: string, seed: number) => writeFileSync(join(folder, path), bytesOf(content(seed)));
  put('folder/dated', 1);
  put('Имя с пробелом', 2);
  utimesSync(join(folder, 'folder/dated'), 1_234_567_890.123, 1_234_567_890.123);
  return { folder, put };
}

describe('what is seen is told from what must be', () => {
  it('nothing differs when nothing does, and dates that nobody knew are known then', () => {
    const { folder } = made();
    expect(differences(tree, seenIn(folder))).toEqual([]);
    const known = recognised([tree], seenIn(folder)).get('Имя с пробелом');
    expect(known).toMatchObject({ modifiedNs: expect.any(BigInt) });
  });

  it.each<[string, RegExp, (folder: string, put: (path: string, seed: number) => void) => void]>([
    ['a file that is gone', /dated: is missing/, (folder) => rmSync(join(folder, 'folder/dated'))],
    [
      'a folder that is gone',
      /folder: is missing/,
      (folder) => rmSync(join(folder, 'folder'), { recursive: true }),
    ],
    ['a conflict copy', /conflict 2026.*must not be/, (_, put) => put('Имя с пробелом (conflict 2026)', 2)],
    ['other bytes of the same length', /other bytes/, (_, put) => put('Имя с пробелом', 3)],
    [
      'another length',
      /has 3 bytes, must have 5000/,
      (folder) => writeFileSync(join(folder, 'Имя с пробелом'), 'abc'),
    ],
    [
      'a date that is one second off',
      /must be of 2009/,
      (folder) => utimesSync(join(folder, 'folder/dated'), 1, 1_234_567_891.123),
    ],
    [
      'a date without its fraction',
      /must be of 2009/,
      (folder) => utimesSync(join(folder, 'folder/dated'), 1, 1_234_567_890),
    ],
    [
      'a folder in place of a file',
      /is a folder, must be a file/,
      (folder) => {
        rmSync(join(folder, 'Имя с пробелом'));
        mkdirSync(join(folder, 'Имя с пробелом'));
      },
    ],
  ])('%s', (_, words, spoil) => {
    const { folder, put } = made();
    spoil(folder, put);
    expect(() => recognised([tree], seenIn(folder))).toThrow(words);
  });

  it('of several trees that may be, the one that is there is found', () => {
    const { folder, put } = made();
    const other: Tree = new Map(tree).set('new', file(7));
    expect(recognised([tree, other], seenIn(folder)).has('new')).toBe(false);
    put('new', 7);
    expect(recognised([tree, other], seenIn(folder)).has('new')).toBe(true);
    put('new', 8);
    expect(() => recognised([tree, other], seenIn(folder))).toThrow(/nearest of 2/);
  });
});

describe('after a loss of power', () => {
  const piece = content(9)[0] ?? { seed: 9, from: 0, lengthBytes: 5000 };
  const written = (...more: readonly Step[]) => {
    const row = new Row(tree);
    const steps: Step[] = [
      { do: 'create', path: 'new', id: 9 },
      { do: 'write', path: 'new', at: 0, piece },
      ...more,
      { do: 'close', path: 'new' },
    ];
    for (const step of steps) {
      row.begin(step);
      row.answered();
    }
    return row.afterPowerCut();
  };

  it('a file that was not synced may be missing, one that was may not', () => {
    const { folder } = made();
    expect(recognisedAfterPowerCut(written(), seenIn(folder), new Set()).tree.has('new')).toBe(false);
    const synced = written({ do: 'sync', path: 'new' });
    expect(() => recognisedAfterPowerCut(synced, seenIn(folder), new Set())).toThrow(/new: is missing/);
  });

  it('bytes that never were are wrong, unless the drive says that it does not trust them and they were not synced', () => {
    const { folder, put } = made();
    put('new', 4);
    expect(() => recognisedAfterPowerCut(written(), seenIn(folder), new Set())).toThrow(/other bytes/);
    expect(recognisedAfterPowerCut(written(), seenIn(folder), new Set(['new'])).unknown).toEqual(['new']);
    const synced = written({ do: 'sync', path: 'new' });
    expect(() => recognisedAfterPowerCut(synced, seenIn(folder), new Set(['new']))).toThrow(/other bytes/);
  });
});
