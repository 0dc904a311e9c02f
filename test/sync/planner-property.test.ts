import fc from 'fast-check';
import { test } from 'vitest';
import { rootId } from '../../src/tree/node.ts';
import { roundsOf } from '../all-tests.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** One thing that happens; the numbers pick among what there is. */
interface Happening {
  readonly kind:
    | 'create'
    | 'make-folder'
    | 'write'
    | 'touch'
    | 'remove'
    | 'remove-tree'
    | 'rename'
    | 'save-by-rename'
    | 'save-with-backup'
    | 'swap'
    | 'begin'
    | 'advance'
    | 'lose'
    | 'refuse'
    | 'wait'
    | 'restart';
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const names = ['a', 'b', 'c', 'd'];

function happen(disk: SimulatedDisk, { kind, a, b, c }: Happening): void {
  const entries = [...disk.user.values()];
  const folders = [rootId, ...entries.filter((entry) => entry.kind === 'folder').map(({ id }) => id)];
  const files = entries.filter((entry) => entry.kind === 'file');
  const entry = entries[a % Math.max(1, entries.length)];
  const file = files[a % Math.max(1, files.length)];
  const folder = folders[b % folders.length] ?? rootId;
  const name = names[c % names.length] ?? '';
  const run = disk.runs[a % Math.max(1, disk.runs.length)];
  const isFree = (at: number, called: string) => disk.at(at, called) === undefined;
  if (kind === 'create' && isFree(folder, name)) disk.create(folder, name, 'file');
  if (kind === 'make-folder' && isFree(folder, name)) disk.create(folder, name, 'folder');
  if (kind === 'write' && file) disk.write(file.id);
  if (kind === 'touch' && entry) disk.touch(entry.id);
  if (kind === 'remove' && entry && disk.childrenOf(entry.id).length === 0) disk.remove(entry.id);
  if (kind === 'remove-tree' && entry) disk.removeTree(entry.id);
  if (kind === 'rename' && entry) rename(disk, entry.id, folder, name);
  if (kind === 'save-by-rename' && file && isFree(file.parentId, 'tmp'))
    disk.rename(disk.create(file.parentId, 'tmp', 'file'), file.parentId, file.name);
  if (kind === 'save-with-backup' && file && isFree(file.parentId, 'old')) {
    disk.rename(file.id, file.parentId, 'old');
    disk.create(file.parentId, file.name, 'file');
    if (b % 2) disk.remove(file.id);
  }
  const other = entries[b % Math.max(1, entries.length)];
  if (kind === 'swap' && entry && other && isFree(rootId, 'swap')) {
    rename(disk, entry.id, rootId, 'swap');
    rename(disk, other.id, entry.parentId, entry.name);
    rename(disk, entry.id, other.parentId, other.name);
  }
  if (kind === 'begin') for (const step of disk.plan().steps.slice(0, 1 + (a % 4))) disk.begin(step);
  if (kind === 'advance' && run) disk.advance(run);
  if (kind === 'lose' && run) disk.lose(run, b % 2 === 0);
  if (kind === 'refuse' && run) disk.refuse(run, disk.nowMs + b);
  if (kind === 'wait') disk.nowMs += b;
  if (kind === 'restart') disk.restart(b % 2 === 0);
}

/** As far as POSIX allows it. */
function rename(disk: SimulatedDisk, id: number, parentId: number, name: string): void {
  const entry = disk.user.get(id);
  const target = disk.user.get(disk.at(parentId, name) ?? 0);
  if (!entry || disk.isWithin(parentId, id)) return;
  if (parentId !== rootId && !disk.user.has(parentId)) return;
  if (target && (target.kind !== entry.kind || disk.childrenOf(target.id).length > 0)) return;
  disk.rename(id, parentId, name);
}

const weights = {
  create: 3,
  'make-folder': 3,
  write: 2,
  touch: 1,
  remove: 3,
  'remove-tree': 1,
  rename: 6,
  'save-by-rename': 1,
  'save-with-backup': 1,
  swap: 1,
  begin: 4,
  advance: 10,
  lose: 1,
  refuse: 1,
  wait: 2,
  restart: 1,
} satisfies Record<Happening['kind'], number>;

const happenings = fc.array(
  fc.record({
    kind: fc.oneof(
      ...Object.entries(weights).map(([kind, weight]) => ({
        arbitrary: fc.constant(kind as Happening['kind']),
        weight,
      })),
    ),
    a: fc.nat(30),
    b: fc.nat(30),
    c: fc.nat(30),
  }),
  { maxLength: 60, size: 'max' },
);

const beginnings = fc.array(fc.record({ isFolder: fc.boolean(), folder: fc.nat(10), name: fc.nat(3) }), {
  maxLength: 10,
});

test('whatever is done here and whenever, the server ends up the same, and nothing else is deleted on the way', () => {
  fc.assert(
    fc.property(beginnings, happenings, fc.constantFrom(0, 20), (beginning, list, writeBackMs) => {
      const disk = new SimulatedDisk();
      disk.writeBackMs = writeBackMs;
      const folders = [rootId];
      for (const { isFolder, folder, name } of beginning) {
        const parentId = folders[folder % folders.length] ?? rootId;
        if (disk.at(parentId, names[name] ?? '') !== undefined) continue;
        const id = disk.has(parentId, names[name] ?? '', isFolder ? 'folder' : 'file');
        if (isFolder) folders.push(id);
      }
      for (const happening of list) {
        happen(disk, happening);
        disk.checkView();
      }
      disk.drain();
      disk.checkView();
      disk.checkServer();
    }),
    { numRuns: Number(process.env['PLANNER_RUNS'] ?? roundsOf(500, 2_000)) },
  );
});
