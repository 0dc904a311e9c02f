import { BlockCache } from '../../src/content/block-cache.ts';
import { BlockStore } from '../../src/content/block-store.ts';
import { Contents } from '../../src/content/contents.ts';
import { blockShape } from '../../src/content/whole-file.ts';
import { Api } from '../../src/disk-api/api.ts';
import { Downloads } from '../../src/disk-api/downloads.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import type { RemoteContent } from '../../src/disk-api/links.ts';
import { nodeOf } from '../../src/tree/node.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../stand-in/index.ts';

/** The floors below `fs`, on a stand-in in the same process: no mount, no kernel in between that reads ahead by itself. */
export interface ReadingDisk {
  readonly disk: StandIn;
  contents: Contents;
  /** What the Disk says of a file at this moment. */
  content(path: string): Promise<RemoteContent>;
  /** The blocks on the local disk, when there is a folder for them. */
  store: BlockStore | undefined;
  /** What a new process finds: nothing in memory, the same local disk, the same Disk. */
  restart(): Promise<void>;
  /** Requests answered by the data hosts, and bytes of them, since the last call. */
  traffic(): { readonly requests: number; readonly bytes: number };
  close(): Promise<void>;
}

export async function readingDisk(
  options: StandInOptions & {
    readonly memoryBytes?: number;
    readonly readAheadBytes?: number;
    readonly downLimitBytesPerSecond?: number;
    readonly folder?: string;
  } = {},
): Promise<ReadingDisk> {
  const disk = await startStandIn(options);
  const api = new Api({
    url: new URL(disk.apiUrl),
    tokens: { accessToken: async () => disk.token },
    ratePerSecond: 0,
  });
  api.data.bandwidth.down.limit = options.downLimitBytesPerSecond ?? 0;
  let downloads = new Downloads(api);
  const openStore = async () =>
    options.folder === undefined
      ? undefined
      : BlockStore.open(
          {
            folder: options.folder,
            limitBytes: 1 << 30,
            minFreeBytes: 0,
            onTrouble: (failure) => {
              throw failure;
            },
            onRecovered: () => {},
          },
          blockShape,
        );
  const openContents = (store: BlockStore | undefined) =>
    new Contents(new BlockCache({ limitBytes: options.memoryBytes ?? 64 << 20, store }), downloads, {
      readAheadBytes: options.readAheadBytes ?? 16 << 20,
    });
  const store = await openStore();
  const reading: ReadingDisk = {
    disk,
    store,
    contents: openContents(store),
    restart: async () => {
      await reading.store?.close();
      downloads = new Downloads(api);
      reading.store = await openStore();
      reading.contents = openContents(reading.store);
    },
    content: async (path) => {
      const { remote } = nodeOf(
        await readResource(api, path),
        { id: 2, parentId: 1 },
        path,
        performance.now(),
      );
      if (!remote.content) throw new Error(`No content: ${path}`);
      return remote.content;
    },
    traffic: () => {
      const tally = disk.wire.statistics.snapshot().routes['storage.get'];
      disk.wire.statistics.reset();
      return { requests: tally?.count ?? 0, bytes: tally?.bytesOut ?? 0 };
    },
    close: async () => {
      await reading.store?.close();
      downloads.close();
      api.close();
      await disk.close();
    },
  };
  return reading;
}
