import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isWhole, roundsOf } from '../../all-tests.ts';
import { typescript } from '../../programs/typescript.ts';

/** More of them by hand: scripts/crash-test. */
const rounds = String(roundsOf(2, 10));
const program = fileURLToPath(new URL('../../../scripts/crash/main.ts', import.meta.url));

describe('kill -9 during random renames and writes', { timeout: 300_000 }, () => {
  it.each(
    isWhole ? ['usual', 'other'] : ['usual'],
  )('loses nothing, the doubtful settings of the Disk %s', async (settings) => {
    const args = [...typescript(program), '--rounds', rounds, '--settings', settings];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch((error) => error);
    expect(stdout).toContain('all of it is there, and nothing else');
  });

  // Who is not root cannot give the machine another start of its own.
  it.runIf(process.getuid?.() === 0)('and a loss of power nothing that was synced', async () => {
    const args = [...typescript(program), '--rounds', rounds, '--settings', 'usual', '--power'];
    const inNamespace = ['--mount', '--propagation', 'private', '--', process.execPath, ...args];
    const env = { ...process.env, YADISKFS_CRASH_NAMESPACE: '1' };
    const { stdout } = await promisify(execFile)('unshare', inNamespace, { env }).catch((error) => error);
    expect(stdout).toContain('all of it is there, and nothing else');
  });
});
