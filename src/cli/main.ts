#!/usr/bin/env node
import yargs, { type CommandModule } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Failure } from '../errors.ts';
import { expandMountOptions } from './mount-options.ts';
import { parserRules } from './parser-rules.ts';
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
};

/** The program. */
async function main(): Promise<void> {
  const words = hideBin(process.argv);
  keepSecrets(words);
  watchOutput();
  const json = words.includes('--json') || words.includes('--json=true');
  try {
    const wantsHelp = words.includes('--help');
    const args = words[0] === 'mount' ? expandMountOptions(words) : words;
    await yargs(args)
      .scriptName('yadiskfs')
      .parserConfiguration(parserRules)
      .usage('$0 <command>: a Yandex Disk as a folder')
      .option('json', {
        type: 'boolean',
        describe: 'answers and errors for programs',
        default: false,
        global: true,
      })
      .command(await commandsFor(words[0]))
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
          hint: 'yadiskfs --help shows commands, yadiskfs COMMAND --help its options.',
        });
      })
      .parseAsync();
    process.exitCode ??= exitCodes.done;
  } catch (error) {
    reportFailure(error, json);
    process.exitCode = exitCodeOf(error);
  }
}

/** The command of that name alone; all of them where it is none, or help is wanted. */
async function commandsFor(word: string | undefined): Promise<CommandModule[]> {
  const load = word !== undefined && Object.hasOwn(commands, word) ? commands[word] : undefined;
  return Promise.all(load ? [load()] : Object.values(commands).map((each) => each()));
}

/** yargs quotes what it does not understand; that may be a token that lost its option. */
function withoutLongWords(message: string): string {
  return message.replaceAll(/[\w:.-]{30,}/g, (word) => `${word.slice(0, 4)}…`);
}

await main();
