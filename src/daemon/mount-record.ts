import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Folders, makePrivate } from './folders.ts';

/** Which process serves a mount: a small file in the runtime folder, one for each mountpoint. */
const mountRecord = z.object({
  version: z.literal(1),
  mountpoint: z.string(),
  pid: z.number().int().positive(),
});
type MountRecord = z.infer<typeof mountRecord>;

export async function writeRecord(folders: Folders, mountpoint: string): Promise<void> {
  const file = recordFile(folders, mountpoint);
  const record: MountRecord = { version: 1, mountpoint, pid: process.pid };
  await makePrivate(folders.runtime);
  await writeFile(`${file}.${process.pid}`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
}

export async function removeRecord(folders: Folders, mountpoint: string): Promise<void> {
  await rm(recordFile(folders, mountpoint), { force: true });
}

/** Undefined when nobody left a record there that can be read. */
export async function readRecord(folders: Folders, mountpoint: string): Promise<MountRecord | undefined> {
  try {
    const record = mountRecord.parse(JSON.parse(await readFile(recordFile(folders, mountpoint), 'utf8')));
    return record.mountpoint === mountpoint ? record : undefined;
  } catch {
    return undefined;
  }
}

function recordFile(folders: Folders, mountpoint: string): string {
  const name = createHash('sha256').update(mountpoint).digest('hex').slice(0, 32);
  return join(folders.runtime, `${name}.mount.json`);
}
