import { lstatSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { makeFolders } from '../make-folders.ts';

/** Our own folders on this machine; each may be set in the environment. */
export interface Folders {
  readonly config: string;
  readonly cache: string;
  readonly state: string;
  /** Sockets and who serves what; gone after a restart of the machine. */
  readonly runtime: string;
}

export function ownFolders(environment: NodeJS.ProcessEnv): Folders {
  const paths = envPaths('yadiskfs', { suffix: '' });
  return {
    config: chosen(environment['YADISKFS_CONFIG_DIR'], paths.config),
    cache: chosen(environment['YADISKFS_CACHE_DIR'], paths.cache),
    state: chosen(environment['YADISKFS_STATE_DIR'], paths.log),
    runtime: chosen(
      environment['YADISKFS_RUNTIME_DIR'],
      usualRuntime(environment['XDG_RUNTIME_DIR'] || undefined),
    ),
  };
}

/** Makes one of our folders; nobody else may look into it. */
export async function makePrivate(folder: string): Promise<void> {
  await makeFolders(folder, 0o700);
}

/**
 * That of the login session, also for what runs outside of it (cron). Where nobody was logged in when a mount began (fstab, at the start of
 * the machine) it is one that stays; as long as a mount is served from there, all use it, so that each finds the others.
 */
function usualRuntime(session: string | undefined): string {
  const { uid } = userInfo();
  const lasting = join(tmpdir(), `yadiskfs-${uid}`);
  if (ownEntries(lasting, uid).some((name) => name.endsWith('.mount.json'))) return lasting;
  const home = session ?? `/run/user/${uid}`;
  return session !== undefined || ownEntries(home, uid).length > 0 ? join(home, 'yadiskfs') : lasting;
}

/** Nothing of a folder that is another's, or not there: anybody may make one among temporary files. */
function ownEntries(folder: string, uid: number): string[] {
  try {
    const stats = lstatSync(folder);
    return stats.isDirectory() && stats.uid === uid ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}

function chosen(setting: string | undefined, usual: string): string {
  return setting ? resolve(setting) : usual;
}
