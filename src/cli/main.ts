#!/usr/bin/env node
import yargs, { type Argv, type CommandModule } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Failure } from '../errors.ts';
import { words } from '../words/words.ts';
import { expandMountOptions } from './mount-options.ts';
import { nearest } from './near-miss.ts';
import { completionOption, parserRules } from './parser-rules.ts';
import { exitCodeOf, exitCodes, reportFailure } from './report.ts';
import { keepSecrets } from './secrecy.ts';
import { watchOutput } from './standard-output.ts';

/** One command a file; only what is asked for is loaded: all of them take a tenth of a second more to start. */
const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  setup: async () => (await import('./setup.ts')).setupCommand as CommandModule,
  logout: async () => (await import('./logout.ts')).logoutCommand as CommandModule,
  accounts: async () => (await import('./accounts.ts')).accountsCommand as CommandModule,
  info: async () => (await import('./info.ts')).infoCommand as CommandModule,
  mount: async () => (await import('./mount.ts')).mountCommand as CommandModule,
  umount: async () => (await import('./umount.ts')).umountCommand as CommandModule,
  status: async () => (await import('./status.ts')).statusCommand as CommandModule,
  flush: async () => (await import('./flush.ts')).flushCommand as CommandModule,
  pin: async () => (await import('./pin.ts')).pinCommand as CommandModule,
  unpin: async () => (await import('./pin.ts')).unpinCommand as CommandModule,
  pins: async () => (await import('./pin.ts')).pinsCommand as CommandModule,
  unsent: async () => (await import('./unsent.ts')).unsentCommand as CommandModule,
  pause: async () => (await import('./pause.ts')).pauseCommand as CommandModule,
  resume: async () => (await import('./pause.ts')).resumeCommand as CommandModule,
  limit: async () => (await import('./limit.ts')).limitCommand as CommandModule,
  cache: async () => (await import('./cache.ts')).cacheCommand as CommandModule,
  publish: async () => (await import('./publish.ts')).publishCommand as CommandModule,
  unpublish: async () => (await import('./unpublish.ts')).unpublishCommand as CommandModule,
  published: async () => (await import('./published.ts')).publishedCommand as CommandModule,
  public: async () => (await import('./public.ts')).publicCommand as CommandModule,
  trash: async () => (await import('./trash.ts')).trashCommand as CommandModule,
  'save-url': async () => (await import('./save-url.ts')).saveUrlCommand as CommandModule,
  link: async () => (await import('./link.ts')).linkCommand as CommandModule,
  recent: async () => (await import('./recent.ts')).recentCommand as CommandModule,
  files: async () => (await import('./files.ts')).filesCommand as CommandModule,
  service: async () => (await import('./service.ts')).serviceCommand as CommandModule,
  doctor: async () => (await import('./doctor.ts')).doctorCommand as CommandModule,
  completion: async () => (await import('./completion.ts')).completionCommand as CommandModule,
};

/** The program. */
async function main(): Promise<void> {
  const typed = hideBin(process.argv);
  keepSecrets(typed);
  watchOutput();
  const json = typed.includes('--json') || typed.includes('--json=true');
  try {
    const given = await firstWords(typed);
    const wantsHelp = given.includes('--help');
    const args = given[0] === 'mount' ? expandMountOptions(given) : given;
    const parser = yargs(args);
    await parser
      .scriptName('yadiskfs')
      .parserConfiguration(parserRules)
      .usage(words.help.usage)
      // Not the words of yargs itself, which finds the locale in its own way: what it says of mistakes stays English until it is shown.
      .updateStrings(words.help.headings)
      .option('json', {
        type: 'boolean',
        describe: words.help.json,
        default: false,
        global: true,
      })
      .command(await commandsFor(given))
      .demandCommand(1, 'Which command? See yadiskfs --help')
      .recommendCommands()
      // yargs makes the text of the help whenever a command runs; folding it takes longest, and nobody is to read it.
      .wrap(wantsHelp ? Math.min(process.stdout.columns ?? 80, 80) : null)
      .strict()
      .exitProcess(false)
      .fail((message, error: Error | undefined) => {
        // yargs gives mistakes of the user either as a text alone or as an error of its own kind.
        if (error && error.name !== 'YError') throw error;
        throw new Failure('invalid', withoutLongWords(message || (error?.message ?? '')), {
          hint: nearOption(given, parser) ?? helpHint,
        });
      })
      .parseAsync();
    process.exitCode ??= exitCodes.done;
  } catch (error) {
    reportFailure(error, json);
    process.exitCode = exitCodeOf(error);
  }
}

const helpHint = 'yadiskfs --help shows commands, yadiskfs COMMAND --help its options.';

/** Where nothing is set up, the program alone leads to that. @throws Failure 'login-needed' where nobody could answer */
async function firstWords(typed: readonly string[]): Promise<readonly string[]> {
  if (typed.length > 0) return typed;
  const { isAttended, isNothingSetUp } = await import('./first-steps.ts');
  if (!(await isNothingSetUp(process.env))) return typed;
  if (isAttended()) return ['setup'];
  throw new Failure('login-needed', 'Nobody is logged in yet', {
    hint: 'yadiskfs setup does it, and yadiskfs --help shows what comes then.',
  });
}

/** What an option that is none may have been meant for; yargs knows that of commands alone. */
function nearOption(given: readonly string[], parser: Argv): string | undefined {
  const known = Object.keys((parser as ParserInside).getOptions?.().key ?? {});
  for (const word of given) {
    const name = /^--([\w-]+)/.exec(word)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const near = nearest(name, known);
    if (near !== undefined) return `Did you mean --${near}?`;
  }
  return undefined;
}

/** What the types of yargs do not tell. */
type ParserInside = Argv & { getOptions?(): { readonly key?: Readonly<Record<string, unknown>> } };

/** The command that is named alone; all of them where none is, or help is wanted. */
async function commandsFor(given: readonly string[]): Promise<CommandModule[]> {
  // A shell asks with all words up to the one that is being typed.
  const isAsked = given[0] === completionOption;
  const word = isAsked ? (given.length > 3 ? given[2] : undefined) : given[0];
  const load = word !== undefined && Object.hasOwn(commands, word) ? commands[word] : undefined;
  return Promise.all(load ? [load()] : Object.values(commands).map((each) => each()));
}

/** yargs quotes what it does not understand; that may be a token that lost its option. */
function withoutLongWords(message: string): string {
  return message.replaceAll(/[\w:.-]{30,}/g, (word) => `${word.slice(0, 4)}…`);
}

await main();
