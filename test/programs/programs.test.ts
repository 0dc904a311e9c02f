import { execFile } from 'node:child_process';
import { chmod, chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isWhole } from '../all-tests.ts';
import { testFolder } from '../mount/mounted-disk.ts';
import { allScenes, missingFor } from './scene.ts';
import { quickDisk, tryScenes } from './trial.ts';
import { typescript } from './typescript.ts';

const nobody = 65534;
/** The others of the fast ones take as long again. */
const usually = ['git', 'in-place', 'rsync', 'sqlite'];

describe('programs do on a mount what they do on the local disk', { timeout: 600_000 }, () => {
  it('and another machine, and the next mount, find what they left', async () => {
    const scenes = (await allScenes()).filter(
      ({ isFast, name }) => isFast && (isWhole || usually.includes(name)),
    );
    for (const scene of scenes) expect(await missingFor(scene), scene.name).toEqual([]);
    const findings = await tryScenes(scenes, { ...quickDisk, isShort: true });
    expect(findings.size).toBeGreaterThanOrEqual(usually.length);
    expect(Object.fromEntries([...findings].filter(([, problems]) => problems.length > 0))).toEqual({});
  });

  it.runIf(isWhole && process.getuid?.() === 0)('also those of an ordinary user', async () => {
    const folder = await testFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await chown(folder, nobody, nobody);
    await chmod(folder, 0o700);
    const main = typescript(join(import.meta.dirname, 'main.ts'));
    const args = ['--rounds', '1', '--fast', 'in-place'];
    const { stdout } = await promisify(execFile)(process.execPath, [...main, ...args], {
      uid: nobody,
      gid: nobody,
      cwd: '/',
      env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder },
      timeout: 550_000,
    }).catch((error: { stdout?: string; stderr?: string }) => ({
      stdout: `${error.stdout}${error.stderr}${error}`,
    }));
    expect(stdout).toBe('ok      in-place, round 1\n1 played, 0 failed; skipped: none\n');
  });
});
