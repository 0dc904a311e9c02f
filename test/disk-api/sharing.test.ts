import { describe, expect, it } from 'vitest';
import {
  listPublic,
  readPublic,
  readPublicDownloadLink,
  savePublic,
} from '../../src/disk-api/public-resources.ts';
import {
  publish,
  readAvailableSettings,
  readPublication,
  readPublicSettings,
  setPublicSettings,
  unpublish,
} from '../../src/disk-api/publication.ts';
import { pathsOn, standInClient } from './client.ts';

describe.concurrent('publishing', () => {
  it('gives a link, the same when it is done again, and takes it back', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a', 'a');
    const publication = await publish(api, 'disk:/a');
    expect(publication.url).toMatch(/^https:\/\//);
    expect(await publish(api, 'disk:/a')).toEqual(publication);
    expect(await readPublication(api, 'disk:/a')).toEqual(publication);
    await unpublish(api, 'disk:/a');
    await unpublish(api, 'disk:/a');
    expect(await readPublication(api, 'disk:/a')).toBeUndefined();
    await expect(readPublic(api, { key: publication.url })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('has terms', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a', 'a');
    const untilSec = Math.floor(disk.clock.now() / 1000) + 60;
    const { url } = await publish(api, 'disk:/a', { terms: { availableUntilSec: untilSec } });
    expect(await readPublicSettings(api, 'disk:/a')).toMatchObject({ available_until: untilSec });
    expect((await readAvailableSettings(api, 'disk:/a')).permissions).toContain('password');
    await setPublicSettings(api, 'disk:/a', { password: 'secret' });
    await expect(readPublicDownloadLink(api, { key: url })).rejects.toMatchObject({ code: 'refused' });
    await setPublicSettings(api, 'disk:/a', { password: '' });
    await setPublicSettings(api, 'disk:/a', { availableUntilSec: 1 });
    await expect(readPublic(api, { key: url })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe.concurrent('a public link', () => {
  it('shows what is behind it, page by page', async () => {
    const { api, disk } = await standInClient({ maxLimit: 7 });
    for (let index = 0; index < 30; index++)
      disk.model.putFile(`disk:/public/Файл ${index}`, 'x'.repeat(index + 1), { parents: true });
    disk.model.putFile('disk:/public/folder/inner', 'inner', { parents: true });
    const { publicUrl: key } = disk.model.publish('disk:/public');
    expect(await readPublic(api, { key })).toMatchObject({ name: 'public', type: 'dir', public_url: key });
    expect((await listPublic(api, { key })).length).toBe(31);
    expect(await listPublic(api, { key, path: '/folder' })).toMatchObject([
      { name: 'inner', path: '/folder/inner', size: 5 },
    ]);
    await expect(listPublic(api, { key, path: '/folder/inner' })).rejects.toMatchObject({
      code: 'not-a-folder',
    });
  });

  it('can be downloaded from and saved', async () => {
    const { api, disk } = await standInClient({ operationMs: 200 });
    disk.model.putFile('disk:/public/a.txt', 'bytes', { parents: true });
    const { publicUrl: key } = disk.model.publish('disk:/public');
    const link = await readPublicDownloadLink(api, { key, path: '/a.txt' });
    expect(await (await fetch(link)).text()).toBe('bytes');
    disk.model.mkdir('disk:/mine');
    expect(await savePublic(api, { key, path: '/a.txt' }, { folder: 'disk:/mine', name: 'b.txt' })).toEqual({
      path: 'disk:/mine/b.txt',
    });
    await savePublic(api, { key }, { folder: 'disk:/mine' });
    expect(await pathsOn(disk)).toContain('disk:/mine/public/a.txt');
  });
});
