import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
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
});
type MountRecord = z.infer<typeof mountRecord>;

export async function writeRecord(runtimeFolder: string, record: MountRecord): Promise<void> {
  const file = recordFile(runtimeFolder, record.mountpoint);
  await writeFile(`${file}.${process.pid}`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
}

/** Of a process that is gone. */
export async function removeRecord(runtimeFolder: string, mountpoint: string): Promise<void> {
  await rm(recordFile(runtimeFolder, mountpoint), { force: true });
  await rm(socketFile(runtimeFolder, mountpoint), { force: true });
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

/** Undefined when nobody left a record there that can be read. */
export async function readRecord(
  runtimeFolder: string,
  mountpoint: string,
): Promise<MountRecord | undefined> {
  const text = await readFile(recordFile(runtimeFolder, mountpoint), 'utf8').catch(() => '');
  const record = parsed(text);
  return record?.mountpoint === mountpoint ? record : undefined;
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
