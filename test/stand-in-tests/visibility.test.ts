import { expect, test } from 'vitest';
import type { SettingsInput } from '../stand-in/settings.ts';
import { type Client, standIn } from './client.ts';

async function listed(client: Client, path = 'disk:/'): Promise<string[]> {
  const { json } = await client.get(path);
  return json._embedded.items.map(({ name }: { name: string }) => name);
}

async function revision(client: Client): Promise<number> {
  return (await client.api('GET', '', { fields: 'revision' })).json.revision;
}

test('seenLateMs: a new file is 404 and missing from lists for a while, an old one shows as it was', async () => {
  const client = await standIn({ seenLateMs: 1000 });
  client.disk.model.putFile('disk:/old', 'before');
  await client.upload('disk:/new', 'x');
  await client.upload('disk:/old', 'after', { overwrite: true });
  client.disk.clock.advance(999);
  expect((await client.get('disk:/new')).status).toBe(404);
  expect((await client.patch('disk:/new', { a: 1 })).status).toBe(404);
  expect(await listed(client)).toEqual(['old']);
  expect((await client.get('disk:/')).json._embedded.total).toBe(1);
  expect((await client.get('disk:/old')).json.size).toBe(6);
  client.disk.clock.advance(1);
  expect((await client.get('disk:/new')).status).toBe(200);
  expect(await listed(client)).toEqual(['new', 'old']);
  expect((await client.get('disk:/old')).json.size).toBe(5);
});

test('hashesLateMs: a new file has its size at once, and its hashes after a while', async () => {
  const client = await standIn({ hashesLateMs: 1000 });
  await client.upload('disk:/new', 'x');
  client.disk.clock.advance(999);
  const early = (await client.get('disk:/new')).json;
  expect([early.size, 'md5' in early, 'sha256' in early]).toEqual([1, false, false]);
  client.disk.clock.advance(1);
  const late = (await client.get('disk:/new')).json;
  expect([late.size, 'md5' in late, 'sha256' in late]).toEqual([1, true, true]);
});

async function patchedEarly(
  settings: SettingsInput,
): Promise<{ status: number; during: unknown; after: unknown }> {
  const client = await standIn({ finalAfterMs: 1000, ...settings });
  await client.upload('disk:/f', 'x');
  client.disk.clock.advance(999);
  const { status } = await client.patch('disk:/f', { mtime: 'now' });
  const during = (await client.get('disk:/f')).json.custom_properties;
  client.disk.clock.advance(1);
  return { status, during, after: (await client.get('disk:/f')).json.custom_properties };
}

test('patchBeforeFinal: properties set in the first moments stay, vanish without a word, or are 500', async () => {
  const set = { mtime: 'now' };
  expect(await patchedEarly({ patchBeforeFinal: 'keep' })).toEqual({ status: 200, during: set, after: set });
  expect(await patchedEarly({ patchBeforeFinal: 'drop' })).toEqual({
    status: 200,
    during: set,
    after: undefined,
  });
  expect(await patchedEarly({ patchBeforeFinal: 'error' })).toEqual({
    status: 500,
    during: undefined,
    after: undefined,
  });
});

test('patchBeforeFinal mixed: some vanish, some are 500', async () => {
  const client = await standIn({ finalAfterMs: 1000, patchBeforeFinal: 'mixed' });
  const statuses = new Set<number>();
  for (let index = 0; index < 12; index += 1) {
    await client.upload(`disk:/${index}`, 'x');
    statuses.add((await client.patch(`disk:/${index}`, { a: 1 })).status);
  }
  expect([...statuses].sort()).toEqual([200, 500]);
});

test('finalAfterMs: from then on properties stay, and folders are final at once', async () => {
  const client = await standIn({ finalAfterMs: 1000, patchBeforeFinal: 'drop' });
  await client.upload('disk:/f', 'x');
  client.disk.clock.advance(1000);
  await client.patch('disk:/f', { a: 1 });
  await client.mkdir('disk:/d');
  await client.patch('disk:/d', { a: 1 });
  client.disk.clock.advance(5000);
  expect((await client.get('disk:/f')).json.custom_properties).toEqual({ a: 1 });
  expect((await client.get('disk:/d')).json.custom_properties).toEqual({ a: 1 });
});

test('properties that were there before the upload come back when early ones vanish', async () => {
  const client = await standIn({
    finalAfterMs: 1000,
    patchBeforeFinal: 'drop',
    overwriteKeepsProperties: true,
  });
  client.disk.model.putFile('disk:/f', 'x', { properties: { old: 1 } });
  await client.upload('disk:/f', 'y', { overwrite: true });
  await client.patch('disk:/f', { fresh: 1 });
  client.disk.clock.advance(1000);
  expect((await client.get('disk:/f')).json.custom_properties).toEqual({ old: 1 });
});

test('listingLagMs: listings show what was, while revision and single resources are new', async () => {
  const client = await standIn({ listingLagMs: 1000 });
  client.disk.model.putFile('disk:/a', 'x');
  client.disk.clock.advance(5000);
  const before = await revision(client);
  client.disk.model.putFile('disk:/b', 'x');
  client.disk.clock.advance(500);
  client.disk.model.remove('disk:/a');
  client.disk.model.patch('disk:/b', { p: 1 });
  expect(await revision(client)).toBeGreaterThan(before);
  expect((await client.get('disk:/b')).json.custom_properties).toEqual({ p: 1 });
  expect(await listed(client)).toEqual(['a']);
  client.disk.clock.advance(500);
  expect(await listed(client)).toEqual(['a', 'b']);
  expect((await client.get('disk:/')).json._embedded.items[1].custom_properties).toBeUndefined();
  client.disk.clock.advance(500);
  expect(await listed(client)).toEqual(['b']);
  expect((await client.get('disk:/')).json._embedded.items[0].custom_properties).toEqual({ p: 1 });
});

test('totalLagMs: the count is of a moment ago', async () => {
  const client = await standIn({ totalLagMs: 1000 });
  client.disk.model.putFile('disk:/a', 'x');
  client.disk.clock.advance(5000);
  client.disk.model.putFile('disk:/b', 'x');
  const page = async () => (await client.get('disk:/')).json._embedded;
  expect(await page()).toMatchObject({ total: 1, items: { length: 2 } });
  client.disk.clock.advance(1000);
  expect(await page()).toMatchObject({ total: 2, items: { length: 2 } });
});

test('every kind of change moves the revision of the Disk, and that of what was changed', async () => {
  const client = await standIn({ operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 });
  const { model } = client.disk;
  model.putFile('disk:/f', 'x');
  model.mkdir('disk:/d');
  let last = await revision(client);
  const moved = async (change: () => unknown) => {
    client.disk.clock.advance(1);
    await change();
    client.disk.clock.advance(1);
    const now = await revision(client);
    expect(now, change.toString()).toBeGreaterThan(last);
    last = now;
  };
  await moved(() => client.upload('disk:/g', 'x'));
  await moved(() => client.upload('disk:/g', 'y', { overwrite: true }));
  await moved(() => client.patch('disk:/g', { a: 1 }));
  await moved(() => client.mkdir('disk:/d/e'));
  await moved(() => client.move('disk:/g', 'disk:/d/g'));
  await moved(() => client.copy('disk:/d', 'disk:/c'));
  await moved(() => client.api('PUT', '/resources/publish', { path: 'disk:/f' }));
  expect((await client.get('disk:/f')).json.revision).toBe(last);
  await moved(() => client.api('PUT', '/resources/unpublish', { path: 'disk:/f' }));
  await moved(() => client.remove('disk:/f'));
  await moved(() => client.remove('disk:/c', { permanently: true }));
  await moved(() => client.api('DELETE', '/trash/resources'));
  const { json } = await client.get('disk:/d');
  expect(json.revision).toBeLessThan(last);
});

test('publishMovesRevision: publishing changes revision and never modified', async () => {
  for (const publishMovesRevision of [true, false]) {
    const client = await standIn({ publishMovesRevision });
    client.disk.model.mkdir('disk:/d');
    const before = (await client.get('disk:/d')).json;
    client.disk.clock.advance(5000);
    await client.api('PUT', '/resources/publish', { path: 'disk:/d' });
    const after = (await client.get('disk:/d')).json;
    expect(after.modified).toBe(before.modified);
    expect(after.revision > before.revision).toBe(publishMovesRevision);
  }
});

test('diskRevisionMoves: always, sometimes or never', async () => {
  const changes = async (diskRevisionMoves: 'always' | 'sometimes' | 'never') => {
    const client = await standIn({ diskRevisionMoves });
    const seen = new Set([await revision(client)]);
    for (let index = 0; index < 20; index += 1) {
      client.disk.model.putFile(`disk:/${index}`, '');
      seen.add(await revision(client));
    }
    return seen.size - 1;
  };
  expect(await changes('always')).toBe(20);
  expect(await changes('never')).toBeLessThanOrEqual(1);
  const sometimes = await changes('sometimes');
  expect(sometimes).toBeGreaterThan(2);
  expect(sometimes).toBeLessThan(18);
});

test('diskRevisionLagMs: the revision of the Disk is told later', async () => {
  const client = await standIn({ diskRevisionLagMs: 1000 });
  client.disk.model.putFile('disk:/a', '');
  client.disk.clock.advance(5000);
  const before = await revision(client);
  client.disk.model.putFile('disk:/b', '');
  client.disk.clock.advance(999);
  expect(await revision(client)).toBe(before);
  client.disk.clock.advance(1);
  expect(await revision(client)).toBe((await client.get('disk:/b')).json.revision);
});

test('folderRevisionFollowsChildren, folderModifiedFollowsChildren', async () => {
  for (const follows of [true, false]) {
    const client = await standIn({
      folderRevisionFollowsChildren: follows,
      folderModifiedFollowsChildren: follows,
      finalAfterMs: 0,
    });
    client.disk.model.mkdir('disk:/d');
    const moves = async (change: () => unknown) => {
      const before = (await client.get('disk:/d')).json;
      client.disk.clock.advance(2000);
      await change();
      const after = (await client.get('disk:/d')).json;
      return [after.revision > before.revision, after.modified !== before.modified];
    };
    expect(await moves(() => client.upload('disk:/d/f', 'x'))).toEqual([follows, follows]);
    expect(await moves(() => client.patch('disk:/d/f', { a: 1 }))).toEqual([follows, false]);
    expect(await moves(() => client.move('disk:/d/f', 'disk:/f'))).toEqual([follows, follows]);
  }
});

test('sharedChangesMoveRevision: changes by the owner of a shared folder move it, or do not', async () => {
  for (const sharedChangesMoveRevision of [true, false]) {
    const client = await standIn({ sharedChangesMoveRevision });
    client.disk.model.mkdir('disk:/s');
    const before = await revision(client);
    client.disk.model.putFile('disk:/s/theirs', 'x', { byOwner: true });
    expect((await revision(client)) > before).toBe(sharedChangesMoveRevision);
    client.disk.model.putFile('disk:/s/ours', 'x');
    expect(await revision(client)).toBeGreaterThan(before);
  }
});
