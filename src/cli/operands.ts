import { Failure } from '../errors.ts';

/** In front of a word that only looks like an option. No argument of a program can hold it. */
const mark = '\0';

/** yargs hands no command what follows `--`: it is told there by a mark what is no option. */
export function withOperandsMarked(typed: readonly string[]): string[] {
  const end = typed.indexOf('--');
  if (end === -1) return [...typed];
  const operands = typed.slice(end + 1).map((word) => (word.startsWith('-') ? `${mark}${word}` : word));
  return [...typed.slice(0, end), ...operands];
}

/** Takes the marks away again, in the arguments that a command gets. */
export function unmarkOperands(given: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(given)) given[name] = unmarked(value);
}

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  return typeof value === 'string' && value.startsWith(mark) ? value.slice(mark.length) : value;
}

/** The same in what is said of them. */
export function withoutMarks(text: string): string {
  return text.replaceAll(mark, '');
}

/**
 * An empty path would be the folder that one is in, so `publish "$FILE"` with nothing in FILE would publish that.
 * @param usage of the command, such as `trash restore <item>`
 * @throws Failure 'invalid'
 */
export function refuseEmptyOperands(given: Readonly<Record<string, unknown>>, usage: string): void {
  for (const [, name = ''] of usage.matchAll(/[<[]([\w-]+)(?:\.\.)?[>\]]/g)) {
    const value = given[name];
    if (value === '' || (Array.isArray(value) && value.includes('')))
      throw new Failure('invalid', `${name} is empty: yadiskfs ${usage}`);
  }
}
