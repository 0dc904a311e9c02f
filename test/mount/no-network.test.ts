import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mountDisk } from './mounted-disk.ts';

const pollIntervalMs = 300;
const longerThanTrusted = pollIntervalMs + 1_200;

async function timed<T>(
  task: Promise<T>,
): Promise<{ readonly result: T | string | undefined; readonly ms: number }> {
  const startedAtMs = performance.now();
  const result = await task.catch((error: { code?: string }) => error.code);
  return { result, ms: performance.now() - startedAtMs };
}

describe.each([
  ['refuses connections', 'reset', 'rst'],
  ['swallows everything', 'black-hole', 'freeze'],
] as const)('a network that %s', (_, fresh, existing) => {
  it('leaves what is known to be seen, fails for the rest within ten seconds, and is forgotten when it is back', async () => {
    const mounted = await mountDisk({
      mountArguments: ['--poll-interval', `${pollIntervalMs}ms`],
      fill: ({ model }) => {
        model.putFile('disk:/known/read.txt', 'was read');
        model.putFile('disk:/known/not read.txt', 'was not read');
        model.putFile('disk:/unknown/file', 'x');
      },
    });
    try {
      expect(await readdir(mounted.path('known'))).toEqual(['not read.txt', 'read.txt']);
      expect(await readFile(mounted.path('known', 'read.txt'), 'utf8')).toBe('was read');
      await statfs(mounted.mountpoint);
      mounted.disk.wire.cut({ fresh, existing });
      await sleep(longerThanTrusted);

      const listed = await timed(readdir(mounted.path('known')));
      expect(listed.result).toEqual(['not read.txt', 'read.txt']);
      expect(listed.ms).toBeLessThan(5_000);
      const again = await timed(stat(mounted.path('known', 'read.txt')));
      expect(again.result).toMatchObject({ size: 'was read'.length });
      expect(again.ms).toBeLessThan(1_000);
      expect((await timed(readFile(mounted.path('known', 'read.txt'), 'utf8'))).result).toBe('was read');

      const room = await timed(statfs(mounted.mountpoint));
      expect(room.result).toMatchObject({ blocks: expect.any(Number) });
      expect(room.ms).toBeLessThan(5_000);

      const [file, folder] = await Promise.all([
        timed(readFile(mounted.path('known', 'not read.txt'))),
        timed(readdir(mounted.path('unknown'))),
      ]);
      expect(['EIO', 'ENETUNREACH']).toContain(file.result);
      expect(['EIO', 'ENETUNREACH']).toContain(folder.result);
      expect(Math.max(file.ms, folder.ms)).toBeLessThan(11_000);

      await mounted.disk.wire.restore();
      await expect
        .poll(() => readFile(mounted.path('known', 'not read.txt'), 'utf8').catch(() => ''), {
          timeout: 15_000,
        })
        .toBe('was not read');
      await expect
        .poll(() => readdir(mounted.path('unknown')).catch(() => []), { timeout: 15_000 })
        .toEqual(['file']);
    } finally {
      await mounted.disk.wire.restore();
      await mounted.close();
    }
  }, 60_000);
});

describe('a token that is revoked while the Disk is mounted', () => {
  it('leaves what is known to be seen, and is EACCES for the rest', async () => {
    const mounted = await mountDisk({
      mountArguments: ['--poll-interval', `${pollIntervalMs}ms`],
      fill: ({ model }) => {
        model.putFile('disk:/known/file', 'x');
        model.putFile('disk:/unknown/file', 'x');
      },
    });
    try {
      expect(await readdir(mounted.path('known'))).toEqual(['file']);
      mounted.disk.control.revokeAllTokens();
      await sleep(longerThanTrusted);
      expect(await readdir(mounted.path('known'))).toEqual(['file']);
      await expect(readdir(mounted.path('unknown'))).rejects.toMatchObject({ code: 'EACCES' });
      expect(mounted.log()).not.toContain(mounted.disk.token);
    } finally {
      await mounted.close();
    }
  });
});
