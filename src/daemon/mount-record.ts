import { createHash } from 'node:crypto';
import { constants, readFileSync, rmSync } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Which process serves a mount, what it shows and where it listens: a small file in the runtime folder, one for each mountpoint. */
const mountRecord = z.object({
  version: z.literal(2),
  mountpoint: z.string(),
  pid: z.number().int().positive(),
  /** Folder of the Disk: `disk:/…`. */
  root: z.string(),
  /** Path of the control socket, however long; null when there could be none. */
  socket: z.string().nullable(),
  /** Name of the login. Earlier versions left it out. */
  account: z.string().optional(),
});
type MountRecord = z.infer<typeof mountRecord>;

export async function writeRecord(runtimeFolder: string, record: MountRecord): Promise<void> {
  const file = recordFile(runtimeFolder, record.mountpoint);
  await writeFile(`${file}.${process.pid}`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
}

/** Of a process that is gone. */
export async function removeRecord(runtimeFolder: string, mountpoint: string): Promise<void> {
  // What stays is found to be stale by whoever reads it; the folder may be another's.
  for (const file of [recordFile(runtimeFolder, mountpoint), socketFile(runtimeFolder, mountpoint)])
    await rm(file, { force: true }).catch(() => {});
}

/** Our own, at the end: unless another process has the mountpoint by now, because ours was detached from it. */
export function removeOwnRecord(runtimeFolder: string, mountpoint: string): void {
  const file = recordFile(runtimeFolder, mountpoint);
  try {
    if (parsed(readFileSync(file, 'utf8'))?.pid !== process.pid) return;
    rmSync(file, { force: true });
    rmSync(socketFile(runtimeFolder, mountpoint), { force: true });
  } catch {
    // What stays is found to be stale by whoever reads it.
  }
}

/**
 * Undefined when nobody left a record there that can be read, or somebody else did: in /tmp anybody may have made the folder first, and what the
 * record names is spoken to.
 */
export async function readRecord(
  runtimeFolder: string,
  mountpoint: string,
): Promise<MountRecord | undefined> {
  const record = parsed(await ownText(recordFile(runtimeFolder, mountpoint)).catch(() => ''));
  return record?.mountpoint === mountpoint ? record : undefined;
}

async function ownText(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    return found.isFile() && found.uid === process.getuid?.() ? await handle.readFile('utf8') : '';
  } finally {
    await handle.close();
  }
}

export function socketFile(runtimeFolder: string, mountpoint: string): string {
  return join(runtimeFolder, `${nameOf(mountpoint)}.sock`);
}

function recordFile(runtimeFolder: string, mountpoint: string): string {
  return join(runtimeFolder, `${nameOf(mountpoint)}.mount.json`);
}

function nameOf(mountpoint: string): string {
  return createHash('sha256').update(mountpoint).digest('hex').slice(0, 32);
}

function parsed(text: string): MountRecord | undefined {
  try {
    return mountRecord.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
