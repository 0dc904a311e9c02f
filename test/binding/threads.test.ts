import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { mendInstalled, ServedProcess } from './served-process.ts';

beforeAll(mendInstalled);
// Forty thousand calls on a machine that others use too.
vi.setConfig({ testTimeout: 120_000 });

async function mounted(unmended = false): Promise<ServedProcess> {
  const served = await ServedProcess.mounted({ unmended }, { attrTimeoutSec: 0, entryTimeoutSec: 0 });
  onTestFinished(async () => void (await served.stop()));
  return served;
}

/** 32 processes which ask at once, some hundred times each. libfuse starts threads for them and ends them again. */
function crowd(file: string): void {
  const { status } = spawnSync('perl', [
    '-e',
    'fork for 1..5; stat $ARGV[0] for 1..700; 1 while wait > 0',
    file,
  ]);
  expect(status).toBe(0);
}

describe("libfuse's threads", () => {
  test('leave nothing behind on the mended binding', async () => {
    const served = await mounted();
    await served.ask('addFile', '/file', '');
    crowd(served.path('file'));
    const after = await served.ask('asyncHandleCount');
    crowd(served.path('file'));
    expect(await served.ask('countOf', 'getattr')).toBeGreaterThan(40_000);
    expect(after).toBeLessThan(150);
    expect(await served.ask('asyncHandleCount')).toBeLessThan(150);
  });

  test('leave a handle each on the published one: what this looks at is there', async () => {
    const served = await mounted(true);
    await served.ask('addFile', '/file', '');
    crowd(served.path('file'));
    crowd(served.path('file'));
    expect(await served.ask('asyncHandleCount')).toBeGreaterThan(150);
  });

  test('look names of one folder up beside each other', async () => {
    const served = await mounted();
    await served.ask('addFiles', '', 8);
    await served.ask('hold', 'getattr');
    const lookers = Array.from({ length: 8 }, (_, index) =>
      spawn('stat', [served.path(`file ${index}`)], { cwd: '/', stdio: 'ignore' }),
    );
    const ends = Promise.all(lookers.map((looker) => once(looker, 'exit')));
    while ((await served.ask('countOf', 'getattr')) < 8) await sleep(10);
    await served.ask('release', 'getattr');
    expect((await ends).map(([code]) => code)).toEqual(Array(8).fill(0));
  });
});
