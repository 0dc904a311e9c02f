import { defaultAccount } from '../auth/account-name.ts';
import { AccountStore } from '../auth/account-store.ts';
import { ownFolders } from '../daemon/folders.ts';
import { openLog } from '../daemon/log.ts';
import { queueStatus } from '../daemon/mount-status.ts';
import { findPlace, placeBelow, requireMounts } from '../daemon/places.ts';
import { openRestingWork, type RestingWork } from '../daemon/resting-work.ts';
import { type MountedDisks, mountsOf, type RunningMount } from '../daemon/running-mounts.ts';
import { type Failure, failedWith } from '../errors.ts';
import { failureText } from '../words/words.ts';
import { shownPath, type Waiting } from './status-lines.ts';

/** What is meant in a mount. An empty place: all of it. */
export interface MountedRange {
  readonly mount: RunningMount;
  readonly place: string;
}

/** What is meant of work that lies here while nothing is mounted. */
interface RestingRange {
  readonly work: RestingWork;
  readonly place: string;
}

/** Names of the stored logins of each person. */
async function loginsByUid(): Promise<ReadonlyMap<string, readonly string[]>> {
  const logins = new Map<string, string[]>();
  // What is wrong with them, other commands say.
  const stored = await new AccountStore(ownFolders(process.env).config, () => {}).list().catch(() => []);
  for (const entry of stored) {
    const uid = 'login' in entry ? entry.login.person?.uid : undefined;
    if (uid !== undefined) logins.set(uid, [...(logins.get(uid) ?? []), entry.name]);
  }
  return logins;
}

/** What is told of the owner: nothing of the usual login's. */
function loginOf(
  { uid }: Pick<RestingWork, 'uid'>,
  logins: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const names = logins.get(uid) ?? [];
  return names.includes(defaultAccount) ? undefined : names[0];
}

/** What is to be told of each: how its queue stands, and whose it is. */
export async function tellEach<T>(
  resting: readonly RestingWork[],
  tell: (waiting: Waiting, report: ReturnType<RestingWork['report']>) => T,
): Promise<T[]> {
  const logins = resting.length > 0 ? await loginsByUid() : new Map<string, readonly string[]>();
  return resting.map((work) => {
    const report = work.report();
    return tell({ root: work.root, account: loginOf(work, logins), queue: queueStatus(report) }, report);
  });
}

/** Looks at what lies here without a mount; no mount can begin there meanwhile. Nothing is at rest where a process is at work. */
export async function withResting<T>(
  account: string | undefined,
  task: (resting: readonly RestingWork[], failures: readonly Failure[]) => Promise<T>,
): Promise<T> {
  const log = await openLog({ level: 'error', file: undefined, mayGoWithout: false });
  const { resting, failures } = await openRestingWork(ownFolders(process.env).state, log);
  try {
    for (const failure of failures)
      if (failure.code !== 'in-use') process.stderr.write(`yadiskfs: ${shownPath(failureText(failure))}\n`);
    if (account === undefined) return await task(resting, failures);
    const logins = await loginsByUid();
    const meant = resting.filter(({ uid }) => logins.get(uid)?.includes(account));
    return await task(meant, failures);
  } finally {
    for (const work of resting) await work.close();
  }
}

/**
 * What a PATH means, in mounts and in what lies here without one; without a path everything.
 * @throws Failure as `findPlace` where it is in neither; 'local' where there is nothing at all
 */
export async function withRanges<T>(
  disks: MountedDisks,
  path: string | undefined,
  task: (mounted: readonly MountedRange[], resting: readonly RestingRange[]) => Promise<T>,
): Promise<T> {
  if (path === undefined) {
    const mounted = mountsOf(disks).map((mount) => ({ mount, place: '' }));
    return withResting(disks.account, (resting, [failure]) => {
      if (mounted.length + resting.length === 0) {
        if (failure) throw failure;
        requireMounts(disks);
      }
      return task(
        mounted,
        resting.map((work) => ({ work, place: '' })),
      );
    });
  }
  let notMounted: Failure;
  try {
    return await task([await findPlace(path, disks)], []);
  } catch (error) {
    if (!path.startsWith('disk:') || !failedWith(error, 'local')) throw error;
    notMounted = error;
  }
  return withResting(disks.account, (resting, [failure]) => {
    const ranges = resting.flatMap((work) => {
      const place = placeBelow(path, work.root);
      return place === undefined ? [] : [{ work, place }];
    });
    if (ranges.length === 0) throw failure ?? notMounted;
    return task([], ranges);
  });
}

/** On the Disk, of something in a mount of `root`. */
export function diskPathOf(root: string, place: string): string {
  return `${root.replace(/\/$/, '')}/${place}`;
}
