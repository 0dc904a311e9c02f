import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPowerCutDisk } from '../../scripts/crash/power/power-cut-disk.ts';
import { VolatileDisk } from '../../scripts/crash/power/volatile-disk.ts';
import { seededRandom } from '../stand-in/random.ts';

const cuts = 60;
const pageBytes = 4096;

/** What is found after many cuts of the same work, each by another chance. */
function afterCuts(work: (disk: VolatileDisk) => void, look: (disk: VolatileDisk) => string): Set<string> {
  const found = new Set<string>();
  for (let seed = 0; seed < cuts; seed++) {
    const disk = new VolatileDisk();
    work(disk);
    disk.cut(seededRandom(`cut ${seed}`));
    found.add(look(disk));
  }
  return found;
}

function put(disk: VolatileDisk, path: string, text: string) {
  const file = namesIn(disk).includes(path.slice(1)) ? disk.fileAt(path) : disk.create(path, 0o600);
  file.bytes.truncate(0);
  file.bytes.write(Buffer.from(text), 0);
  return file;
}

function textOf(disk: VolatileDisk, path: string): string {
  const { bytes } = disk.fileAt(path);
  const target = Buffer.alloc(bytes.sizeBytes);
  bytes.read(target, 0);
  return target.toString();
}

function namesIn(disk: VolatileDisk): string[] {
  return [...disk.root.entries.keys()].sort();
}

const state = (disk: VolatileDisk) =>
  namesIn(disk)
    .map((name) => `${name}:${textOf(disk, `/${name}`).replaceAll('\0', '0')}`)
    .join(' ');

describe('a disk that loses power', () => {
  it('keeps what was synced, and what was not is lost, kept, or there without its bytes', () => {
    expect(afterCuts((disk) => disk.sync(put(disk, '/a', 'text')), state)).toEqual(new Set(['a:text']));
    expect(afterCuts((disk) => void put(disk, '/a', 'text'), state)).toEqual(
      new Set(['', 'a:text', 'a:', 'a:0000']),
    );
  });

  it('tears a file that was written over: each page is old or new', () => {
    const pages = (letter: string) => letter.repeat(4 * pageBytes);
    const found = afterCuts(
      (disk) => {
        const file = put(disk, '/a', pages('o'));
        disk.sync(file);
        file.bytes.write(Buffer.from(pages('n')), 0);
      },
      (disk) => textOf(disk, '/a').replaceAll(/(.)\1{4095}/g, '$1'),
    );
    expect(found).toContain('oooo');
    expect(found).toContain('nnnn');
    expect(found.size).toBeGreaterThan(4);
    for (const text of found) expect(text).toMatch(/^[on]{4}$/);
  });

  it('renames in one go: the old file or the new one, never neither', () => {
    const found = afterCuts((disk) => {
      disk.sync(put(disk, '/doc', 'old'));
      disk.sync(put(disk, '/tmp', 'new'));
      disk.rename('/tmp', '/doc');
    }, state);
    expect(found).toEqual(new Set(['doc:old tmp:new', 'doc:new']));
  });

  it('a rename of what was not synced may leave an empty file: that is what fsync is for', () => {
    const found = afterCuts((disk) => {
      disk.sync(put(disk, '/doc', 'old'));
      put(disk, '/tmp', 'new');
      disk.rename('/tmp', '/doc');
      disk.sync(disk.root);
    }, state);
    expect(found).toEqual(new Set(['doc:new', 'doc:', 'doc:000']));
  });

  it('loses names from the end only, and none that the fsync of a folder or of the file made sure of', () => {
    const found = afterCuts(
      (disk) => {
        for (const name of ['1', '2', '3']) disk.makeFolder(`/${name}`, 0o700);
        disk.sync(disk.root);
        for (const name of ['4', '5']) disk.makeFolder(`/${name}`, 0o700);
        disk.removeFolder('/1');
      },
      (disk) => namesIn(disk).join(''),
    );
    expect(found).toEqual(new Set(['123', '1234', '12345', '2345']));
    const inFolder = afterCuts(
      (disk) => {
        disk.makeFolder('/d', 0o700);
        disk.sync(disk.create('/d/file', 0o600));
        disk.unlink('/d/file');
      },
      (disk) => [...foldersOf(disk)].join(),
    );
    expect(inFolder).toEqual(new Set(['d/file', 'd']));
  });

  it('goes on after a cut as it is then, and what was cut is sure', () => {
    const disk = new VolatileDisk();
    disk.sync(put(disk, '/a', 'one'));
    disk.cut(seededRandom('1'));
    put(disk, '/a', 'two');
    const between = ['one', 'two', '', '000'];
    disk.cut(seededRandom('2'));
    const first = textOf(disk, '/a').replaceAll('\0', '0');
    expect(between).toContain(first);
    disk.cut(seededRandom('3'));
    expect(textOf(disk, '/a').replaceAll('\0', '0')).toBe(first);
  });
});

function foldersOf(disk: VolatileDisk): string[] {
  const folder = disk.at('/d');
  if (folder.kind !== 'folder') throw new Error('not a folder');
  const names = [...folder.entries.keys()];
  return names.length === 0 ? ['d'] : names.map((name) => `d/${name}`);
}

/** Commits one row durably and one not, then dies at once. */
const sqliteProgram = `
import Database from 'better-sqlite3';
const [file] = process.argv.slice(1);
const db = new Database(file);
db.pragma('locking_mode = EXCLUSIVE');
db.pragma('journal_mode = WAL');
db.exec('CREATE TABLE IF NOT EXISTS t (n INTEGER, filler BLOB)');
const before = db.prepare('SELECT count(*) AS n FROM t').get().n;
if (db.pragma('integrity_check', { simple: true }) !== 'ok') throw new Error('damaged');
const add = db.prepare('INSERT INTO t VALUES (?, randomblob(9000))');
db.pragma('synchronous = FULL');
add.run(before);
console.log(before);
db.pragma('synchronous = OFF');
for (let n = 0; n < 5; n++) add.run(-1);
process.kill(process.pid, 'SIGKILL');
`;

describe('mounted', { timeout: 120_000 }, () => {
  it('files and names there are lost or kept as fsync wants it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
    const disk = await startPowerCutDisk(join(folder, 'disk'));
    onTestFinished(async () => {
      await disk.close();
      await rm(folder, { recursive: true, force: true });
    });
    const path = (name: string) => join(disk.folder, name);
    const found = new Set<string>();
    for (let round = 0; round < 12; round++) {
      await writeFile(path(`unsynced ${round}`), 'may go');
      const handle = await open(path('tmp'), 'w');
      await handle.writeFile(`version ${round}`);
      await handle.sync();
      await handle.close();
      await rename(path('tmp'), path('doc'));
      await writeFile(path(`late ${round}`), 'x'.repeat(10_000));
      await disk.cut(`round ${round}`);
      const names = await readdir(disk.folder);
      const current = names.includes('tmp') ? 'tmp' : 'doc';
      expect(await readFile(path(current), 'utf8')).toBe(`version ${round}`);
      found.add(current);
      const late = await stat(path(`late ${round}`)).catch(() => undefined);
      found.add(late === undefined ? 'lost' : 'kept');
    }
    expect(found).toEqual(new Set(['tmp', 'doc', 'lost', 'kept']));
  });

  it('SQLite in WAL mode loses no commit that was synced, and is never damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
    const disk = await startPowerCutDisk(join(folder, 'disk'));
    onTestFinished(async () => {
      await disk.close();
      await rm(folder, { recursive: true, force: true });
    });
    const counts: number[] = [];
    for (let round = 0; round < 8; round++) {
      const died = promisify(execFile)(
        process.execPath,
        ['--input-type=module', '-e', sqliteProgram, join(disk.folder, 'rows.db')],
        { cwd: import.meta.dirname },
      );
      const { stdout, stderr, signal } = await died.catch((error) => error);
      expect(signal, stderr).toBe('SIGKILL');
      counts.push(Number(stdout));
      await disk.cut(`round ${round}`);
    }
    const gains = counts.slice(1).map((count, index) => count - (counts[index] ?? 0));
    // One is sure each time; of the other five some were lost in some rounds.
    expect(Math.min(...gains)).toBeGreaterThanOrEqual(1);
    expect(Math.min(...gains)).toBeLessThan(6);
  });
});
