import { join } from 'node:path';
import { describeDemoDisk } from '../../test/demo-disk/demo-disk.ts';
import type { DemoEntry } from '../../test/demo-disk/entries.ts';
import { furnish } from '../../test/demo-disk/furnishing.ts';
import { type StandIn, startStandIn } from '../../test/stand-in/index.ts';

const starterCheckMs = 500;

/** Bytes a second: as a line that is neither bad nor extraordinary, per connection and in all. */
const pace = { downBytesPerSecond: 20e6, downBytesPerSecondTotal: 100e6 };

/** A stand-in that holds the demonstration's Disk. */
export interface ServedDisk {
  readonly standIn: StandIn;
  readonly entries: readonly DemoEntry[];
  /** What a mount of it needs in its environment. */
  readonly mountEnvironment: Readonly<Record<string, string>>;
}

/** Serves the Disk from this process.
 * @param delayMs what every request waits
 * @param folder for what the mount keeps
 */
export async function serveDemoDisk(delayMs: number, folder: string): Promise<ServedDisk> {
  const entries = await describeDemoDisk(say);
  const standIn = await startStandIn({
    token: 'demonstration',
    settings: { totalSpaceBytes: 10 * 1024 ** 3 },
    wire: { delayMs, ...pace },
  });
  furnish(standIn.model, entries);
  const delay = delayMs === 0 ? '' : `, each request after ${delayMs} ms`;
  say(`a Disk of ${entries.length} files and folders answers at ${standIn.apiUrl}${delay}`);
  return {
    standIn,
    entries,
    mountEnvironment: {
      YADISKFS_TOKEN: standIn.token,
      YADISKFS_API_URL: standIn.apiUrl,
      YADISKFS_OAUTH_URL: standIn.oauthUrl,
      YADISKFS_CONFIG_DIR: join(folder, 'config'),
      YADISKFS_STATE_DIR: join(folder, 'state'),
      YADISKFS_CACHE_DIR: join(folder, 'cache'),
      YADISKFS_RUNTIME_DIR: join(folder, 'run'),
    },
  };
}

/** Fires when somebody wants this process to end, or when whoever started it was killed without a chance to say so. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  const starter = process.ppid;
  setInterval(() => process.ppid === starter || stopping.abort(), starterCheckMs).unref();
  return stopping.signal;
}

/** Until the signal fires. @throws Error with its last words when the mount ends before that. */
export async function untilStopped(ended: Promise<string>, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null));
  });
  const words = await Promise.race([ended, stopped]);
  if (words !== null) throw new Error(`the mount has ended by itself:\n${words}`);
}

export function say(text: string): void {
  console.log(`demo: ${text}`);
}
