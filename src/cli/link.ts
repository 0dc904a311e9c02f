import type { CommandModule } from 'yargs';
import { downloadLink } from '../daemon/public-sharing.ts';
import { answer, onDisk, type PathArguments, withPathOnDisk } from './on-disk.ts';

/** `link PATH`: an address to download it from without a login, for some hours; of a folder, as a zip. */
export const linkCommand: CommandModule<object, PathArguments> = {
  command: 'link <path>',
  describe: 'A download address that works for some hours',
  builder: withPathOnDisk,
  handler: (args) =>
    onDisk(args, [args.path], async (session) => {
      const path = await session.existing(args.path);
      const url = await downloadLink(session, path);
      answer(args.json, { path, url }, [url]);
    }),
};
