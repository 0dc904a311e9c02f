import type { CommandModule } from 'yargs';
import { lastUploaded, parseMediaTypes } from '../daemon/disk-lists.ts';
import { words } from '../words/words.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { entryJson, entryLine } from './entry-lines.ts';
import { answer, onDisk } from './on-disk.ts';
import { parseCount } from './units.ts';

interface RecentArguments extends AccountArguments {
  readonly type: string | undefined;
  readonly limit: string;
}

/** `recent`: the files that were uploaded last, from anywhere. */
export const recentCommand: CommandModule<object, RecentArguments> = {
  command: 'recent',
  describe: words.help.recent.about,
  builder: (yargs) =>
    withAccount(yargs, words.help.whichLogin).options({
      type: { type: 'string', requiresArg: true, describe: words.help.onlyKinds },
      limit: { type: 'string', requiresArg: true, default: '20', describe: words.help.recent.limit },
    }),
  handler: async (args) => {
    const kinds = parseMediaTypes(args.type);
    const most = parseCount(args.limit, '--limit');
    await onDisk(args, [], async (session) => {
      const entries = most === 0 ? [] : await lastUploaded(session, most, kinds);
      const lines = entries.length === 0 ? [words.answers.noFiles] : entries.map(entryLine);
      answer(args.json, { files: entries.map(entryJson) }, lines);
    });
  },
};
