import { once } from 'node:events';
import { words } from '../words/words.ts';

/** What a shell shows of a program that SIGPIPE has ended. */
const brokenPipe = 141;
const failed = 1;

/**
 * Ends quietly when nobody reads our answer any more (`yadiskfs info | head -1`), and with a word when it cannot be written, as on a
 * full disk. That errors cannot be told is no error.
 */
export function watchOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE')
      process.stderr.write(`yadiskfs: ${words.answers.output.notWritten(error.code ?? '')}\n`);
    process.exit(error.code === 'EPIPE' ? brokenPipe : failed);
  });
}

/** Writes, and waits while whoever reads is slower: a long list is not piled up in memory. */
export async function writtenOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
