import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Site } from './site.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

/** A program that mounts the Disk, with its settings. */
export interface Contender {
  /** `yadiskfs`, `yadiskfs, no limit`, `rclone`. */
  readonly name: string;
  /** Which of the two targets it is held against, if any. */
  readonly kind: 'as-shipped' | 'limit-lifted' | 'own-limit' | 'rclone';
  /** Starts to mount, in the foreground.
   * @param root folder of the Disk, as `scene-1`
   * @param folder for what it keeps: the same one again is a warm start
   * @param manner `hurried` for what is only to be got over with: as fast as it can, whatever limits it would keep to; `writable` for what
   * is written to
   */
  start(site: Site, root: string, mountpoint: string, folder: string, manner?: Manner): ChildProcess;
  /** Starts to wait until all that was written is on the server; undefined for who knows no such command. */
  flush?(site: Site, mountpoint: string, folder: string): ChildProcess;
}

export type Manner = 'hurried' | 'writable';

/** @param apiRatePerSecond undefined as shipped; 0 is no limit. */
export function yadiskfs(apiRatePerSecond?: number): Contender {
  const rateOptions = apiRatePerSecond === undefined ? [] : ['--api-rate', String(apiRatePerSecond)];
  return {
    name: ['yadiskfs', ...rateOptions].join(' '),
    kind:
      apiRatePerSecond === undefined ? 'as-shipped' : apiRatePerSecond === 0 ? 'limit-lifted' : 'own-limit',
    start: (site, root, mountpoint, folder, manner) =>
      site.spawn(
        [
          ...[process.execPath, program, 'mount', mountpoint, '--root', `/${root}`],
          ...(manner === 'writable' ? [] : ['--read-only']),
          ...['--log-level', 'warn', ...(manner === 'hurried' ? ['--api-rate', '0'] : rateOptions)],
        ] as [string, ...string[]],
        { env: environmentIn(site, folder), stdio: ['ignore', 'ignore', 'pipe'] },
      ),
    flush: (site, mountpoint, folder) =>
      site.spawn([process.execPath, program, 'flush', mountpoint], {
        env: environmentIn(site, folder),
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
  };
}

function environmentIn(site: Site, folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    TMPDIR: process.env['TMPDIR'],
    HOME: folder,
    ...site.yadiskfsEnvironment,
    YADISKFS_CONFIG_DIR: join(folder, 'config'),
    YADISKFS_CACHE_DIR: join(folder, 'cache'),
    YADISKFS_STATE_DIR: join(folder, 'state'),
    YADISKFS_RUNTIME_DIR: join(folder, 'run'),
  };
}

/** Its defaults, and a cache of whole files, without which it cannot do what a mount of ours promises. */
export const rclone: Contender = {
  name: 'rclone',
  kind: 'rclone',
  start: (site, root, mountpoint, folder) => {
    if (!site.rclone) throw new Error(`no rclone: ${site.withoutRclone}`);
    const cache = ['--vfs-cache-mode', 'full', '--cache-dir', join(folder, 'cache')] as const;
    return site.spawn(['rclone', 'mount', `disk:${root}`, mountpoint, ...cache], {
      env: site.rclone.environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  },
};
