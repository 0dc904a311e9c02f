import type { CommandModule } from 'yargs';
import { allPublished } from '../daemon/disk-lists.ts';
import { words } from '../words/words.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { entryJson } from './entry-lines.ts';
import { answer, onDisk } from './on-disk.ts';
import { shownPath } from './status-lines.ts';
import { sizeCell, tableLines } from './table-lines.ts';

interface PublishedArguments extends AccountArguments {
  readonly type: 'file' | 'folder' | undefined;
}

/** `published`: all that has a public link. */
export const publishedCommand: CommandModule<object, PublishedArguments> = {
  command: 'published',
  describe: words.help.published.about,
  builder: (yargs) =>
    withAccount(yargs, words.help.whichLogin).option('type', {
      choices: ['file', 'folder'] as const,
      describe: words.help.published.type,
    }),
  handler: (args) =>
    onDisk(args, [], async (session) => {
      const entries = await allPublished(session, args.type);
      const rows = entries.map((entry) => [
        sizeCell(entry),
        shownPath(entry.publicUrl ?? ''),
        shownPath(entry.path),
      ]);
      const { nothing, nothingOf } = words.answers.publish;
      const none = args.type === undefined ? nothing : nothingOf[args.type];
      const lines = rows.length === 0 ? [none] : tableLines(rows, [0]);
      answer(args.json, { published: entries.map(entryJson) }, lines);
    }),
};
