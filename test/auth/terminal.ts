import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from '../mount/mounted-disk.ts';

/** A shell at a terminal of its own, in which the program is started as a person would. */
export interface Terminal {
  /** All that came on the screen so far, with its control sequences. */
  screen(): string;
  /** Types, without Enter. */
  type(text: string): void;
  /** Waits until the text stands on the screen, after what was there when `type` was last called. */
  shows(text: string | RegExp): Promise<string>;
  /** Ends the program if need be. @returns its exit code, and how it left the terminal */
  end(): Promise<{ readonly code: number; readonly echo: boolean; readonly lines: boolean }>;
  close(): Promise<void>;
}

export const ctrlC = '\x03';
export const ctrlD = '\x04';
export const enter = '\r';

const longestWaitMs = 15_000;

/** Runs the program with these arguments at a terminal of 90 columns and 40 rows. */
export async function atTerminal(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Terminal> {
  const quoted = [process.execPath, program, ...args]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const command = `/usr/bin/stty cols 90 rows 40; ${quoted}; echo "ended=$?"; /usr/bin/stty -a`;
  const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
    env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/bash', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let from = 0;
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));

  const shows = async (text: string | RegExp): Promise<string> => {
    const deadlineMs = performance.now() + longestWaitMs;
    for (;;) {
      const fresh = screen.slice(from);
      if (typeof text === 'string' ? fresh.includes(text) : text.test(fresh)) return fresh;
      if (performance.now() > deadlineMs) throw new Error(`The screen never showed ${text}:\n${screen}`);
      await sleep(20);
    }
  };
  return {
    screen: () => screen,
    type: (text) => {
      from = screen.length;
      child.stdin.write(text);
    },
    shows,
    end: async () => {
      from = 0;
      const rest = await shows(/ended=\d+[\s\S]*\becho\b[\s\S]*\bextproc\b/);
      const code = Number(/ended=(\d+)/.exec(rest)?.[1]);
      const modes = rest.slice(rest.indexOf('ended='));
      return { code, echo: /[ ;]echo[ ;]/.test(modes), lines: /[ ;]icanon[ ;]/.test(modes) };
    },
    close: async () => {
      child.stdin.end();
      child.kill('SIGHUP');
      await ended;
    },
  };
}
