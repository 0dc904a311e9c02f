import type { Api, CallOptions } from './api.ts';
import { diskFields } from './fields.ts';
import { type DiskReply, diskReply, revisionReply } from './replies.ts';

/** The Disk as a whole: quota, largest file, revision, whose it is. GET on the base address. */
export function readDisk(api: Api, options?: CallOptions): Promise<DiskReply> {
  return api.read('', { fields: diskFields }, diskReply, 'describe itself', options);
}

/**
 * The number that moves with every change of the Disk, as far as is known: one small request that tells whether anything changed.
 * Undefined where the Disk does not tell it.
 */
export async function readRevision(api: Api, options?: CallOptions): Promise<number | undefined> {
  const disk = await api.read('', { fields: 'revision' }, revisionReply, 'tell its revision', options);
  return disk.revision;
}
