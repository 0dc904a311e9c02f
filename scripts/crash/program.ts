import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The program itself, as it was built. */
export const program = join(import.meta.dirname, '../../dist/cli/main.js');

/** What it is started with where all that it keeps is to lie in one folder. @param stateFolder where that lies elsewhere */
export function programEnvironment(
  folder: string,
  given: Readonly<Record<string, string>>,
  stateFolder = join(folder, 'state'),
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    TMPDIR: process.env['TMPDIR'],
    HOME: folder,
    ...given,
    YADISKFS_CONFIG_DIR: join(folder, 'config'),
    YADISKFS_CACHE_DIR: join(folder, 'cache'),
    YADISKFS_STATE_DIR: stateFolder,
    YADISKFS_RUNTIME_DIR: join(folder, 'run'),
  };
}

interface Beside {
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** What the mount has said, for errors. */
  readonly lastWords: () => string;
  /** What starts programs where the mount runs. */
  readonly prefix?: readonly string[];
}

/** A command beside a mount. @returns what it printed. @throws Error with its words, and those of the mount */
export async function runBeside(
  args: readonly string[],
  { environment, timeoutMs, lastWords, prefix = [] }: Beside,
): Promise<string> {
  const [command = '', ...rest] = [...prefix, process.execPath, program, ...args];
  try {
    const { stdout } = await promisify(execFile)(command, rest, {
      env: environment,
      cwd: '/',
      timeout: timeoutMs,
      maxBuffer: 64 << 20,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`yadiskfs ${args[0]} failed: ${stderr}${stdout}\nThe mount said:\n${lastWords()}`, {
      cause: error,
    });
  }
}
