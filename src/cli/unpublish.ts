import type { CommandModule } from 'yargs';
import { unshare } from '../daemon/public-sharing.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { answer, onDisk } from './on-disk.ts';
import { shownPath } from './status-lines.ts';

interface UnpublishArguments extends AccountArguments {
  readonly path: string;
}

/** `unpublish PATH`: its public link is dead from then on. */
export const unpublishCommand: CommandModule<object, UnpublishArguments> = {
  command: 'unpublish <path>',
  describe: 'Take a public link back',
  builder: (yargs) =>
    withAccount(yargs, 'which login (that of the mount)').positional('path', {
      type: 'string',
      demandOption: true,
      describe: 'in a mount, or disk:/…',
    }),
  handler: (args) =>
    onDisk(args, [args.path], async (session) => {
      const path = await session.existing(args.path);
      const wasPublic = await unshare(session, path);
      if (wasPublic) await session.changed(path);
      const text = wasPublic ? `Not public any more: ${path}` : `It was not public: ${path}`;
      answer(args.json, { path, wasPublic }, [shownPath(text)]);
    }),
};
