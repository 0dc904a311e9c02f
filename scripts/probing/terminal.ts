import { createInterface } from 'node:readline/promises';
import type { Person } from './person.ts';

/** Whoever sits at the terminal of this process, if there is one. Words go to stderr: stdout is for the report. */
export function personAtTerminal(signal: AbortSignal): Person {
  return {
    present: process.stdin.isTTY === true && process.stderr.isTTY === true,
    tell: (text) => {
      process.stderr.write(`${text}\n`);
    },
    confirm: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      // A terminal that is being read from hands Ctrl-C to its reader.
      lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
      } finally {
        lines.close();
      }
    },
  };
}
