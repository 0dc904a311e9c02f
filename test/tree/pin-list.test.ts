import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pin, PinList } from '../../src/tree/pin-list.ts';
import { testFolder } from '../mount/mounted-disk.ts';

const one: Pin = { id: 5, kind: 'folder', resourceId: 'r5', place: ['a', 'b'], sinceMs: 1 };
const other: Pin = { id: 6, kind: 'file', place: [], sinceMs: 2 };

describe('the list of pins', () => {
  let folder: string;
  let file: string;
  let damages: string[];
  const open = () => new PinList({ file, onDamage: (_, aside) => damages.push(aside) });

  beforeEach(async () => {
    folder = await testFolder();
    file = join(folder, 'pins.json');
    damages = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is there again, with its version, for the next process', async () => {
    await open().add([one, other]);
    expect(open().all()).toEqual([one, other]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1 });
    expect(await readdir(folder)).toEqual(['pins.json']);
  });

  it('keeps what was pinned first, and follows what is elsewhere', async () => {
    const list = open();
    await list.add([one]);
    await list.add([{ ...one, sinceMs: 99 }]);
    expect(list.all()).toEqual([one]);
    const moved = { ...one, id: 7, place: ['c'] };
    await list.replace([{ before: one, now: moved }]);
    expect(open().all()).toEqual([moved]);
  });

  it('does not bring back what was removed while it was looked for', async () => {
    const list = open();
    await list.add([one]);
    await Promise.all([list.remove([one.id]), list.replace([{ before: one, now: { ...one, id: 7 } }])]);
    expect(list.all()).toEqual([]);
  });

  it('is as it was when it cannot be written', async () => {
    const list = open();
    await list.add([one]);
    await rm(folder, { recursive: true });
    await expect(list.add([other])).rejects.toMatchObject({ code: 'local' });
    expect(list.all()).toEqual([one]);
  });

  it('that is damaged is set aside, and begun anew', async () => {
    await writeFile(file, '{"version":1,"pins":[{"id":"x"}]}');
    expect(open().all()).toEqual([]);
    expect(damages).toHaveLength(1);
    expect(await readFile(String(damages[0]), 'utf8')).toContain('"x"');
  });

  it('of a newer version is refused, and not touched', async () => {
    await writeFile(file, '{"version":2,"pins":{}}');
    expect(open).toThrow(expect.objectContaining({ code: 'too-new' }));
    expect(await readFile(file, 'utf8')).toBe('{"version":2,"pins":{}}');
  });
});
