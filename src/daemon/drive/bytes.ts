import { join } from 'node:path';
import { BlockCache } from '../../content/block-cache.ts';
import { BlockStore } from '../../content/block-store.ts';
import { Contents } from '../../content/contents.ts';
import { blockShape } from '../../content/whole-file.ts';
import type { Downloads } from '../../disk-api/downloads.ts';
import type { LocalState } from '../local-state.ts';
import { type Log, loggable } from '../log.ts';
import { openPinStore, type PinStore } from '../pins.ts';
import type { DriveSettings } from '../settings.ts';
import type { Ending } from './ending.ts';

/** Blocks in memory, and how much of them all readers together may have fetched ahead of what was read. */
const blockMemoryBytes = 96 << 20;
const readAheadBytes = 32 << 20;

interface BytesParts {
  readonly state: LocalState;
  readonly downloads: Downloads;
  readonly settings: DriveSettings;
  readonly log: Log;
  readonly ending: Ending;
}

/** The bytes of what the Disk has, as far as they are here, and how others come. */
interface Bytes {
  readonly store: BlockStore;
  readonly pinStore: PinStore | undefined;
  readonly blocks: BlockCache;
  readonly contents: Contents;
}

/** @throws Failure 'too-new' */
export async function openBytes({ state, downloads, settings, log, ending }: BytesParts): Promise<Bytes> {
  const store = await openStore(join(settings.cacheFolder, state.name), settings, log);
  // Before the state is given back: the next one to mount is to find the blocks free.
  ending.finishBy(() => store.close());
  const pinStore = await openPinStore(state.folder, store, log);
  ending.finishBy(async () => pinStore?.shelf.close());
  const blocks = new BlockCache({ limitBytes: blockMemoryBytes, store: pinStore?.shelf ?? store });
  const contents = new Contents(blocks, downloads, { readAheadBytes });
  return { store, pinStore, blocks, contents };
}

/** Blocks on the local disk; where that cannot be used, the mount goes on with those in memory. */
function openStore(folder: string, settings: DriveSettings, log: Log): Promise<BlockStore> {
  return BlockStore.open(
    {
      folder,
      limitBytes: settings.cacheLimitBytes,
      minFreeBytes: settings.cacheMinFreeBytes,
      onTrouble: (failure) => log.warn(loggable(failure), 'the cache on the local disk cannot be used'),
      onRecovered: () => log.info('the cache on the local disk is used again'),
    },
    blockShape,
  );
}
