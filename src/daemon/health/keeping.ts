import { access, constants, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setupCommandOf } from '../../auth/renewal.ts';
import { Failure } from '../../errors.ts';
import { readMountTable, topAt } from '../../fuse/binding/mount-table.ts';
import { askMount } from '../control-client.ts';
import type { Folders } from '../folders.ts';
import { type Log, loggable } from '../log.ts';
import { readRecord } from '../mount-record.ts';
import { isDeadMount, mountType } from '../mountpoint.ts';
import { openRestingWork } from '../resting-work.ts';
import { bad, type Finding, good, warning } from './finding.ts';

/** With less the drafts of a mount find no room. */
const littleBytes = 256 << 20;

/** The folders of ours on this machine, what lies in them, and the mounts. */
export async function examineKeeping(folders: Folders, log: Log, signal: AbortSignal): Promise<Finding[]> {
  return [
    await folder('config-folder', folders.config),
    await folder('state-folder', folders.state),
    await folder('cache-folder', folders.cache),
    await folder('runtime-folder', folders.runtime),
    ...(await state(folders.state, log)),
    ...(await mounts(folders.runtime, signal)),
  ];
}

async function folder(check: string, path: string): Promise<Finding> {
  const there = await nearestThere(path);
  try {
    await access(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(there);
    if (bavail * bsize < littleBytes)
      return warning(
        check,
        `${path} has ${Math.floor((bavail * bsize) / (1 << 20))} MiB left on its disk`,
        'Make room there, or choose another folder: YADISKFS_STATE_DIR, YADISKFS_CACHE_DIR.',
      );
    return good(check, there === path ? `${path} can be used` : `${path} can be made`);
  } catch (error) {
    return bad(
      check,
      `${path} cannot be written to (${String(loggable(error)['code'] ?? '')})`,
      `sudo chown -R "$USER" '${there}'`,
    );
  }
}

async function nearestThere(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const isThere = await access(at).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    );
    if (isThere || at === '/') return at;
  }
}

/** What is kept of Disks: whether it can be read, and whether something waits. */
async function state(stateFolder: string, log: Log): Promise<Finding[]> {
  const check = 'state';
  const findings: Finding[] = [];
  const { resting, failures } = await openRestingWork(stateFolder, log);
  for (const failure of failures)
    if (failure.code !== 'in-use')
      findings.push(
        bad(check, failure.message, failure.hint ?? 'yadiskfs unsent list tells what is kept there.'),
      );
  for (const work of resting) {
    const { uploads, operations, unsent } = work.report();
    const { root } = work;
    await work.close();
    if (unsent.length > 0)
      findings.push(
        warning(
          check,
          `what was changed in ${root} could not be sent (${unsent.length})`,
          'yadiskfs unsent list',
        ),
      );
    else if (uploads + operations > 0)
      findings.push(
        warning(
          check,
          `changes of ${root} wait for its next mount (${uploads + operations})`,
          'yadiskfs mount DIR',
        ),
      );
  }
  const damaged = (await readdir(stateFolder, { recursive: true }).catch(() => [])).filter((name) =>
    name.includes('.damaged-'),
  );
  for (const name of damaged)
    findings.push(
      warning(
        check,
        `a file was damaged and set aside: ${join(stateFolder, name)}`,
        'Look at that disk. yadiskfs unsent list shows what can be rescued; the file may be deleted afterwards.',
      ),
    );
  return findings.length > 0 ? findings : [good(check, 'what is kept of Disks is whole')];
}

async function mounts(runtimeFolder: string, signal: AbortSignal): Promise<Finding[]> {
  const check = 'mounts';
  const table = await readMountTable();
  const places = new Set(table.filter(({ type }) => type === mountType).map(({ mountpoint }) => mountpoint));
  const findings: Finding[] = [];
  for (const mountpoint of places) {
    if (topAt(table, mountpoint)?.type !== mountType) continue;
    if (await isDeadMount(mountpoint))
      findings.push(
        bad(
          check,
          `the process that served ${mountpoint} is gone`,
          `yadiskfs umount '${mountpoint}', then mount it again.`,
        ),
      );
    else findings.push(await mount(mountpoint, runtimeFolder, signal));
  }
  return findings.length > 0 ? findings : [good(check, 'nothing is mounted, and nothing dead is left')];
}

async function mount(mountpoint: string, runtimeFolder: string, signal: AbortSignal): Promise<Finding> {
  const check = 'mounts';
  const record = await readRecord(runtimeFolder, mountpoint);
  if (!record)
    return warning(
      check,
      `commands cannot find the mount at ${mountpoint}`,
      'It belongs to another user, or runs with another YADISKFS_RUNTIME_DIR.',
    );
  try {
    const { state: how, outage, unsent, account } = await askMount(record, { command: 'status' }, { signal });
    if (how === 'login-needed') return bad(check, `${mountpoint} needs a login`, setupCommandOf(account));
    if (how !== 'online')
      return warning(
        check,
        how === 'paused' ? `${mountpoint} is paused` : `${mountpoint} is off line`,
        how === 'paused' ? `yadiskfs resume '${mountpoint}'` : (outage?.hint ?? 'Check the network.'),
      );
    if (unsent.length > 0)
      return warning(
        check,
        `what was changed in ${mountpoint} could not be sent (${unsent.length})`,
        'yadiskfs unsent list',
      );
    return good(check, `${mountpoint} answers`);
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error;
    return bad(check, error.message, error.hint ?? `yadiskfs umount --force '${mountpoint}'`);
  }
}
