import type { Contents } from '../../content/contents.ts';
import type { Api } from '../../disk-api/api.ts';
import { readDisk } from '../../disk-api/disk.ts';
import { OpenFiles } from '../../fs/open-files.ts';
import { ReadThrough } from '../../fs/read-through.ts';
import { Volume } from '../../fs/volume.ts';
import { UnsentBytes } from '../../tree/unsent-bytes.ts';
import { WalkAhead } from '../../tree/walk-ahead.ts';
import { DraftTidying } from '../draft-tidying.ts';
import type { Identity } from '../identify.ts';
import { DraftsOverContents } from '../local-side.ts';
import type { Log } from '../log.ts';
import type { DriveSettings } from '../settings.ts';
import type { Ending } from './ending.ts';
import type { Trees } from './trees.ts';

interface FilesParts {
  readonly api: Api;
  readonly identity: Identity;
  readonly trees: Trees;
  readonly contents: Contents;
  readonly settings: DriveSettings;
  readonly log: Log;
  readonly ending: Ending;
}

/** Files as programs have them open: bytes of the Disk, with those written here laid over them. */
export interface Files {
  readonly files: OpenFiles;
  /** Undefined where nothing can be kept. */
  readonly drafts: DraftsOverContents | undefined;
  readonly volume: Volume;
  readonly walks: WalkAhead;
}

export async function openFiles(parts: FilesParts): Promise<Files> {
  const { api, identity, contents, settings, log, ending } = parts;
  const { tree, shown, local, downloads, drafts } = parts.trees;
  const tidying = drafts && new DraftTidying(local, drafts, log);
  ending.finishBy(async () => tidying?.close());
  await tidying?.removeLeftovers();
  const volume = new Volume((signal) => readDisk(api, { signal }), new UnsentBytes(local));
  if (identity.disk) volume.noteQuota(identity.disk);
  const walks = new WalkAhead(tree);
  const draftsOverContents = drafts && new DraftsOverContents(drafts, contents);
  const files = new OpenFiles({
    ...{ tree, shown, local, contents },
    drafts: draftsOverContents,
    readThrough: new ReadThrough(tree, walks, contents, downloads),
    checkGrowth: (sizeBytes, growthBytes) => volume.checkGrowth(sizeBytes, growthBytes),
    snapshots: { quietMs: settings.snapshotQuietMs, longestUnsentMs: settings.snapshotEveryMs },
  });
  // What was written and never closed is kept as it is.
  ending.finishBy(() => files.closeAll());
  return { files, drafts: draftsOverContents, volume, walks };
}
