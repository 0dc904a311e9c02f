import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, promisify } from 'node:util';
import { z } from 'zod';
import { differences } from './differences.ts';

const run = promisify(execFile);
const checks = fileURLToPath(new URL('checks.py', import.meta.url));
const observations = z.record(z.string(), z.unknown());

/** What each check has seen, by its name. */
export type Observations = z.infer<typeof observations>;

/** Runs the checks in a folder, which is left as it was. @param names those of the checks; none: all */
export async function observe(folder: string, ...names: readonly string[]): Promise<Observations> {
  const { stdout } = await run('python3', [checks, folder, ...names], {
    maxBuffer: 16 << 20,
    timeout: 150_000,
  });
  return observations.parse(JSON.parse(stdout));
}

/** Where a mount told something else than it is known to, as against a local disk; a check by its name. */
export function disagreements(onMount: Observations, onDisk: Observations): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(onMount), ...Object.keys(onDisk)])) {
    const difference = differences[name];
    const expected = difference ? difference.onMount : onDisk[name];
    if (!isDeepStrictEqual(onMount[name], expected)) found[name] = { seen: onMount[name], expected };
  }
  return found;
}
