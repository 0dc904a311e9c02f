import { describe, expect, it } from 'vitest';
import { deleteTrashed, emptyTrash, listTrash, restoreTrashed } from '../../src/disk-api/trash.ts';
import { countOf, pathsOn, standInClient } from './client.ts';

describe.concurrent('the trash', () => {
  it('is listed with where things were, also those of the same name', async () => {
    const { api, disk } = await standInClient({ maxLimit: 3 });
    for (let index = 0; index < 8; index++) {
      disk.model.putFile('disk:/same', String(index));
      disk.model.remove('disk:/same');
    }
    const items = await listTrash(api);
    expect(items.length).toBe(8);
    expect(new Set(items.map(({ path }) => path)).size).toBe(8);
    expect(items[0]).toMatchObject({ origin_path: 'disk:/same', deleted: expect.any(String) });
  });

  it('lets folders be looked into', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/folder/inner', 'x', { parents: true });
    disk.model.remove('disk:/folder');
    const [folder] = await listTrash(api);
    const inner = await listTrash(api, { path: folder?.path ?? '' });
    expect(inner.map(({ name }) => name)).toEqual(['inner']);
  });

  it('gives things back, under their name or another', async () => {
    const { api, disk } = await standInClient({ operationMs: 200 });
    disk.model.putFile('disk:/folder/inner', 'x', { parents: true });
    disk.model.putFile('disk:/file', 'x');
    disk.model.remove('disk:/folder');
    disk.model.remove('disk:/file');
    const items = await listTrash(api);
    const pathOf = (name: string) => items.find((item) => item.name === name)?.path ?? '';
    expect(await restoreTrashed(api, pathOf('file'), { name: 'other' })).toEqual({ path: 'disk:/other' });
    await restoreTrashed(api, pathOf('folder'));
    expect(await pathsOn(disk)).toEqual(['disk:/folder', 'disk:/folder/inner', 'disk:/other']);
    await expect(restoreTrashed(api, pathOf('file'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not restore over something', async () => {
    const { api, disk } = await standInClient({ restoreOntoExisting: 'conflict' });
    disk.model.putFile('disk:/file', 'old');
    disk.model.remove('disk:/file');
    disk.model.putFile('disk:/file', 'new');
    const [item] = await listTrash(api);
    await expect(restoreTrashed(api, item?.path ?? '')).rejects.toMatchObject({ code: 'exists' });
    expect(disk.model.read('disk:/file').toString()).toBe('new');
  });

  it('waits for a name that is said to be locked', async () => {
    const { api, disk } = await standInClient({ restoreOntoExisting: 'locked' });
    disk.model.putFile('disk:/file', 'old');
    disk.model.remove('disk:/file');
    disk.model.putFile('disk:/file', 'new');
    const [item] = await listTrash(api);
    const restoring = restoreTrashed(api, item?.path ?? '');
    setTimeout(() => disk.model.remove('disk:/file', { permanently: true }), 1_000);
    await restoring;
    expect(disk.model.read('disk:/file').toString()).toBe('old');
  });

  it('loses single things, and everything', async () => {
    const { api, disk } = await standInClient({ operationMs: 200 });
    for (const name of ['a', 'b', 'c']) {
      disk.model.putFile(`disk:/${name}`, 'x');
      disk.model.remove(`disk:/${name}`);
    }
    const [item] = await listTrash(api);
    expect(await deleteTrashed(api, item?.path ?? '')).toBe('deleted');
    expect(await deleteTrashed(api, item?.path ?? '')).toBe('gone');
    expect((await listTrash(api)).length).toBe(2);
    await emptyTrash(api);
    expect(await listTrash(api)).toEqual([]);
  });

  it.each([
    '',
    'trash:/',
    'trash:',
    'trash://',
    'disk:/a',
    '/',
  ])('is not emptied by deleting a path that is none (%j)', async (path) => {
    const { api, disk } = await standInClient();
    await expect(deleteTrashed(api, path)).rejects.toMatchObject({ code: 'invalid' });
    await expect(restoreTrashed(api, path)).rejects.toMatchObject({ code: 'invalid' });
    expect(countOf(disk, 'trash.delete')).toBe(0);
  });
});
