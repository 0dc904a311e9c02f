import { type ExecFileOptions, execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What came of a program that has ended. */
export interface Outcome {
  /** -1 when it was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Packages of Debian and Ubuntu that bring the programs. */
const packages = {
  rclone: 'rclone',
  openssl: 'openssl',
  python3: 'python3',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
} as const;
export type NeededProgram = keyof typeof packages;

/** @throws Error with the remedy when one of the programs is not installed. */
export function requirePrograms(...names: readonly NeededProgram[]): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const remedy = `apt-get install ${[...new Set(missing.map((name) => packages[name]))].join(' ')}`;
  throw new Error(`not installed: ${missing.join(', ')}. To install them: ${remedy}`);
}

function isInstalled(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a program to its end, whatever its end is. `input` goes to its stdin. */
export function run(
  command: readonly [string, ...string[]],
  options: ExecFileOptions & { readonly input?: string | Buffer } = {},
): Promise<Outcome> {
  const [program, ...args] = command;
  const { input, ...rest } = options;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { timeout: 60_000, maxBuffer: 64 << 20, ...rest, encoding: 'utf8' },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr: code === -1 ? `${stderr}${error?.message}` : stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
