import { expect, test } from 'vitest';
import { type Client, standIn } from './client.ts';

const composed = 'й.txt'.normalize('NFC');
const decomposed = 'й.txt'.normalize('NFD');

async function names(client: Client): Promise<string[]> {
  return (await client.paths()).map((path) => path.slice('disk:/'.length));
}

async function putting(client: Client, name: string): Promise<number> {
  return (await client.upload(`disk:/${name}`, name)).status;
}

test.each([
  ['exact', 4],
  ['nfc', 3],
  ['case', 2],
] as const)('nameComparison %s', async (nameComparison, different) => {
  const client = await standIn({ nameComparison, finalAfterMs: 0 });
  const statuses = [];
  for (const name of ['a', 'A', composed, decomposed]) statuses.push(await putting(client, name));
  expect(statuses.filter((status) => status === 201)).toHaveLength(different);
  expect((await names(client)).length).toBe(different);
  expect((await client.get(`disk:/${decomposed}`)).json.name).toBe(
    nameComparison === 'exact' ? decomposed : composed,
  );
  if (nameComparison === 'case') {
    expect((await client.move('disk:/a', 'disk:/A')).status).toBe(201);
    expect((await client.get('disk:/a')).json.name).toBe('A');
  }
});

test('nameComparison can change while files are there', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/Dir/File', 'x');
  expect((await client.get('disk:/dir/file')).status).toBe(404);
  client.disk.control.set({ nameComparison: 'case' });
  expect((await client.get('disk:/dir/file')).json.path).toBe('disk:/Dir/File');
});

test('nameStoredAs: as sent, or composed', async () => {
  const client = await standIn();
  await putting(client, decomposed);
  expect(await names(client)).toEqual([decomposed]);
  client.disk.control.set({ nameStoredAs: 'nfc' });
  await putting(client, `x${decomposed}`);
  expect((await names(client))[0]).toBe(`x${composed}`);
});

test('nameTrailing: spaces and dots at the end are kept, lost or refused', async () => {
  const client = await standIn();
  expect(await putting(client, 'a. ')).toBe(201);
  expect(await names(client)).toEqual(['a. ']);
  client.disk.control.set({ nameTrailing: 'strip' });
  expect(await putting(client, 'b .')).toBe(201);
  expect(await names(client)).toEqual(['a. ', 'b']);
  client.disk.control.set({ nameTrailing: 'reject' });
  expect(await putting(client, 'c.')).toBe(400);
  expect((await client.mkdir('disk:/d ')).status).toBe(400);
  expect((await client.move('disk:/b', 'disk:/b ')).status).toBe(400);
});

test('nameWindowsSet: accepted, rewritten or refused', async () => {
  const client = await standIn();
  const name = '\\ * ? " < > | :';
  expect(await putting(client, name)).toBe(201);
  expect(await names(client)).toEqual([name]);
  client.disk.control.set({ nameWindowsSet: 'rewrite' });
  expect(await putting(client, 'a?b')).toBe(201);
  expect(await names(client)).toContain('a_b');
  client.disk.control.set({ nameWindowsSet: 'reject' });
  expect(await putting(client, 'a|b')).toBe(400);
});

test('nameControls: accepted or refused', async () => {
  const client = await standIn();
  expect(await putting(client, 'a\tb\n')).toBe(201);
  expect(await names(client)).toEqual(['a\tb\n']);
  client.disk.control.set({ nameControls: 'reject' });
  expect(await putting(client, 'c\td')).toBe(400);
});

test('nameMax, nameUnit: in UTF-16 units, characters or bytes', async () => {
  const client = await standIn();
  const fits = async (name: string) => (await client.mkdir(`disk:/${name}`)).status === 201;
  expect([
    await fits('x'.repeat(255)),
    await fits('x'.repeat(256)),
    await fits('я'.repeat(255)),
    await fits('😀'.repeat(128)),
  ]).toEqual([true, false, true, false]);
  client.disk.control.set({ nameUnit: 'characters' });
  expect([await fits('😀'.repeat(255)), await fits('😀'.repeat(256))]).toEqual([true, false]);
  client.disk.control.set({ nameUnit: 'bytes' });
  expect([await fits('ы'.repeat(127)), await fits('ы'.repeat(128))]).toEqual([true, false]);
  client.disk.control.set({ nameMax: 3 });
  expect([await fits('abc'), await fits('abcd')]).toEqual([true, false]);
});

test('pathMax: longest path', async () => {
  const client = await standIn({ pathMax: 12 });
  expect((await client.mkdir('disk:/abcdef')).status).toBe(201);
  expect((await client.mkdir('disk:/abcdefg')).status).toBe(400);
});

test('dots alone are no names', async () => {
  const client = await standIn();
  expect((await client.mkdir('disk:/.')).status).toBe(400);
  expect((await client.mkdir('disk:/..')).status).toBe(400);
  expect((await client.mkdir('disk:/...')).status).toBe(201);
});
