import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../mount/mounted-disk.ts';
import { exercise, work } from './exercising.ts';

/* The short form; the long one is scripts/exercise. */
describe('random work on the bytes of files', { timeout: 300_000 }, () => {
  it('leaves what the model says, here, on the server and for another machine', async () => {
    const done = await exercise({ seed: 1, operations: 1_500, parts: 1 });
    expect(done).toMatchObject({ operations: 1_500, refused: ['fallocate'] });
  });

  it('finds one byte that is wrong, and says when', async () => {
    const folder = await testFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const models = await mkdtemp(join(folder, 'models-'));
    const damaged = { seed: 3, first: 0, operations: 220, damage: 200 };
    await expect(work(folder, models, damaged)).rejects.toThrow(
      /^seed 3, operation 2\d\d: .*\d bytes are wrong, the first at 0: 0x/,
    );
  });
});
