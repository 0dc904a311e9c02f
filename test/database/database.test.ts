import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, type Format } from '../../src/database/database.ts';
import { ExclusiveLock } from '../../src/database/exclusive-lock.ts';
import { setAside } from '../../src/database/set-aside.ts';
import { Failure } from '../../src/errors.ts';

const first: Format = { applicationId: 77, steps: ['CREATE TABLE names(name TEXT)'] };
const second: Format = {
  applicationId: 77,
  steps: [...first.steps, "ALTER TABLE names ADD COLUMN kind TEXT NOT NULL DEFAULT 'file'"],
};
const options = { commitDelayMs: 60_000, cacheBytes: 1 << 20 };

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yadiskfs-test-'));
  file = join(folder, 'some.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failureCode(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  return 'none';
}

function insert(db: Database, name: string): void {
  db.write(() => db.prepare('INSERT INTO names(name) VALUES (?)').run(name));
}

const namesIn = (db: Database) => db.prepare('SELECT name FROM names ORDER BY name').all().flat();

describe('a database', () => {
  it('keeps what was committed, and shows what was written before that', () => {
    const db = new Database(file, first, options);
    insert(db, 'a');
    expect(namesIn(db)).toEqual(['a']);
    db.close();
    const again = new Database(file, first, options);
    expect(namesIn(again)).toEqual(['a']);
    again.close();
  });

  it('undoes a task that fails, and nothing else', () => {
    const db = new Database(file, first, options);
    insert(db, 'a');
    expect(() =>
      db.write(() => {
        db.prepare('INSERT INTO names VALUES (?)').run('b');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    insert(db, 'c');
    expect(namesIn(db)).toEqual(['a', 'c']);
    db.close();
  });

  it('brings an older format up to date, and refuses a newer one untouched', () => {
    const old = new Database(file, first, options);
    insert(old, 'a');
    old.close();
    const db = new Database(file, second, options);
    expect(db.prepare('SELECT name, kind FROM names').all()).toEqual([['a', 'file']]);
    db.close();
    const before = readFileSync(file);
    expect(failureCode(() => new Database(file, first, options))).toBe('too-new');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("tells what is damaged, and what is somebody else's, from what can be used", () => {
    writeFileSync(file, Buffer.alloc(8192, 'no database at all '));
    expect(failureCode(() => new Database(file, first, options))).toBe('damaged-store');
    rmSync(file);
    new Database(file, { ...first, applicationId: 78 }, options).close();
    expect(failureCode(() => new Database(file, first, options))).toBe('damaged-store');
    rmSync(file);
    expect(failureCode(() => new Database(join(folder, 'missing', 'x.db'), first, options))).toBe('local');
  });

  it('notices a file that was cut, and can be set aside for a new one', () => {
    const db = new Database(file, first, options);
    for (let count = 0; count < 2_000; count++) insert(db, `name ${count} ${'x'.repeat(100)}`);
    db.close();
    truncateSync(file, 40_960);
    expect(
      failureCode(() => {
        const cut = new Database(file, first, options);
        try {
          namesIn(cut);
        } finally {
          cut.close();
        }
      }),
    ).toBe('damaged-store');
    const aside = setAside(file);
    const fresh = new Database(file, first, options);
    expect(namesIn(fresh)).toEqual([]);
    fresh.close();
    expect(readdirSync(folder)).toContain(aside.slice(folder.length + 1));
  });

  it('has on disk what was written durably, and all before it, when the process is killed', () => {
    const program = `
      import { Database } from ${JSON.stringify(join(import.meta.dirname, '../../src/database/database.ts'))};
      const db = new Database(${JSON.stringify(file)}, ${JSON.stringify(first)}, ${JSON.stringify(options)});
      const insert = db.prepare('INSERT INTO names VALUES (?)');
      db.write(() => insert.run('before'));
      db.writeDurably(() => insert.run('durable'));
      db.write(() => insert.run('after'));
      process.kill(process.pid, 'SIGKILL');`;
    const ended = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
    expect(ended.signal).toBe('SIGKILL');
    const db = new Database(file, first, options);
    expect(namesIn(db)).toEqual(['before', 'durable']);
    db.close();
  });
});

describe('an exclusive lock', () => {
  it('is held by one process, names it, and ends with it', () => {
    const lockFile = join(folder, 'lock');
    const lock = ExclusiveLock.take(lockFile);
    const attempt = `
      import { ExclusiveLock } from ${JSON.stringify(join(import.meta.dirname, '../../src/database/exclusive-lock.ts'))};
      try { ExclusiveLock.take(${JSON.stringify(lockFile)}); console.log('taken'); process.kill(process.pid, 'SIGKILL'); }
      catch (error) { console.log(error.code, error.message); }`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', attempt];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toContain(
      `in-use Another yadiskfs (process ${process.pid})`,
    );
    lock.release();
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout).toContain('taken');
    const again = ExclusiveLock.take(lockFile);
    again.release();
  });
});
