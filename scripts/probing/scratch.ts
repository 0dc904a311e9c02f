import { randomBytes } from 'node:crypto';
import { childPath, type DiskPath } from '../../src/disk-api/paths.ts';
import { type Bench, type Reply, Unexpected } from './bench.ts';
import { took } from './operations.ts';
import { list, look } from './resources.ts';
import { trashedFrom, trashedItems } from './trash.ts';

const root = 'disk:/';
const prefix = 'yadiskfs-probe-';
/** The whole form, so that a folder that somebody named a little alike is never taken for one of ours. */
const pattern = /^yadiskfs-probe-\d{8}-\d{6}-[0-9a-f]{10}$/;
const pageLimit = 1000;
const mostPages = 20;
const deleteTries = 15;
const trashTries = 4;

/** A folder directly under `disk:/`, with a name that nobody has. */
export function scratchPath(nowMs: number): DiskPath {
  const [day = '', time = ''] = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').split('T');
  return childPath(root, `${prefix}${day}-${time.slice(0, 6)}-${randomBytes(5).toString('hex')}`);
}

/** Whether the path is directly in a folder and has a name of the probe's. */
function isScratch(path: DiskPath): boolean {
  return pattern.test(path.split('/').at(-1) ?? '');
}

/** The scratch folder that a path leads through, if any. */
function scratchOf(path: DiskPath): DiskPath | undefined {
  const top = path.split('/').slice(0, 2).join('/');
  return isScratch(top) ? top : undefined;
}

/** What is left of earlier runs, in `disk:/` and in the trash. Of all other names none is kept. */
export async function leftovers(bench: Bench): Promise<DiskPath[]> {
  const found = new Set<DiskPath>();
  for (let page = 0; page < mostPages; page++) {
    const paging = { limit: String(pageLimit), offset: String(page * pageLimit), sort: 'name' };
    const { entries } = await list(bench, root, paging);
    for (const { name = '', type } of entries)
      if (type === 'dir' && pattern.test(name)) found.add(childPath(root, name));
    if (entries.length < pageLimit) break;
  }
  const trashed = await trashedItems(
    (...call) => bench.api(...call),
    (origin) => scratchOf(origin) !== undefined,
  );
  for (const { origin } of trashed) found.add(scratchOf(origin) ?? origin);
  return [...found];
}

/** How taking the folder away has ended. */
export interface Cleaning {
  readonly complete: boolean;
  /** Items that were taken out of the trash for good. */
  readonly trashItems: number;
  /** What is still there, if anything. */
  readonly left: string | undefined;
}

/** What a run has made, beside its scratch folder. */
export interface Traces {
  /** Paths of which something must be in the trash; it may be seen late there. */
  readonly trashed: Set<DiskPath>;
  /** Folders of its own in a folder that somebody shares. */
  readonly borrowed: Set<DiskPath>;
}

export function noTraces(): Traces {
  return { trashed: new Set(), borrowed: new Set() };
}

/** Deletes a scratch folder for good, and of the trash what came out of it. */
export async function clean(bench: Bench, scratch: DiskPath, traces: Traces = noTraces()): Promise<Cleaning> {
  const folders = [scratch, ...traces.borrowed];
  const strange = folders.find((path) => !isScratch(path));
  if (strange !== undefined) throw new Error(`not a folder of the probe: ${strange}`);
  for (const path of folders) await deleteFolder(bench, path);
  const trashItems = await deleteTrashed(bench, scratch, traces.trashed.size);
  const left: DiskPath[] = [];
  for (const path of folders) if (await look(bench, path)) left.push(path);
  return { complete: left.length === 0, trashItems, left: left.length === 0 ? undefined : left.join(', ') };
}

async function deleteFolder(bench: Bench, scratch: DiskPath): Promise<void> {
  for (let attempt = 1; attempt <= deleteTries; attempt++) {
    const reply = await bench.api('DELETE', '/resources', { path: scratch, permanently: 'true' });
    if (reply.status === 404 || (await took(bench, reply)) === true) {
      // An upload that ended at this very moment may have brought it back, and a 404 may be lag.
      await bench.breathe();
      if ((await look(bench, scratch)) === undefined) return;
    } else if (!isPassing(reply)) throw new Unexpected('deleting the scratch folder', reply);
    await bench.wait(bench.pace.pollMs * attempt);
  }
}

function isPassing({ status = 0 }: Reply): boolean {
  return status === 202 || status === 423 || status >= 500;
}

async function deleteTrashed(bench: Bench, scratch: DiskPath, expected: number): Promise<number> {
  const deleted = new Set<DiskPath>();
  for (let attempt = 1; attempt <= trashTries; attempt++) {
    const items = await trashedFrom((...call) => bench.api(...call), scratch);
    for (const { path } of items) {
      const reply = await bench.api('DELETE', '/trash/resources', { path });
      if (reply.status === 404 || (await took(bench, reply)) === true) deleted.add(path);
    }
    if (items.length === 0 && deleted.size >= expected) break;
    if (attempt < trashTries) await bench.settle();
  }
  return deleted.size;
}
