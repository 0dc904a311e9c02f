import type { CommandModule } from 'yargs';
import { downloadLink } from '../daemon/public-sharing.ts';
import { words } from '../words/words.ts';
import { answer, onDisk, type PathArguments, withPathOnDisk } from './on-disk.ts';

/** `link PATH`: an address to download it from without a login, for some hours; of a folder, as a zip. */
export const linkCommand: CommandModule<object, PathArguments> = {
  command: 'link <path>',
  describe: words.help.link.about,
  builder: withPathOnDisk,
  handler: (args) =>
    onDisk(args, [args.path], async (session) => {
      const path = await session.existing(args.path);
      const url = await downloadLink(session, path);
      answer(args.json, { path, url }, [url]);
    }),
};
