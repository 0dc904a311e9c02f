import { fork } from 'node:child_process';
import { Failure, type FailureCode } from '../errors.ts';

/**
 * A mount in the background: the command starts itself again, apart from the terminal, and waits for its word.
 * The token goes through the pipe between the two: the environment of a process can be looked at for as long as it lives. For
 * the same reason the secret of the app stays behind: a mount takes it from the stored login.
 */

/** Set for the process in the background. */
const mark = 'YADISKFS_IN_BACKGROUND';
const tokenVariable = 'YADISKFS_TOKEN';
const secretVariable = 'YADISKFS_CLIENT_SECRET';

type Word =
  | { readonly kind: 'mounted'; readonly mountpoint: string; readonly isWritable: boolean }
  | {
      readonly kind: 'failed';
      readonly code: FailureCode;
      readonly message: string;
      readonly path: string | undefined;
      readonly hint: string | undefined;
    };

/**
 * Starts this program again with these arguments.
 * @returns where it is mounted, once the mount answers
 * @throws Failure with what the process in the background said
 */
export async function startInBackground(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly mountpoint: string; readonly pid: number; readonly isWritable: boolean }> {
  const { [tokenVariable]: token, [secretVariable]: _, ...rest } = environment;
  const child = fork(program, args, {
    detached: true,
    cwd: '/',
    env: { ...rest, [mark]: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const word = await new Promise<Word>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Word));
    child.once('error', (cause) =>
      reject(new Failure('local', 'Cannot start a process in the background', { cause })),
    );
    child.once('exit', (code, signal) =>
      reject(new Failure('local', `The process in the background ended without a word (${signal ?? code})`)),
    );
    child.send({ token });
  });
  child.removeAllListeners('exit');
  if (child.connected) child.disconnect();
  child.unref();
  if (word.kind === 'failed') throw new Failure(word.code, word.message, word);
  const { mountpoint, isWritable } = word;
  return { mountpoint, isWritable, pid: child.pid ?? 0 };
}

/** The other end of the pipe; undefined in the foreground. */
export interface Starter {
  readonly token: string | undefined;
  mounted(mount: { readonly mountpoint: string; readonly isWritable: boolean }): Promise<void>;
  failed(failure: Failure): Promise<void>;
}

export async function starterOf(environment: NodeJS.ProcessEnv): Promise<Starter | undefined> {
  if (environment[mark] !== '1' || !process.send) return undefined;
  const first = await new Promise<unknown>((resolve) => process.once('message', resolve));
  const token =
    typeof first === 'object' && first !== null && 'token' in first && typeof first.token === 'string'
      ? first.token
      : undefined;
  const say = async (word: Word) => {
    await new Promise<void>((resolve) => {
      if (!process.connected || !process.send) resolve();
      else process.send(word, undefined, undefined, () => resolve());
    });
    if (process.connected) process.disconnect();
  };
  return {
    token,
    mounted: ({ mountpoint, isWritable }) => say({ kind: 'mounted', mountpoint, isWritable }),
    failed: ({ code, message, path, hint }) => say({ kind: 'failed', code, message, path, hint }),
  };
}
