import { chmod, lstat } from 'node:fs/promises';
import { Failure } from '../errors.ts';
import { ControlServer } from './control-server.ts';
import { makePrivate } from './folders.ts';
import { type Log, loggable } from './log.ts';
import type { MountControl } from './mount-control.ts';
import { removeOwnRecord, socketFile, writeRecord } from './mount-record.ts';

interface Announced {
  readonly runtimeFolder: string;
  readonly mountpoint: string;
  readonly root: string;
  readonly account: string;
  readonly control: MountControl;
  readonly log: Log;
}

/**
 * Makes a mount known to the commands of its user: they find its record, and speak to its socket. A mount that cannot be made known is
 * one all the same: the log says why.
 */
export async function announce(mount: Announced): Promise<{ close(): void }> {
  const { runtimeFolder, mountpoint, root, account, control, log } = mount;
  const warn = (error: unknown, what: string) => log.warn(loggable(error), what);
  try {
    await takeRuntimeFolder(runtimeFolder);
  } catch (error) {
    warn(error, 'commands cannot find this mount: the runtime folder cannot be used');
    return { close: () => {} };
  }
  const file = socketFile(runtimeFolder, mountpoint);
  const server = await ControlServer.listen(file, control, (error) =>
    log.error(loggable(error), 'a command could not be served'),
  ).catch((error: unknown) => {
    warn(error, 'commands cannot speak to this mount: its socket cannot be made');
    return undefined;
  });
  const socket = server ? file : null;
  const record = { version: 2, mountpoint, pid: process.pid, root, socket, account } as const;
  await writeRecord(runtimeFolder, record).catch((error: unknown) =>
    warn(error, 'commands cannot find this mount: its record cannot be written'),
  );
  return {
    close: () => {
      server?.close();
      removeOwnRecord(runtimeFolder, mountpoint);
    },
  };
}

/** In a folder of somebody else, or one that others may write to, anybody could take the place of the socket. */
async function takeRuntimeFolder(folder: string): Promise<void> {
  await makePrivate(folder);
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Failure('local', `The runtime folder is not a folder of yours: ${folder}`, {
      path: folder,
      hint: 'Take it away, or set YADISKFS_RUNTIME_DIR to another one.',
    });
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
}
