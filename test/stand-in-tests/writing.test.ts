import { expect, test } from 'vitest';
import type { SettingsInput } from '../stand-in/settings.ts';
import { type Client, standIn } from './client.ts';

const calm: SettingsInput = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };

/** Lets operations of no length end. */
function settle(client: Client): void {
  client.disk.clock.advance(1);
}

test('mkdir: 201 and a link, 409 for a folder that is there, a file that is there, a missing parent', async () => {
  const client = await standIn(calm);
  const made = await client.mkdir('disk:/дир one');
  expect([made.status, made.type]).toEqual([201, 'application/json; charset=utf-8']);
  expect(made.json).toEqual({
    href: `${client.disk.apiUrl}/resources?path=disk%3A%2F%D0%B4%D0%B8%D1%80+one`,
    method: 'GET',
    templated: false,
  });
  const again = await client.mkdir('disk:/дир one');
  expect([again.status, again.type]).toEqual([409, 'application/json']);
  expect(again.json).toEqual({
    error: 'DiskPathPointsToExistentDirectoryError',
    description: 'Specified path "disk:/дир one" points to existent directory.',
    message: 'По указанному пути "disk:/дир one" уже существует папка с таким именем.',
  });
  expect((await client.mkdir('disk:/a/b')).json).toMatchObject({
    error: 'DiskPathDoesntExistsError',
    description: 'Specified path "disk:/a/b" doesn\'t exists.',
  });
  client.disk.model.putFile('disk:/f', '');
  expect((await client.mkdir('disk:/f')).json.error).toBe('DiskResourceAlreadyExistsError');
  expect((await client.mkdir('disk:/f/x')).json.error).toBe('DiskPathDoesntExistsError');
  expect((await client.mkdir('disk:/')).status).toBe(409);
});

test('delete: what is empty is 204 at once, what holds something 202; into the trash or for good', async () => {
  const client = await standIn(calm);
  const { model } = client.disk;
  model.putFile('disk:/f', 'x');
  model.mkdir('disk:/e');
  model.putFile('disk:/d/f', 'x');
  const gone = await client.remove('disk:/f');
  expect([gone.status, gone.type, gone.headers.get('content-length'), gone.text]).toEqual([
    204,
    'application/json; charset=utf-8',
    '0',
    '',
  ]);
  expect((await client.remove('disk:/e', { permanently: true })).status).toBe(204);
  const slow = await client.remove('disk:/d');
  expect([slow.status, slow.json.method]).toEqual([202, 'GET']);
  expect(slow.json.href).toMatch(/\/v1\/disk\/operations\/[0-9a-f]{64}$/);
  settle(client);
  const { entries, trash } = await client.disk.control.tree();
  expect(entries).toEqual([]);
  expect(
    trash
      .map(({ originPath }) => originPath)
      .filter(Boolean)
      .sort(),
  ).toEqual(['disk:/d', 'disk:/f']);
  expect((await client.remove('disk:/f')).json.error).toBe('DiskNotFoundError');
  expect((await client.remove('disk:/')).status).toBe(403);
  model.mkdir('disk:/g');
  expect((await client.remove('disk:/g', { force_async: true })).status).toBe(202);
});

test('fileDeleteIsAsync: a file takes an operation as a folder does', async () => {
  for (const fileDeleteIsAsync of [false, true]) {
    const client = await standIn({ ...calm, fileDeleteIsAsync });
    client.disk.model.putFile('disk:/f', 'x');
    expect((await client.remove('disk:/f')).status).toBe(fileDeleteIsAsync ? 202 : 204);
    settle(client);
    expect(await client.paths()).toEqual([]);
  }
});

test('md5GuardsDelete: a wrong md5 keeps the file, or is not looked at', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/f', 'x');
  const { md5 } = (await client.get('disk:/f')).json;
  const refused = await client.remove('disk:/f', { md5: 'f'.repeat(32) });
  expect([refused.status, refused.json.error]).toEqual([409, 'MD5DifferError']);
  expect((await client.remove('disk:/f', { md5 })).status).toBe(204);
  client.disk.control.set({ md5GuardsDelete: false });
  client.disk.model.putFile('disk:/f', 'x');
  expect((await client.remove('disk:/f', { md5: 'f'.repeat(32) })).status).toBe(204);
});

test('PATCH merges, takes away by null, and leaves null when nothing is left; modified and revision move', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/f', 'x');
  const before = (await client.get('disk:/f')).json;
  client.disk.clock.advance(2000);
  const first = await client.patch('disk:/f', { a: 'text', n: 42 });
  expect(first.status).toBe(200);
  expect(first.json).toMatchObject({ path: 'disk:/f', custom_properties: { a: 'text', n: 42 } });
  expect(first.json.modified).not.toBe(before.modified);
  expect(first.json.created).toBe(before.created);
  expect(first.json.revision).toBeGreaterThan(before.revision);
  expect((await client.patch('disk:/f', { b: 1, n: null })).json.custom_properties).toEqual({
    a: 'text',
    b: 1,
  });
  expect((await client.patch('disk:/f', { a: null, b: null })).json.custom_properties).toBeNull();
  client.disk.model.putFile('disk:/d/f', 'x');
  const dir = await client.patch('disk:/d', { a: 1 });
  expect(dir.json.custom_properties).toEqual({ a: 1 });
  expect('_embedded' in dir.json).toBe(false);
});

test('PATCH refuses what is not flat, what is no JSON, and what is not there', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/f', 'x');
  expect((await client.patch('disk:/f', { a: { b: 1 } })).status).toBe(400);
  expect((await client.patch('disk:/f', [1])).status).toBe(400);
  expect((await client.api('PATCH', '/resources', { path: 'disk:/f' }, { body: '{"x":1}' })).status).toBe(
    400,
  );
  expect((await client.api('PATCH', '/resources', { path: 'disk:/f' }, { body: '{' })).status).toBe(400);
  expect((await client.patch('disk:/none', { a: 1 })).status).toBe(404);
  expect('custom_properties' in (await client.get('disk:/f')).json).toBe(false);
});

test('propertiesMax, propertiesUnit: all properties together, in characters or bytes', async () => {
  const client = await standIn({ ...calm, propertiesMax: 20 });
  client.disk.model.mkdir('disk:/d');
  const status = async (value: string) => (await client.patch('disk:/d', { a: value })).status;
  // {"a":"…"} is 8 characters around the value.
  expect(await status('x'.repeat(12))).toBe(200);
  expect(await status('x'.repeat(13))).toBe(400);
  expect(await status('я'.repeat(12))).toBe(200);
  client.disk.control.set({ propertiesUnit: 'bytes' });
  expect(await status('я'.repeat(12))).toBe(400);
  expect(await status('я'.repeat(6))).toBe(200);
});

test('move: 201 for a file or an empty folder, 202 for one that holds something; all goes along', async () => {
  const client = await standIn(calm);
  const { model } = client.disk;
  model.putFile('disk:/d/inner', 'x', { properties: { p: 1 } });
  model.mkdir('disk:/e');
  const file = await client.move('disk:/d/inner', 'disk:/d/renamed');
  expect([file.status, file.json.href]).toEqual([
    201,
    `${client.disk.apiUrl}/resources?path=disk%3A%2Fd%2Frenamed`,
  ]);
  expect((await client.move('disk:/e', 'disk:/d/e')).status).toBe(201);
  expect((await client.move('disk:/d', 'disk:/g')).status).toBe(202);
  settle(client);
  expect(await client.paths()).toEqual(['disk:/g', 'disk:/g/e', 'disk:/g/renamed']);
  expect((await client.get('disk:/g/renamed')).json.custom_properties).toEqual({ p: 1 });
  expect((await client.move('disk:/none', 'disk:/x')).json.error).toBe('DiskNotFoundError');
  expect((await client.move('disk:/g', 'disk:/no/x')).json.error).toBe('DiskPathDoesntExistsError');
  expect((await client.move('disk:/g/e', 'disk:/h', { force_async: true })).status).toBe(202);
});

test('a folder goes neither into itself nor over what it is in; a resource not onto itself', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/d/e/f', 'x');
  const all = await client.paths();
  for (const kind of ['move', 'copy'] as const) {
    for (const [from, to] of [
      ['disk:/d', 'disk:/d/e/x'],
      ['disk:/d/e', 'disk:/d'],
      ['disk:/d', 'disk:/d'],
      ['disk:/d/e/f', 'disk:/d'],
    ] as const) {
      const { status } = await client[kind](from, to, { overwrite: true, force_async: true });
      expect(`${kind} ${from} ${to} ${status}`).toBe(`${kind} ${from} ${to} 409`);
    }
    expect((await client[kind]('disk:/', 'disk:/x')).status).toBe(403);
  }
  settle(client);
  expect(await client.paths()).toEqual(all);
});

const moveSurvivors = [
  ['moveKeepsResourceId', 'resource_id'],
  ['moveKeepsProperties', 'custom_properties'],
  ['moveKeepsPublication', 'public_key'],
  ['moveKeepsCreated', 'created'],
  ['moveKeepsModified', 'modified'],
] as const;

test.each(moveSurvivors)('%s', async (setting, field) => {
  for (const keeps of [true, false]) {
    const client = await standIn({ ...calm, [setting]: keeps });
    client.disk.model.putFile('disk:/f', 'x', { properties: { a: 1 } });
    client.disk.model.publish('disk:/f');
    const before = (await client.get('disk:/f')).json;
    client.disk.clock.advance(5000);
    await client.move('disk:/f', 'disk:/g');
    const after = (await client.get('disk:/g')).json;
    if (keeps) expect(after[field]).toEqual(before[field]);
    else expect(after[field]).not.toEqual(before[field]);
  }
});

test('moveMovesRevision, moveMovesRevisionBeneath', async () => {
  for (const moves of [true, false]) {
    for (const beneath of [true, false]) {
      const client = await standIn({ ...calm, moveMovesRevision: moves, moveMovesRevisionBeneath: beneath });
      client.disk.model.putFile('disk:/d/f', 'x');
      const revision = async (path: string) => (await client.get(path)).json.revision;
      const [dir, file, disk] = [
        await revision('disk:/d'),
        await revision('disk:/d/f'),
        (await client.api('GET', '')).json.revision,
      ];
      client.disk.clock.advance(10);
      await client.move('disk:/d', 'disk:/e');
      settle(client);
      expect((await revision('disk:/e')) > dir).toBe(moves);
      expect((await revision('disk:/e/f')) > file).toBe(beneath && moves);
      expect((await client.api('GET', '')).json.revision).toBeGreaterThan(disk);
    }
  }
});

test('moveReclassifies: another extension is another media type, or not', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/a.bin', 'x');
  await client.move('disk:/a.bin', 'disk:/a.zip');
  expect((await client.get('disk:/a.zip')).json).toMatchObject({
    media_type: 'compressed',
    mime_type: 'application/zip',
  });
  client.disk.control.set({ moveReclassifies: false });
  await client.move('disk:/a.zip', 'disk:/a.txt');
  expect((await client.get('disk:/a.txt')).json.media_type).toBe('compressed');
});

test('moveOntoFile: overwrite=true replaces, or 409 all the same; overwrite=false is 409', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/a', 'a');
  client.disk.model.putFile('disk:/b', 'b');
  const refused = await client.move('disk:/a', 'disk:/b');
  expect([refused.status, refused.json.error]).toEqual([409, 'DiskResourceAlreadyExistsError']);
  client.disk.control.set({ moveOntoFile: 'conflict' });
  expect((await client.move('disk:/a', 'disk:/b', { overwrite: true })).status).toBe(409);
  expect(client.content('disk:/b')).toBe('b');
  client.disk.control.set({ moveOntoFile: 'overwrite' });
  expect((await client.move('disk:/a', 'disk:/b', { overwrite: true })).status).toBe(201);
  expect(client.content('disk:/b')).toBe('a');
  expect(await client.paths()).toEqual(['disk:/b']);
  expect((await client.api('GET', '')).json.used_space).toBe(1);
});

test('ontoFolder: overwrite=true over a folder loses it, or is 409', async () => {
  for (const ontoFolder of ['replace', 'conflict'] as const) {
    for (const kind of ['move', 'copy'] as const) {
      const client = await standIn({ ...calm, ontoFolder });
      client.disk.model.putFile('disk:/a', 'a');
      client.disk.model.putFile('disk:/d/precious', 'p');
      const { status } = await client[kind]('disk:/a', 'disk:/d', { overwrite: true });
      expect(status).toBe(ontoFolder === 'replace' ? 201 : 409);
      expect((await client.paths()).includes('disk:/d/precious')).toBe(ontoFolder === 'conflict');
    }
  }
});

test('copy: everything beneath, created and modified at the time of the copy; 201 and 202 as for a move', async () => {
  const client = await standIn(calm);
  const { model } = client.disk;
  model.putFile('disk:/d/f', 'x', { createdMs: 1000, modifiedMs: 2000 });
  model.publish('disk:/d/f');
  expect((await client.copy('disk:/d/f', 'disk:/f')).status).toBe(201);
  expect((await client.copy('disk:/d/f', 'disk:/g', { force_async: true })).status).toBe(202);
  expect((await client.copy('disk:/d', 'disk:/e')).status).toBe(202);
  settle(client);
  const original = (await client.get('disk:/d/f')).json;
  const copied = (await client.get('disk:/e/f')).json;
  expect(copied.created).toBe(copied.modified);
  expect(Date.parse(copied.created)).toBeGreaterThan(3000);
  expect(copied.md5).toBe(original.md5);
  expect(copied.resource_id).not.toBe(original.resource_id);
  expect('public_key' in copied).toBe(false);
  model.remove('disk:/d', { permanently: true });
  expect((await client.download(copied.file)).text).toBe('x');
});

test('copyKeepsProperties', async () => {
  for (const copyKeepsProperties of [true, false]) {
    const client = await standIn({ ...calm, copyKeepsProperties });
    client.disk.model.putFile('disk:/d/f', 'x', { properties: { a: 1 } });
    await client.copy('disk:/d', 'disk:/e');
    settle(client);
    expect((await client.get('disk:/e/f')).json.custom_properties).toEqual(
      copyKeepsProperties ? { a: 1 } : undefined,
    );
  }
});

test.each([
  ['conflict-unless-async', 409, 202],
  ['conflict', 409, 409],
  ['overwrite', 201, 202],
] as const)('copyOntoFile %s', async (copyOntoFile, plain, forced) => {
  const client = await standIn({ ...calm, copyOntoFile });
  client.disk.model.putFile('disk:/a', 'a');
  client.disk.model.putFile('disk:/b', 'b');
  expect((await client.copy('disk:/a', 'disk:/b')).status).toBe(409);
  expect((await client.copy('disk:/a', 'disk:/b', { overwrite: true })).status).toBe(plain);
  expect(client.content('disk:/b')).toBe(plain === 201 ? 'a' : 'b');
  expect((await client.copy('disk:/a', 'disk:/b', { overwrite: true, force_async: true })).status).toBe(
    forced,
  );
  settle(client);
  expect(client.content('disk:/b')).toBe(forced === 202 ? 'a' : 'b');
});

test('what is shared for reading only cannot be changed', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/s/f', 'x');
  client.disk.model.putFile('disk:/own', 'x');
  client.disk.model.touch('disk:/s', { share: { isRoot: true, isOwned: false, rights: 'r' } });
  const refused = [
    client.mkdir('disk:/s/d'),
    client.upload('disk:/s/g', 'x'),
    client.upload('disk:/s/f', 'x', { overwrite: true }),
    client.remove('disk:/s/f'),
    client.patch('disk:/s/f', { a: 1 }),
    client.move('disk:/s/f', 'disk:/f'),
    client.move('disk:/own', 'disk:/s/own'),
    client.copy('disk:/own', 'disk:/s/own'),
  ];
  for (const answer of refused) expect((await answer).status).toBe(403);
  expect((await client.copy('disk:/s/f', 'disk:/f')).status).toBe(201);
});
