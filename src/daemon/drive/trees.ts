import { join } from 'node:path';
import type { Drafts } from '../../content/drafts.ts';
import type { Api } from '../../disk-api/api.ts';
import { Downloads } from '../../disk-api/downloads.ts';
import type { DiskPath } from '../../disk-api/paths.ts';
import type { Failure } from '../../errors.ts';
import { Freshness } from '../../tree/freshness.ts';
import { KnownTree } from '../../tree/known-tree.ts';
import type { FolderChange } from '../../tree/listings.ts';
import type { LocalTree } from '../../tree/local-tree.ts';
import { ShownTree } from '../../tree/shown-tree.ts';
import { Tree } from '../../tree/tree.ts';
import type { Identity } from '../identify.ts';
import { openLocalSide } from '../local-side.ts';
import { type LocalState, openLocalState } from '../local-state.ts';
import { type Log, loggable } from '../log.ts';
import type { DriveSettings } from '../settings.ts';
import { tellingHolder } from '../state-holder.ts';
import type { Ending } from './ending.ts';

interface TreesParts {
  readonly api: Api;
  readonly identity: Identity;
  readonly root: DiskPath;
  readonly settings: DriveSettings;
  readonly log: Log;
  readonly ending: Ending;
}

/** What is known of the Disk, what was changed here, and both in one: what is shown. */
export interface Trees {
  readonly state: LocalState;
  readonly freshness: Freshness;
  readonly downloads: Downloads;
  readonly tree: Tree;
  readonly local: LocalTree;
  /** Undefined where nothing can be kept: then nothing can be changed either. */
  readonly drafts: Drafts | undefined;
  readonly shown: ShownTree;
  /** Who is to be told when a folder turns out to have changed elsewhere. */
  readonly onChanged: ((change: FolderChange) => void)[];
}

/** @throws Failure 'in-use' (mounted already), 'too-new' (its state), 'local'; as `Tree.open` */
export async function openTrees(parts: TreesParts): Promise<Trees> {
  const { api, identity, root, settings, log, ending } = parts;
  const onUnwritten = (failure: Failure) =>
    log.warn(loggable(failure), 'what is known of the Disk is not kept');
  const state = await openLocalState(settings.stateFolder, identity.uid, root, {
    onUnusable: onUnwritten,
    onDamage: (failure, aside) =>
      log.error({ ...loggable(failure), aside }, 'whose state it is was not to be read; it is noted anew'),
  }).catch(async (error: unknown) => {
    throw await tellingHolder(error, settings.runtimeFolder);
  });
  ending.closeBy(() => state.release());
  const { local, drafts, makeSafe } = await openLocalSide(state.folder, log);
  ending.closeBy(() => local.close());
  ending.finishBy(() =>
    makeSafe().catch((error: unknown) =>
      log.warn(loggable(error), 'a loss of power may undo what was not sent yet'),
    ),
  );
  const known = new KnownTree({
    storeFile: state.folder === undefined ? ':memory:' : join(state.folder, 'tree.db'),
    root,
    local,
    onDamage: (failure, aside) =>
      log.error(
        { ...loggable(failure), aside },
        'what was known of the Disk was damaged; it is asked for anew',
      ),
    onUnwritten,
  });
  ending.closeBy(() => known.close());
  const downloads = new Downloads(api, (resourceId) => known.whereIs(resourceId));
  ending.closeBy(() => downloads.close());
  const freshness = new Freshness({ intervalMs: settings.pollIntervalMs });
  freshness.noteRevision(identity.disk?.revision);
  const onChanged: ((change: FolderChange) => void)[] = [];
  const tree = new Tree(api, known, freshness, {
    root,
    pathOf: (folder) => shown.knownPath(folder),
    onLink: (content) => downloads.rememberLink(content),
    onChanged: (change) => {
      const { folder, names, sameFolders } = change;
      const changes = names.length + sameFolders.length;
      log.debug({ folder: folder.remote.path, changes }, 'changed elsewhere');
      for (const tell of onChanged) tell(change);
    },
  });
  local.standBeside({ folder: (id) => tree.folder(id), sync: () => known.sync() });
  const shown: ShownTree = new ShownTree(tree, local);
  await tree.open(ending.signal);
  return { state, freshness, downloads, tree, local, drafts, shown, onChanged };
}
