import type { CommandModule } from 'yargs';
import { ownFolders } from '../daemon/folders.ts';
import { unmountDrive } from '../daemon/unmount.ts';

interface UmountArguments {
  readonly dir: string;
  readonly force: boolean;
}

/** `umount DIR`: returns when the process that served the mount has ended. */
export const umountCommand: CommandModule<object, UmountArguments> = {
  command: 'umount <dir>',
  describe: 'Take a mount away',
  builder: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'where the Disk is mounted', demandOption: true })
      .option('force', { type: 'boolean', describe: 'detach even if it is dead or in use', default: false }),
  handler: ({ dir, force }) => unmountDrive(ownFolders(process.env), dir, force),
};
