import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { standIn } from './client.ts';

test('a folder of a million files comes by pages, with true hashes, and costs next to nothing', async () => {
  const client = await standIn({ totalSpaceBytes: 10 ** 12 });
  client.disk.model.declare('disk:/big', { files: 1_000_000, fileSizeBytes: 1000, seed: 's' });
  const before = process.memoryUsage().heapUsed;
  const page = await client.get('disk:/big', { limit: 500, offset: 999_600, sort: 'name' });
  const { items, total } = page.json._embedded;
  expect([items.length, total]).toEqual([400, 1_000_000]);
  expect(items[399].name).toBe('file-999999.txt');
  expect(items[0].resource_id).not.toBe(items[1].resource_id);
  const { bytes } = await client.download(items[7].file);
  expect(createHash('md5').update(bytes).digest('hex')).toBe(items[7].md5);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(items[7].sha256);
  expect((await client.api('GET', '')).json.used_space).toBe(1_000_000_000);
  expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(60);
});

test('folders in a declared folder hold what the rule says, at any depth', async () => {
  const client = await standIn();
  const inside = { files: 2, fileSizeBytes: 3, folders: 1, inside: { files: 1, fileSizeBytes: 4 } };
  client.disk.model.declare('disk:/t', { files: 1, fileSizeBytes: 5, folders: 2, inside });
  expect(await client.paths()).toEqual([
    'disk:/t',
    'disk:/t/file-0.txt',
    'disk:/t/folder-0',
    'disk:/t/folder-0/file-0.txt',
    'disk:/t/folder-0/file-1.txt',
    'disk:/t/folder-0/folder-0',
    'disk:/t/folder-0/folder-0/file-0.txt',
    'disk:/t/folder-1',
    'disk:/t/folder-1/file-0.txt',
    'disk:/t/folder-1/file-1.txt',
    'disk:/t/folder-1/folder-0',
    'disk:/t/folder-1/folder-0/file-0.txt',
  ]);
  const files = client.disk.model.disk.usedBytes;
  expect(files).toBe(5 + 2 * (2 * 3 + 4));
});

test('a declared folder can be changed like any other', async () => {
  const client = await standIn({ operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 });
  const { model } = client.disk;
  model.declare('disk:/t', { files: 4, fileSizeBytes: 10, folders: 1 });
  const { resource_id: id } = (await client.get('disk:/t/file-2.txt')).json;
  const link = await client.fileHref('disk:/t/file-2.txt');
  const original = (await client.download(link)).text;
  expect((await client.remove('disk:/t/file-1.txt')).status).toBe(204);
  expect((await client.upload('disk:/t/file-2.txt', 'new', { overwrite: true })).status).toBe(201);
  expect((await client.upload('disk:/t/aaa', 'x')).status).toBe(201);
  expect((await client.move('disk:/t/file-3.txt', 'disk:/t/zzz')).status).toBe(201);
  expect((await client.patch('disk:/t/file-0.txt', { a: 1 })).status).toBe(200);
  const { items, total } = (await client.get('disk:/t')).json._embedded;
  expect(items.map(({ name }: { name: string }) => name)).toEqual([
    'folder-0',
    'aaa',
    'file-0.txt',
    'file-2.txt',
    'zzz',
  ]);
  expect(total).toBe(5);
  expect(items[2].custom_properties).toEqual({ a: 1 });
  expect(items[3]).toMatchObject({ resource_id: id, size: 3 });
  expect((await client.download(link)).text).toBe(original);
  expect((await client.copy('disk:/t', 'disk:/u')).status).toBe(202);
  client.disk.clock.advance(1);
  const tree = await client.disk.control.tree();
  const hashes = (folder: string) =>
    tree.entries
      .filter(({ path }) => path.startsWith(`disk:/${folder}/`))
      .map(({ name, md5 }) => `${name} ${md5}`);
  expect(hashes('u')).toEqual(hashes('t'));
  expect(hashes('u')).toHaveLength(5);
  expect(tree.usedBytes - tree.trashBytes).toBe(2 * (1 + 10 + 3 + 10));
});
