import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { typescript } from '../../test/programs/typescript.ts';

/** What a worker is told. */
export interface Order {
  /** Named in all that it writes. */
  readonly who: string;
  /** In a mount. */
  readonly folder: string;
  /** Lines of JSON: all that it says, and where it did it. */
  readonly journal: string;
  readonly seed: string;
  /** A folder of this machine with which all is done as well; whoever has one is alone in the other. */
  readonly twin: string | undefined;
  /** Of what it takes breath for between two acts. */
  readonly pace: number;
}

/** What a worker says, a line of JSON each. Bytes are named by their MD5. */
export type Word =
  /** These bytes are about to be closed or synced. `text`: how they begin. */
  | { readonly kind: 'making'; readonly hash: string; readonly text: string }
  /** They are safe, it was told. */
  | { readonly kind: 'made'; readonly hash: string }
  /** The very same bytes once more. */
  | { readonly kind: 'copied'; readonly hash: string; readonly text: string }
  /** It had seen them, and has put something else in their place, or removed them. */
  | { readonly kind: 'ended'; readonly hash: string; readonly how: string }
  /** `code`: of a call that failed, `done` else. */
  | {
      readonly kind: 'act';
      readonly act: string;
      readonly code: string;
      readonly ms: number;
      readonly path: string;
    }
  /** What must not be. */
  | { readonly kind: 'wrong'; readonly words: string };

/** A worker at work. */
export interface Work {
  /** It ends what it is at. @throws Error when it broke down */
  stop(): Promise<void>;
}

const program = join(import.meta.dirname, 'worker.ts');
const endMs = 120_000;

/** @param prefix what starts it where it is to work */
export function startWork(order: Order, prefix: readonly string[], hear: (word: Word) => void): Work {
  const [command = '', ...args] = [
    ...prefix,
    process.execPath,
    ...typescript(program),
    JSON.stringify(order),
  ];
  const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd: '/' });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-4000);
  });
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => hear(JSON.parse(line) as Word));
  const ended = once(child, 'close');
  return {
    stop: async () => {
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
      const [code] = await ended;
      clearTimeout(timer);
      if (code !== 0) throw new Error(`A worker ended with ${code}:\n${words}`);
    },
  };
}
