#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Failure } from '../errors.ts';
import { mountCommand } from './mount.ts';
import { expandMountOptions } from './mount-options.ts';
import { exitCodeOf, exitCodes, reportFailure } from './report.ts';
import { umountCommand } from './umount.ts';

/** The program: one command a file. */
async function main(): Promise<void> {
  const words = hideBin(process.argv);
  const json = words.includes('--json');
  try {
    const args = words[0] === 'mount' ? expandMountOptions(words) : words;
    await yargs(args)
      .scriptName('yadiskfs')
      // Options are written as they are listed, in no other way: errors then name what was typed.
      .parserConfiguration({ 'boolean-negation': false, 'camel-case-expansion': false })
      .usage('$0 <command>: a Yandex Disk as a folder')
      .option('json', {
        type: 'boolean',
        describe: 'answers and errors for programs',
        default: false,
        global: true,
      })
      .command(mountCommand)
      .command(umountCommand)
      .demandCommand(1, 'Which command? See yadiskfs --help')
      .recommendCommands()
      .strict()
      .exitProcess(false)
      .fail((message, error) => {
        throw (
          error ??
          new Failure('invalid', message, {
            hint: 'yadiskfs --help shows commands, yadiskfs COMMAND --help its options.',
          })
        );
      })
      .parseAsync();
    process.exitCode ??= exitCodes.done;
  } catch (error) {
    reportFailure(error, json);
    process.exitCode = exitCodeOf(error);
  }
}

await main();
