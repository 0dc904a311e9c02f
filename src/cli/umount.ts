import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { type Folders, ownFolders } from '../daemon/folders.ts';
import { findPlace } from '../daemon/places.ts';
import { mountedDisks } from '../daemon/running-mounts.ts';
import { noDiskAt, unmountDrive } from '../daemon/unmount.ts';
import { words } from '../words/words.ts';
import { untilSent, withLastSending } from './sending.ts';
import { interruptible } from './terminal-interruption.ts';

interface UmountArguments {
  readonly dir: string;
  readonly wait: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

/** `umount DIR`: returns when the process that served the mount has ended. What was not sent by then is sent by the next mount. */
export const umountCommand: CommandModule<object, UmountArguments> = {
  command: 'umount <dir>',
  describe: words.help.umount.about,
  builder: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: words.help.umount.dir, demandOption: true })
      .option('wait', { type: 'boolean', describe: words.help.umount.wait, default: false })
      .option('force', { type: 'boolean', describe: words.help.umount.force, default: false })
      .option('json', { type: 'boolean', describe: words.help.json, default: false }),
  handler: async ({ dir, wait, force, json }) => {
    const folders = ownFolders(process.env);
    if (wait) await interruptible(({ signal }) => unmountSent(folders, dir, { force, json, signal }));
    else await unmountDrive(folders, dir, { force });
    if (json) process.stdout.write(`${JSON.stringify({ unmounted: resolve(dir) })}\n`);
  },
};

/**
 * Everything is sent first: when that fails, or is interrupted, nothing is unmounted. What programs change between that and the end of the mount
 * is sent after it, when they cannot change anything any more.
 */
async function unmountSent(
  folders: Folders,
  dir: string,
  { force, json, signal }: { readonly force: boolean; readonly json: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { mount, place } = await findPlace(dir, await mountedDisks(folders.runtime));
  if (place !== '') throw noDiskAt(dir);
  const sending = { signal, showsProgress: !json };
  await untilSent([{ mount, places: [] }], sending);
  await withLastSending(mount, sending, (lastSent) => unmountDrive(folders, dir, { force, lastSent }));
}
