import { addAbortSignal } from 'node:stream';
import { abortFailure, Failure } from '../errors.ts';

const longestCharacters = 10_000;

/**
 * The first line of what is piped in; undefined when a person sits at the other end.
 * @throws Failure when the signal fires before it came
 */
export async function firstLineOfInput(signal: AbortSignal): Promise<string | undefined> {
  if (process.stdin.isTTY) return undefined;
  let text = '';
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin.setEncoding('utf8'))) {
      text += String(chunk);
      if (text.includes('\n') || text.length > longestCharacters) break;
    }
  } catch (error) {
    throw signal.aborted ? abortFailure(signal) : error;
  }
  return (text.split('\n')[0] ?? '').trim();
}

/**
 * The value of an option that is a secret: `-` means the first line of the standard input, out of sight of ps.
 * @throws Failure 'invalid' when a person sits there
 */
export async function secretOf(option: string, signal: AbortSignal): Promise<string> {
  if (option !== '-') return option;
  const line = await firstLineOfInput(signal);
  if (line !== undefined) return line;
  throw new Failure('invalid', 'The secret was to come from the standard input, which is a terminal', {
    hint: 'printf %s SECRET | yadiskfs …',
  });
}
