import type { Api, CallOptions } from './api.ts';
import { diskFields } from './fields.ts';
import { type DiskReply, diskReply } from './replies.ts';

/** The Disk as a whole: quota, largest file, revision, whose it is. GET on the base address. */
export function readDisk(api: Api, options?: CallOptions): Promise<DiskReply> {
  return api.read('', { fields: diskFields }, diskReply, 'describe itself', options);
}
