import { mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

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
  const runtimeHome = environment['XDG_RUNTIME_DIR'];
  return {
    config: chosen(environment['YADISKFS_CONFIG_DIR'], paths.config),
    cache: chosen(environment['YADISKFS_CACHE_DIR'], paths.cache),
    state: chosen(environment['YADISKFS_STATE_DIR'], paths.log),
    runtime: chosen(
      environment['YADISKFS_RUNTIME_DIR'],
      runtimeHome ? join(runtimeHome, 'yadiskfs') : join(tmpdir(), `yadiskfs-${userInfo().uid}`),
    ),
  };
}

/** Makes one of our folders; nobody else may look into it. */
export async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

function chosen(setting: string | undefined, usual: string): string {
  return setting ? resolve(setting) : usual;
}
