import type { CommandModule } from 'yargs';
import { allFiles, parseMediaTypes } from '../daemon/disk-lists.ts';
import { words } from '../words/words.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { entryJson, entryLine } from './entry-lines.ts';
import { onDisk } from './on-disk.ts';
import { writtenOut } from './standard-output.ts';

interface FilesArguments extends AccountArguments {
  readonly type: string | undefined;
}

/** `files`: all files of the Disk in one list, as they come. */
export const filesCommand: CommandModule<object, FilesArguments> = {
  command: 'files',
  describe: words.help.files.about,
  builder: (yargs) =>
    withAccount(yargs, words.help.whichLogin).option('type', {
      type: 'string',
      requiresArg: true,
      describe: words.help.onlyKinds,
    }),
  handler: async (args) => {
    const kinds = parseMediaTypes(args.type);
    await onDisk(args, [], async (session) => {
      let count = 0;
      if (args.json) await writtenOut('{"files":[');
      for await (const entry of allFiles(session, kinds)) {
        const separator = count++ === 0 ? '' : ',';
        await writtenOut(
          args.json ? `${separator}${JSON.stringify(entryJson(entry))}` : `${entryLine(entry)}\n`,
        );
      }
      if (args.json) await writtenOut(']}\n');
      else if (count === 0) await writtenOut(`${words.answers.noFiles}\n`);
    });
  },
};
