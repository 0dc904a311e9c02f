import { BlockCache } from '../../src/content/block-cache.ts';
import { Contents } from '../../src/content/contents.ts';
import { Api } from '../../src/disk-api/api.ts';
import { Downloads } from '../../src/disk-api/downloads.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import type { RemoteContent } from '../../src/disk-api/links.ts';
import { nodeOf } from '../../src/tree/node.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../stand-in/index.ts';

/** The floors below `fs`, on a stand-in in the same process: no mount, no kernel in between that reads ahead by itself. */
export interface ReadingDisk {
  readonly disk: StandIn;
  readonly contents: Contents;
  /** What the Disk says of a file at this moment. */
  content(path: string): Promise<RemoteContent>;
  /** Requests answered by the data hosts, and bytes of them, since the last call. */
  traffic(): { readonly requests: number; readonly bytes: number };
  close(): Promise<void>;
}

export async function readingDisk(
  options: StandInOptions & {
    readonly memoryBytes?: number;
    readonly readAheadBytes?: number;
    readonly downLimitBytesPerSecond?: number;
  } = {},
): Promise<ReadingDisk> {
  const disk = await startStandIn(options);
  const api = new Api({
    url: new URL(disk.apiUrl),
    tokens: { accessToken: async () => disk.token },
    ratePerSecond: 0,
  });
  api.data.bandwidth.down.limit = options.downLimitBytesPerSecond ?? 0;
  const downloads = new Downloads(api);
  const cache = new BlockCache({ limitBytes: options.memoryBytes ?? 64 << 20 });
  const contents = new Contents(cache, downloads, { readAheadBytes: options.readAheadBytes ?? 16 << 20 });
  return {
    disk,
    contents,
    content: async (path) => {
      const { remote } = nodeOf(await readResource(api, path), undefined, path, performance.now());
      if (!remote.content) throw new Error(`No content: ${path}`);
      return remote.content;
    },
    traffic: () => {
      const tally = disk.wire.statistics.snapshot().routes['storage.get'];
      disk.wire.statistics.reset();
      return { requests: tally?.count ?? 0, bytes: tally?.bytesOut ?? 0 };
    },
    close: async () => {
      downloads.close();
      api.close();
      await disk.close();
    },
  };
}
