import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a command ended and what it said. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const commandTimeoutMs = 60_000;

/** Runs one line of shell in a folder. Never waits without letting this process's own servers answer.
 * @param signal ends the command
 */
export async function runCommand(line: string, folder: string, signal: AbortSignal): Promise<CommandResult> {
  const child = spawn('bash', ['-c', `set -o pipefail; ${line}`], {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    timeout: commandTimeoutMs,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
  const [exitCode] = await once(child, 'close');
  return {
    exitCode: typeof exitCode === 'number' ? exitCode : 1,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString(),
  };
}

/** A word as the shell must be given it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
