import type { CommandModule } from 'yargs';
import { allPublished } from '../daemon/disk-lists.ts';
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
  describe: 'List what is public',
  builder: (yargs) =>
    withAccount(yargs, 'which login').option('type', {
      choices: ['file', 'folder'] as const,
      describe: 'only these',
    }),
  handler: (args) =>
    onDisk(args, [], async (session) => {
      const entries = await allPublished(session, args.type);
      const rows = entries.map((entry) => [
        sizeCell(entry),
        shownPath(entry.publicUrl ?? ''),
        shownPath(entry.path),
      ]);
      const lines = rows.length === 0 ? ['Nothing is public.'] : tableLines(rows, [0]);
      answer(args.json, { published: entries.map(entryJson) }, lines);
    }),
};
