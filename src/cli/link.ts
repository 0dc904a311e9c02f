import type { CommandModule } from 'yargs';
import { downloadLink } from '../daemon/public-sharing.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { answer, onDisk } from './on-disk.ts';

interface LinkArguments extends AccountArguments {
  readonly path: string;
}

/** `link PATH`: an address to download it from without a login, for some hours; of a folder, as a zip. */
export const linkCommand: CommandModule<object, LinkArguments> = {
  command: 'link <path>',
  describe: 'A download address that works for some hours',
  builder: (yargs) =>
    withAccount(yargs, 'which login (that of the mount)').positional('path', {
      type: 'string',
      demandOption: true,
      describe: 'in a mount, or disk:/…',
    }),
  handler: (args) =>
    onDisk(args, [args.path], async (session) => {
      const path = await session.existing(args.path);
      const url = await downloadLink(session, path);
      answer(args.json, { path, url }, [url]);
    }),
};
