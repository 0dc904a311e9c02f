import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EnclosedDisk, type EnclosedOptions } from './enclosed-disk.ts';
import { Rclone, type RcloneOptions } from './rclone.ts';
import { diskView, localView } from './views.ts';

const filesOf = (folder: string) => ['1', '2', '3'].map((name) => join(folder, name));

async function start(settings: EnclosedOptions['settings'], options: RcloneOptions = {}) {
  const disk = await EnclosedDisk.open({ settings: { operationMs: 50, ...settings } });
  onTestFinished(() => disk.close());
  const source = join(disk.folder, 'source');
  await mkdir(source);
  for (const file of filesOf(source)) {
    await writeFile(file, file);
    await utimes(file, 0, 1_000_000_000.5);
  }
  return { disk, source, rclone: await Rclone.on(disk, options) };
}

/** Both are what rclone's authors met on the real service, and why its later versions wait and look again. */
describe('rclone, setting dates on files that are not final yet', () => {
  it('loses them where the service forgets them, and sets them the next time', async () => {
    const { disk, source, rclone } = await start({ patchBeforeFinal: 'drop' });
    await rclone.run('copy', source, 'disk:target');
    await disk.control.post('clock', { advanceMs: 2000 });
    const dates = Object.values(await diskView(disk.control, 'disk:/target')).map((seen) =>
      seen === 'folder' ? seen : seen.modifiedNs,
    );
    expect(dates).toEqual([null, null, null]);
    await rclone.run('copy', source, 'disk:target');
    expect(await diskView(disk.control, 'disk:/target')).toEqual(await localView(source));
  });

  it('asks again where the service answers 500', async () => {
    const { disk, source, rclone } = await start({ patchBeforeFinal: 'error', finalAfterMs: 300 });
    await rclone.run('copy', source, 'disk:target');
    expect(await diskView(disk.control, 'disk:/target')).toEqual(await localView(source));
    const { routes } = (await disk.control.get('statistics')) as {
      routes: Record<string, { count: number; byStatus: Record<string, number> }>;
    };
    expect(routes['resources.patch']?.byStatus['500']).toBeGreaterThan(0);
    expect(routes['uploader.put']?.count).toBe(3);
  });
});

describe('rclone, on a Disk that is busy or forgetful', () => {
  it('renews its token at the OAuth host, and keeps the new one', async () => {
    const { rclone, disk } = await start({}, { tokenExpired: true });
    const before = await readFile(rclone.configFile, 'utf8');
    // Until it is started again it sends the new token as `Bearer`, which the API refuses.
    const { stderr } = await rclone.attempt(['lsf', 'disk:']);
    expect(stderr).toContain('401 - UnauthorizedError');
    const after = await readFile(rclone.configFile, 'utf8');
    const refreshToken = (text: string) => /"refresh_token":"([^"]+)"/.exec(text)?.[1];
    expect(refreshToken(after)).toMatch(/^1:/);
    expect(refreshToken(after)).not.toBe(refreshToken(before));
    await rclone.run('mkdir', 'disk:made');
    expect([...(await disk.control.beneath('disk:')).keys()]).toEqual(['made']);
  });

  it('tries again after 429, 503 and an upload that broke off', async () => {
    const { disk, source, rclone } = await start({ finalAfterMs: 0 });
    const faults = {
      'resources.patch': { kind: 'status', status: 429 },
      'resources.upload-link': { kind: 'status', status: 503 },
      'uploader.put': { kind: 'cut', direction: 'up', afterBytes: 5 },
    };
    for (const [route, fault] of Object.entries(faults)) {
      await disk.control.post('faults', { route, fault, count: 1 });
    }
    await rclone.run('copy', source, 'disk:target');
    expect(await diskView(disk.control, 'disk:/target')).toEqual(await localView(source));
    const { happened } = (await disk.control.get('faults')) as { happened: unknown[] };
    expect(happened).toHaveLength(3);
  });
});
