import type { Api, TokenSource } from '../disk-api/api.ts';
import { readDisk } from '../disk-api/disk.ts';
import type { DiskReply } from '../disk-api/replies.ts';
import { failedWith } from '../errors.ts';
import { Identities } from './identities.ts';
import { type Log, loggable } from './log.ts';

/** A token may lack the permission to learn whose Disk it is. */
const unnamedUid = 'unnamed';

interface Identity {
  readonly uid: string;
  /** Whatever is listed after this is good for its revision, and files may grow by its quota; undefined off line. */
  readonly disk: DiskReply | undefined;
}

/** Whose Disk it is, as the Disk says, or off line as it said the last time; with all else that came with the same request. */
export async function identify(
  api: Api,
  tokens: TokenSource,
  stateFolder: string,
  log: Log,
  signal: AbortSignal,
): Promise<Identity> {
  const identities = new Identities(stateFolder);
  try {
    const disk = await readDisk(api, { signal });
    log.info({ login: disk.user?.login }, 'the Disk answers');
    const token = await tokens.accessToken();
    const uid = disk.user?.uid ?? unnamedUid;
    await identities.remember(token, uid).catch((error: unknown) => {
      log.warn(
        loggable(error),
        'whose login it is could not be noted: without a network it cannot be mounted',
      );
    });
    return { uid, disk };
  } catch (error) {
    if (!failedWith(error, 'offline', 'server', 'busy', 'nonsense')) throw error;
    const uid = await identities.uidOf(await tokens.accessToken());
    if (uid === undefined) throw error;
    log.warn(loggable(error), 'the Disk does not answer; what is known of it is shown');
    return { uid, disk: undefined };
  }
}

/** Whose token it is, for a command: as it was noted, or as the Disk says. @throws Failure as `readDisk` */
export async function uidOfToken(
  api: Api,
  tokens: TokenSource,
  stateFolder: string,
  signal: AbortSignal,
): Promise<string> {
  const noted = await new Identities(stateFolder).uidOf(await tokens.accessToken());
  return noted ?? (await readDisk(api, { signal })).user?.uid ?? unnamedUid;
}
