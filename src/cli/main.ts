#!/usr/bin/env node
import yargs, { type CommandModule } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Failure } from '../errors.ts';
import { words } from '../words/words.ts';
import { commands } from './commands.ts';
import { unmarkOperands, withOperandsMarked } from './operands.ts';
import { completionOption, parserRules } from './parser-rules.ts';
import { exitCodeOf, exitCodes, reportFailure } from './report.ts';
import { keepSecrets } from './secrecy.ts';
import { watchOutput } from './standard-output.ts';
import { refuseOddWords, wrongUse } from './wrong-use.ts';

/** The program. */
async function main(): Promise<void> {
  const typed = hideBin(process.argv);
  keepSecrets(typed);
  watchOutput();
  if (typed[0] === completionOption) {
    const { completionText } = await import('./completion-answers.ts');
    process.stdout.write(await completionText(typed.slice(1), process.env));
    return;
  }
  const marked = withOperandsMarked(typed);
  const json = marked.includes('--json') || marked.includes('--json=true');
  try {
    const given = await firstWords(marked);
    const wantsHelp = given.includes('--help');
    const args = given[0] === 'mount' && !wantsHelp ? await mountWords(given) : given;
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
      // yargs makes the text of the help whenever a command runs; folding it takes longest, and nobody is to read it.
      .wrap(wantsHelp ? Math.min(process.stdout.columns ?? 80, 80) : null)
      .strict()
      .middleware(unmarkOperands, true)
      .check((given) => refuseOddWords(args, given, parser))
      .exitProcess(false)
      .fail((message, error: Error | undefined) => {
        // yargs gives mistakes of the user either as a text alone or as an error of its own kind.
        if (error && error.name !== 'YError') throw error;
        throw wrongUse(message || (error?.message ?? ''), given, parser);
      })
      .parseAsync();
    process.exitCode ??= exitCodes.done;
  } catch (error) {
    reportFailure(error, json);
    process.exitCode = exitCodeOf(error);
  }
}

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

/** What was typed, behind what `config.json` says: of an option given twice the last one counts. */
async function mountWords(given: readonly string[]): Promise<string[]> {
  // No other command needs them, and what they load in their turn: the log, and what checks the file.
  const [{ expandMountOptions, mountOptionNames }, { mountDefaults }] = await Promise.all([
    import('./mount-options.ts'),
    import('./mount-defaults.ts'),
  ]);
  const typed = expandMountOptions(given.slice(1));
  return ['mount', ...(await mountDefaults(typed, mountOptionNames, process.env)), ...typed];
}

/** The command that is named alone; all of them where none is, or help is wanted. */
async function commandsFor(given: readonly string[]): Promise<CommandModule[]> {
  const [word] = given;
  const load = word !== undefined && Object.hasOwn(commands, word) ? commands[word] : undefined;
  return Promise.all(load ? [load()] : Object.values(commands).map((each) => each()));
}

await main();
