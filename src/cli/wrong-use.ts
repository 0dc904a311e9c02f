import type { Argv } from 'yargs';
import { Failure } from '../errors.ts';
import { nearest } from './near-miss.ts';
import { refuseEmptyOperands, withoutMarks } from './operands.ts';

/** What the types of yargs do not tell. */
type ParserInside = Argv & {
  getOptions?(): { readonly key?: Readonly<Record<string, unknown>>; readonly boolean?: readonly string[] };
  getInternalMethods?(): {
    getContext(): CommandContext;
    getCommandInstance(): { getCommands(): readonly string[] };
  };
};

/** The command that was come to: its names from the outermost on, and each as it is written in its help. */
interface CommandContext {
  readonly commands: readonly string[];
  readonly fullCommands: readonly string[];
}

/**
 * What was typed wrong, told by what was typed: yargs itself counts arguments, and names values far from their option.
 * @param said by yargs
 * @param given all words of the command line
 */
export function wrongUse(said: string, given: readonly string[], parser: ParserInside): Failure {
  const context = parser.getInternalMethods?.().getContext() ?? { commands: [], fullCommands: [] };
  const { commands } = context;
  const usual = commands.length === 0 ? helpHint : `yadiskfs ${commands.join(' ')} --help shows its options.`;
  const usage = `yadiskfs ${usageOf(context)}`;
  if (/^Not enough non-option arguments/.test(said))
    return new Failure('invalid', `Something is missing: ${usage}`, { hint: usual });
  if (/^Too many non-option arguments/.test(said))
    return new Failure('invalid', `There is too much: ${usage}`, { hint: usual });
  const bare = /^Not enough arguments following: (.+)$/.exec(said)?.[1];
  if (bare !== undefined) {
    const option = bare.length === 1 ? `-${bare}` : `--${bare}`;
    return new Failure('invalid', `${option} wants a value`, { hint: usual });
  }
  const command = wordsIn(given)[commands.length];
  const known = parser.getInternalMethods?.().getCommandInstance().getCommands() ?? [];
  if (
    command !== undefined &&
    known.length > 0 &&
    /^Unknown (argument|command)s?: /.test(said) &&
    !known.includes(command)
  ) {
    const near = nearCommand(command, known);
    const hint = near === undefined ? usual : `Did you mean ${near}?`;
    return new Failure('invalid', `Unknown command: ${withoutLongWords(command)}`, { hint });
  }
  const value = /^Invalid values:\s+Argument: (\S+), Given: "([^\n]*)", Choices: ([^\n]+)$/.exec(said);
  if (value) {
    const [, name = '', word = '', choices = ''] = value;
    const argument = new RegExp(`[<[]${name}\\b`).test(usage) ? name : `--${name}`;
    return new Failure(
      'invalid',
      `${argument} must be one of ${choices.replaceAll('"', '')}, not "${withoutLongWords(word)}"`,
      { hint: usual },
    );
  }
  return new Failure('invalid', withoutLongWords(said), { hint: nearOption(given, parser) ?? usual });
}

function usageOf({ commands, fullCommands }: CommandContext): string {
  return [...commands.slice(0, -1), fullCommands.at(-1) ?? ''].join(' ');
}

/**
 * What yargs lets through.
 * @param typed all words of the command line
 * @param given what the command gets of them
 * @returns true @throws Failure 'invalid'
 */
export function refuseOddWords(
  typed: readonly string[],
  given: Readonly<Record<string, unknown>>,
  parser: ParserInside,
): true {
  refuseOddSwitches(typed, parser);
  const context = parser.getInternalMethods?.().getContext();
  if (context) refuseEmptyOperands(given, usageOf(context));
  return true;
}

/** To yargs every word but `true` is a no: `read-only=yes` would be a mount that can be written to. */
function refuseOddSwitches(given: readonly string[], parser: ParserInside): void {
  const switches = parser.getOptions?.().boolean ?? [];
  for (const word of given) {
    const [, name = '', value = ''] = /^--([\w-]+)=(.*)$/s.exec(word) ?? [];
    if (switches.includes(name) && value !== 'true' && value !== 'false')
      throw new Failure('invalid', `--${name} must be one of true, false, not "${withoutLongWords(value)}"`);
  }
}

const helpHint = 'yadiskfs --help shows commands, yadiskfs COMMAND --help its options.';

/** What other programs call it. */
const elsewhere: Readonly<Record<string, string>> = {
  about: 'info',
  auth: 'setup',
  config: 'setup',
  login: 'setup',
  quota: 'info',
  share: 'publish',
  sync: 'flush',
  unshare: 'unpublish',
};

function nearCommand(word: string, known: readonly string[]): string | undefined {
  const meant = Object.hasOwn(elsewhere, word) ? elsewhere[word] : undefined;
  return meant !== undefined && known.includes(meant) ? meant : nearest(word, known);
}

function wordsIn(given: readonly string[]): string[] {
  return given.filter((word) => !word.startsWith('-'));
}

/** What an option that is none may have been meant for; yargs knows that of commands alone. */
function nearOption(given: readonly string[], parser: ParserInside): string | undefined {
  const known = Object.keys(parser.getOptions?.().key ?? {});
  for (const word of given) {
    const name = /^--([\w-]+)/.exec(word)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const near = nearest(name, known);
    if (near !== undefined) return `Did you mean --${near}?`;
  }
  return undefined;
}

/** yargs quotes what it does not understand; that may be a token that lost its option. */
function withoutLongWords(message: string): string {
  return withoutMarks(message).replaceAll(/[\w:.-]{30,}/g, (word) => `${word.slice(0, 4)}…`);
}
