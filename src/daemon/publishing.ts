import type { Api } from '../disk-api/api.ts';
import { publish, unpublish } from '../disk-api/publication.ts';
import { Failure } from '../errors.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import type { Tree } from '../tree/tree.ts';

interface PublishingParts {
  readonly api: Api;
  readonly tree: Pick<Tree, 'shownAt' | 'folder' | 'relist'>;
  readonly shown: Pick<ShownTree, 'serverPath'>;
  /** Resolves when a file or folder is on the server as it is here. */
  readonly waitUntilSent: (id: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Publishes what is shown, or takes the link back: it is sent first, and the answer waits for the Disk.
 * @throws Failure as a flush of it; as `publish`; 'not-found'
 */
export function publishing({ api, tree, shown, waitUntilSent }: PublishingParts) {
  return async (id: number, isPublic: boolean, signal: AbortSignal): Promise<void> => {
    await waitUntilSent(id, signal);
    const place = tree.shownAt(id);
    if (!place) throw new Failure('not-found', 'The Disk does not show it');
    const path = shown.serverPath(place);
    if (isPublic) await publish(api, path, { signal });
    else await unpublish(api, path, { signal });
    const folder = tree.folder(place.parentId);
    // Whoever asks next for the link is to be told of it.
    if (folder) await tree.relist(folder, 'user', signal);
  };
}
