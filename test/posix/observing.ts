import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, promisify } from 'node:util';
import { z } from 'zod';
import { differences } from './differences.ts';

const run = promisify(execFile);
const checks = fileURLToPath(new URL('checks.py', import.meta.url));
const observations = z.record(z.string(), z.unknown());
/** What a check tells that needs a second user, where nobody may become one. */
const onlyRoot = 'only root can ask';

/** What each check has seen, by its name. */
export type Observations = z.infer<typeof observations>;

/** nobody, and the group of the same number. */
export const ordinaryUser = 65_534;

interface Asking {
  /** Names of checks; none: all. */
  readonly names?: readonly string[];
  /** Leaves out those of many calls. */
  readonly short?: boolean;
  /** Leaves out those where it hardly matters who asks. */
  readonly who?: boolean;
  /** Who asks, when it is not who runs this: then that is root. */
  readonly user?: number | undefined;
}

/** Runs the checks in a folder, which is left as it was. */
export async function observe(
  folder: string,
  { names = [], short = false, who = false, user }: Asking = {},
): Promise<Observations> {
  // What root's own paths begin with, others may not enter.
  const isRoot = process.getuid?.() === 0;
  const { stdout } = await run(
    isRoot ? '/usr/bin/python3' : 'python3',
    [checks, folder, ...(short ? ['--short'] : []), ...(who ? ['--who'] : []), ...names],
    {
      maxBuffer: 16 << 20,
      timeout: 800_000,
      cwd: '/',
      ...(user === undefined ? {} : { uid: user, gid: user }),
    },
  );
  return observations.parse(JSON.parse(stdout));
}

/** Where a mount told something else than it is known to, as against a local disk; a check by its name. */
export function disagreements(onMount: Observations, onDisk: Observations): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(onMount), ...Object.keys(onDisk)])) {
    const difference = wasAsked(onDisk[name]) ? differences[name] : undefined;
    const expected = difference ? difference.onMount : onDisk[name];
    if (!isDeepStrictEqual(onMount[name], expected)) found[name] = { seen: onMount[name], expected };
  }
  return found;
}

/** Differences that are none any more. */
export function outlived(onMount: Observations, onDisk: Observations): string[] {
  return Object.keys(differences).filter((name) => isDeepStrictEqual(onMount[name], onDisk[name]));
}

function wasAsked(seen: unknown): boolean {
  return !JSON.stringify(seen ?? null).includes(onlyRoot);
}
