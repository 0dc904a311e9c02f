import { describe, expect, it } from 'vitest';
import { readDownloadLink } from '../../src/disk-api/download-link.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import { deleteResource, makeFolder, setProperties } from '../../src/disk-api/resources.ts';
import { saveUrl } from '../../src/disk-api/save-url.ts';
import { copyResource, moveResource } from '../../src/disk-api/transfers.ts';
import { countOf, pathsOn, standInClient } from './client.ts';
import { scriptedServer } from './scripted-server.ts';

describe.concurrent('folders', () => {
  it('are made, and those that are there will do', async () => {
    const { api, disk } = await standInClient();
    expect(await makeFolder(api, 'disk:/Новая папка')).toEqual({ state: 'made', path: 'disk:/Новая папка' });
    expect(await makeFolder(api, 'disk:/Новая папка')).toEqual({ state: 'there', path: undefined });
    expect(await pathsOn(disk)).toEqual(['disk:/Новая папка']);
  });

  it('are not made over a file, nor where there is nothing above', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/file', 'x');
    await expect(makeFolder(api, 'disk:/file')).rejects.toMatchObject({ code: 'exists' });
    await expect(makeFolder(api, 'disk:/no/folder')).rejects.toMatchObject({ code: 'no-parent' });
    expect(await pathsOn(disk)).toEqual(['disk:/file']);
  });

  it('may be spelt otherwise by the Disk, which says so', async () => {
    const { api } = await standInClient({ nameStoredAs: 'nfc' });
    expect(await makeFolder(api, 'disk:/И\u0306')).toEqual({ state: 'made', path: 'disk:/Й' });
  });

  it('are made once although the reply is lost', async () => {
    const { api, disk } = await standInClient();
    disk.wire.faults.add({ route: 'resources.put', count: 1, fault: { kind: 'lost-reply' } });
    expect((await makeFolder(api, 'disk:/a')).state).toBe('there');
    expect(await pathsOn(disk)).toEqual(['disk:/a']);
  });
});

describe.concurrent('deleting', () => {
  it.each([false, true])('takes files and folders away (permanently: %s)', async (permanently) => {
    const { api, disk } = await standInClient({ operationMs: 100 });
    disk.model.putFile('disk:/a/b.txt', 'x', { parents: true });
    disk.model.putFile('disk:/c.txt', 'x');
    expect(await deleteResource(api, 'disk:/a', { permanently })).toBe('deleted');
    expect(await deleteResource(api, 'disk:/c.txt', { permanently })).toBe('deleted');
    expect(await deleteResource(api, 'disk:/c.txt', { permanently })).toBe('gone');
    const { entries, trash } = await disk.control.tree();
    expect(entries).toEqual([]);
    expect(trash.length).toBe(permanently ? 0 : 3);
  });

  it('of one version spares another, where the server honours it', async () => {
    const { api, disk } = await standInClient({ md5GuardsDelete: true });
    disk.model.putFile('disk:/a', 'new');
    await expect(deleteResource(api, 'disk:/a', { md5: '0'.repeat(32) })).rejects.toMatchObject({
      code: 'stale',
    });
    expect(await pathsOn(disk)).toEqual(['disk:/a']);
    disk.control.set({ md5GuardsDelete: false });
    expect(await deleteResource(api, 'disk:/a', { md5: '0'.repeat(32) })).toBe('deleted');
  });

  it.each([
    'disk:/',
    'disk:',
    'disk://',
    '',
    '/',
    'trash:/',
    'app:/',
  ])('of a whole Disk is not sent (%j)', async (path) => {
    const { api, disk } = await standInClient();
    await expect(deleteResource(api, path)).rejects.toMatchObject({ code: 'invalid' });
    await expect(moveResource(api, path, 'disk:/b')).rejects.toMatchObject({ code: 'invalid' });
    await expect(moveResource(api, 'disk:/b', path)).rejects.toMatchObject({ code: 'invalid' });
    expect(Object.keys(disk.wire.statistics.snapshot().routes)).toEqual([]);
  });

  it('that waits for a lost reply does not take away what came since, when a look says so', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a', 'old');
    const { resource_id: old } = await readResource(api, 'disk:/a');
    disk.wire.faults.add({ route: 'resources.delete', count: 1, fault: { kind: 'lost-reply' } });
    const look = async () => {
      disk.model.putFile('disk:/a', 'of somebody else');
      const { resource_id: now } = await readResource(api, 'disk:/a');
      return now === old ? 'undone' : 'done';
    };
    expect(await deleteResource(api, 'disk:/a', { look })).toBe('deleted');
    expect(await pathsOn(disk)).toEqual(['disk:/a']);
    expect(countOf(disk, 'resources.delete')).toBe(1);
  });
});

describe.concurrent('moving and copying', () => {
  it('answer where it went', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a b+c.txt', 'x');
    expect(await copyResource(api, 'disk:/a b+c.txt', 'disk:/d & e%20f.txt')).toEqual({
      path: 'disk:/d & e%20f.txt',
    });
    expect(await moveResource(api, 'disk:/a b+c.txt', 'disk:/moved')).toEqual({ path: 'disk:/moved' });
    expect(await pathsOn(disk)).toEqual(['disk:/d & e%20f.txt', 'disk:/moved']);
  });

  it('tell a missing source, a missing folder and a taken name apart', async () => {
    const { api, disk } = await standInClient({ moveOntoFile: 'overwrite' });
    disk.model.putFile('disk:/a', 'a');
    disk.model.putFile('disk:/b', 'b');
    await expect(moveResource(api, 'disk:/no', 'disk:/c')).rejects.toMatchObject({ code: 'not-found' });
    await expect(moveResource(api, 'disk:/a', 'disk:/no/c')).rejects.toMatchObject({ code: 'no-parent' });
    await expect(moveResource(api, 'disk:/a', 'disk:/b')).rejects.toMatchObject({ code: 'exists' });
    await moveResource(api, 'disk:/a', 'disk:/b', { overwrite: true });
    expect(disk.model.read('disk:/b').toString()).toBe('a');
  });

  it('are in doubt after a lost reply, and happened once', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a', 'a');
    disk.wire.faults.add({ method: 'POST', fault: { kind: 'lost-reply' } });
    await expect(copyResource(api, 'disk:/a', 'disk:/b')).rejects.toMatchObject({ code: 'in-doubt' });
    await expect(moveResource(api, 'disk:/a', 'disk:/c')).rejects.toMatchObject({ code: 'in-doubt' });
    expect(await pathsOn(disk)).toEqual(['disk:/b', 'disk:/c']);
    expect([countOf(disk, 'resources.copy'), countOf(disk, 'resources.move')]).toEqual([1, 1]);
  });

  it('say when there is no room', async () => {
    const { api, disk } = await standInClient({ totalSpaceBytes: 15 });
    disk.model.putFile('disk:/a', '0123456789');
    await expect(copyResource(api, 'disk:/a', 'disk:/b')).rejects.toMatchObject({ code: 'no-space' });
  });
});

describe.concurrent('properties', () => {
  it('are merged, and taken away by null', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a', 'a');
    await setProperties(api, 'disk:/a', { one: '1', two: 2 });
    const shown = await setProperties(api, 'disk:/a', { one: null, three: 'три' });
    expect(shown?.custom_properties).toEqual({ two: 2, three: 'три' });
    expect((await readResource(api, 'disk:/a')).custom_properties).toEqual({ two: 2, three: 'три' });
    expect(
      (await setProperties(api, 'disk:/a', { two: null, three: null }))?.custom_properties,
    ).toBeUndefined();
  });

  it('are set once more after a lost reply', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a', 'a');
    disk.wire.faults.add({ method: 'PATCH', count: 1, fault: { kind: 'lost-reply' } });
    expect((await setProperties(api, 'disk:/a', { key: 'value' }))?.custom_properties).toEqual({
      key: 'value',
    });
  });

  it('are refused over the limit', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/a', 'a');
    await expect(setProperties(api, 'disk:/a', { key: 'v'.repeat(2_000) })).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});

describe.concurrent('an address of the net', () => {
  it('is saved by the server', async () => {
    const { api, disk } = await standInClient({ operationMs: 300 });
    const net = await scriptedServer(() => ({ status: 200, body: 'from afar' }));
    await saveUrl(api, `${net.origin}/secret`, 'disk:/saved');
    expect(disk.model.read('disk:/saved').toString()).toBe('from afar');
  });

  it('that cannot be had fails, and is not told in the failure', async () => {
    const { api } = await standInClient({ operationMs: 100 });
    const net = await scriptedServer(() => ({ status: 404 }));
    const saving = saveUrl(api, `${net.origin}/secret`, 'disk:/saved');
    await expect(saving).rejects.toMatchObject({ code: 'operation-failed' });
    await expect(saving).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });
});

it('gives a link to download with, without the token', async () => {
  const { api, disk } = await standInClient();
  disk.model.putFile('disk:/a', 'bytes');
  const link = await readDownloadLink(api, 'disk:/a');
  expect(await (await fetch(link)).text()).toBe('bytes');
  expect(link.href).not.toContain(disk.token);
});
