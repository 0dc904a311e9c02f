import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { blankNode, type LocalNode } from '../../src/tree/local-node.ts';
import { LocalStore } from '../../src/tree/local-store.ts';
import { noTraits } from '../../src/tree/traits.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const draft = { name: 'd', sizeBytes: 1, version: 2, sentVersion: undefined, finished: true };
const base = {
  ...{ parentId: 1, name: 'a', resourceId: 'r', modified: { sec: 1, nsec: 2 } },
  content: { sizeBytes: 0, md5, sha256: undefined, versionTag: '' },
  properties: JSON.stringify({ yadiskfs: '1 1B2M2Y8AsgTpgAmY7PhCfg 755' }),
};

async function storeFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'unsent.db');
}

function loaded(file: string): LocalNode[] {
  const store = new LocalStore(file);
  try {
    return store.load((failure) => {
      throw failure;
    });
  } finally {
    store.close();
  }
}

test('mode, link and attributes of unsent work are there after a restart', async () => {
  const file = await storeFile();
  const place = { parentId: 1, name: 'a' };
  const nodes = [
    { ...blankNode(7, 'file', place, 3), draft, traits: { ...noTraits, isLink: true } },
    {
      ...blankNode(8, 'folder', place, 3),
      traits: { ...noTraits, permissions: 0o700, attributes: [['__proto__', 'AA'] as const] },
    },
    { ...blankNode(9, 'file', place, 3), base },
  ];
  const store = new LocalStore(file);
  store.write({ put: nodes }, [], []);
  store.close();
  expect(loaded(file)).toEqual(nodes);
});

test('a list from before there were any is taken over: what is unsent keeps the mode of what it was made from', async () => {
  const file = await storeFile();
  new LocalStore(file).close();
  const old = new BetterSqlite(file);
  const put = old.prepare('INSERT INTO unsent VALUES (?, ?, ?)');
  const { traits: _, ...blank } = blankNode(0, 'file', { parentId: 1, name: 'a' }, 3);
  const rows = [
    { ...blank, draft },
    { ...blank, draft, base },
    { ...blank, base },
  ];
  for (const [id, row] of rows.entries()) {
    const text = JSON.stringify({ ...row, id });
    put.run(id, text, crc32(text));
  }
  old.pragma('user_version = 3');
  old.close();
  expect(loaded(file).map(({ traits }) => traits)).toEqual([
    noTraits,
    { ...noTraits, permissions: 0o755 },
    undefined,
  ]);
  const migrated = new BetterSqlite(file, { readonly: true });
  expect(migrated.pragma('user_version', { simple: true })).toBe(4);
  migrated.close();
});
