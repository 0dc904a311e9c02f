import type { CommandModule } from 'yargs';
import { unshare } from '../daemon/public-sharing.ts';
import { words } from '../words/words.ts';
import { answer, onDisk, type PathArguments, withPathOnDisk } from './on-disk.ts';
import { shownPath } from './status-lines.ts';

/** `unpublish PATH`: its public link is dead from then on. */
export const unpublishCommand: CommandModule<object, PathArguments> = {
  command: 'unpublish <path>',
  describe: words.help.unpublish.about,
  builder: withPathOnDisk,
  handler: (args) =>
    onDisk(args, [args.path], async (session) => {
      const path = await session.existing(args.path);
      const wasPublic = await unshare(session, path);
      if (wasPublic) await session.changed(path);
      const { notAnyMore, wasNot } = words.answers.publish;
      const text = wasPublic ? notAnyMore(path) : wasNot(path);
      answer(args.json, { path, wasPublic }, [shownPath(text)]);
    }),
};
