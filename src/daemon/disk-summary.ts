import { Api, type TokenSource } from '../disk-api/api.ts';
import { readDisk } from '../disk-api/disk.ts';
import { readResource } from '../disk-api/folder-listing.ts';
import { withoutDrive } from '../disk-api/http.ts';
import type { DiskReply } from '../disk-api/replies.ts';
import { failedWith } from '../errors.ts';

/** Whose Disk it is and how much room there is. What the Disk did not tell is undefined. */
export interface DiskSummary {
  readonly uid: string | undefined;
  readonly login: string | undefined;
  readonly displayName: string | undefined;
  readonly totalBytes: number | undefined;
  readonly usedBytes: number | undefined;
  readonly freeBytes: number | undefined;
  readonly trashBytes: number | undefined;
  readonly largestFileBytes: number | undefined;
  readonly revision: number | undefined;
  readonly isPaid: boolean | undefined;
}

/** One look at a Disk without mounting it. */
interface DiskLook {
  readonly apiUrl: URL;
  readonly tokens: TokenSource;
  readonly signal?: AbortSignal | undefined;
}

/** @throws Failure 'login-needed', 'refused' (a permission is missing), 'offline' and what else the API can say */
export function summarizeDisk(look: DiskLook): Promise<DiskSummary> {
  return withApi(look, async (api) => summaryOf(await readDisk(api, { signal: look.signal })));
}

/**
 * The same, for a token that was just given: it must also let us look into folders, which is another permission. Whether it lets
 * us write cannot be asked without writing.
 */
export function tryToken(look: DiskLook): Promise<DiskSummary> {
  return withApi(look, async (api) => {
    const disk = await readDisk(api, { signal: look.signal });
    await readResource(api, 'disk:/', { signal: look.signal });
    return summaryOf(disk);
  });
}

async function withApi<T>(look: DiskLook, task: (api: Api) => Promise<T>): Promise<T> {
  const api = new Api({ url: look.apiUrl, tokens: look.tokens, ratePerSecond: 0 });
  try {
    return await task(api);
  } catch (error) {
    // Here no drive goes on by itself.
    if (!failedWith(error, 'offline')) throw error;
    throw withoutDrive(error);
  } finally {
    api.close();
  }
}

function summaryOf(disk: DiskReply): DiskSummary {
  const { total_space: totalBytes, used_space: usedBytes } = disk;
  return {
    uid: disk.user?.uid,
    login: disk.user?.login,
    displayName: disk.user?.display_name,
    totalBytes,
    usedBytes,
    freeBytes:
      totalBytes === undefined || usedBytes === undefined ? undefined : Math.max(0, totalBytes - usedBytes),
    trashBytes: disk.trash_size,
    largestFileBytes: disk.max_file_size,
    revision: disk.revision,
    isPaid: disk.is_paid,
  };
}
