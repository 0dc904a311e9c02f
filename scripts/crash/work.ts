import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { typescript } from '../../test/programs/typescript.ts';

/** What a worker is told. */
export interface Order {
  /** Its own; nobody else changes anything in it. */
  readonly folder: string;
  readonly journal: string;
  readonly seed: string;
  /** 0: it only looks. */
  readonly workMs: number;
  /** Given when power is lost in this campaign, not only a process: what the drive says it keeps and does not trust, by path in the folder. */
  readonly afterPowerCut: { readonly unfinished: readonly string[] } | undefined;
  /** There is nothing to look at yet. */
  readonly isFirst: boolean;
}

/** What a worker answers. */
export type Finding =
  /** What it saw is not what may be. */
  | { readonly kind: 'wrong'; readonly words: string }
  /** A call failed. */
  | { readonly kind: 'failed'; readonly code: string; readonly step: string }
  | { readonly kind: 'done' };

/** In place of an errno: a call wrote a part only, as it does when the server is killed on the way. */
export const shortWrite = 'short write';

/** A worker at work. */
export interface Work {
  /** Resolves when it has looked and begins to work, or has ended. */
  readonly begun: Promise<void>;
  /** Undefined for one that was killed. @throws Error when it broke down itself */
  readonly finding: Promise<Finding | undefined>;
  /** kill -9. */
  kill(): void;
}

const program = join(import.meta.dirname, 'worker.ts');

export function startWork(order: Order): Work {
  const child: ChildProcess = spawn(process.execPath, [...typescript(program), JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
  });
  let wasKilled = false;
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-4000);
  });
  const ended = once(child, 'close');
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const answered = (async (): Promise<Finding | undefined> => {
    let last: { readonly kind: string } | undefined;
    if (child.stdout)
      for await (const line of createInterface({ input: child.stdout })) {
        last = JSON.parse(line) as { readonly kind: string };
        if (last.kind === 'working') begin();
      }
    const [code] = await ended;
    begin();
    if (code === 0 && last && last.kind !== 'working') return last as Finding;
    if (wasKilled) return undefined;
    throw new Error(`A worker ended with ${code}:\n${words}`);
  })();
  answered.catch(() => {});
  return {
    begun,
    finding: answered,
    kill: () => {
      wasKilled = true;
      child.kill('SIGKILL');
    },
  };
}
