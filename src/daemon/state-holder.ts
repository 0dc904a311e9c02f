import { lockHolder } from '../database/exclusive-lock.ts';
import { Failure, failedWith } from '../errors.ts';
import { mountedDisks } from './running-mounts.ts';
import { endHint, goOnHint, isStopped } from './stopped-process.ts';

/**
 * Says more to whoever is refused a state folder that another process has: where that has mounted it, or what becomes of one that has nothing mounted
 * any more and did not end.
 */
export async function tellingHolder(error: unknown, runtimeFolder: string): Promise<unknown> {
  const lock = failedWith(error, 'in-use') ? error.path : undefined;
  const pid = lock === undefined ? undefined : lockHolder(lock);
  if (!failedWith(error, 'in-use') || pid === undefined) return error;
  const hint = (await hintOf(pid, runtimeFolder)) ?? error.hint;
  return new Failure(error.code, error.message, { path: error.path, hint, cause: error.cause });
}

async function hintOf(pid: number, runtimeFolder: string): Promise<string | undefined> {
  if (isStopped(pid)) return goOnHint(pid);
  const { mounts, strangers } = await mountedDisks(runtimeFolder);
  const at = mounts.find((mount) => mount.pid === pid)?.mountpoint;
  if (at !== undefined)
    return `Use the mount at ${at}, or end it: yadiskfs umount '${at}'. With another YADISKFS_STATE_DIR it can be mounted a second time.`;
  // It may be one of those, with another runtime folder.
  return strangers.length > 0 ? undefined : endHint(pid);
}
