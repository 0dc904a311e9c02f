import { childPath, type DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { shownName } from '../tree/names.ts';
import type { FolderNode } from '../tree/node.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import type { Tree } from '../tree/tree.ts';
import type { Located } from './control-messages.ts';
import { nodeAt } from './node-at.ts';

interface Parts {
  readonly tree: Pick<Tree, 'root' | 'knownChildren' | 'relist'>;
  readonly shown: Pick<ShownTree, 'root' | 'child' | 'known' | 'folderPath' | 'serverPath'>;
  readonly local: Pick<LocalTree, 'expectAgain' | 'node' | 'apply'>;
  /** Told of names that are shown otherwise now. */
  readonly onShown: (folder: FolderNode, names: readonly string[]) => void;
  /** Whose Disk is mounted. */
  readonly uid: string;
  /** The name of the login. */
  readonly account: string;
}

/** What commands that go straight to the Disk must know of a mount, and what it must learn of them. */
export class Whereabouts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Where the Disk has what the mount shows at a place.
   * @throws Failure 'not-found', 'not-a-folder', as a listing; 'local' for what the Disk does not have yet
   */
  async locate(place: string, signal: AbortSignal): Promise<Located> {
    const { uid, account } = this.#parts;
    const node = await nodeAt(this.#parts, place, signal);
    return { path: this.#pathOf(node, place), kind: node.kind, uid, account };
  }

  /**
   * A command has changed something at these paths of the Disk: the folders that hold them are listed again, as far as anybody can have seen
   * them. What was deleted here a moment ago and is there again does not count as lag then.
   * @returns how many folders were listed
   */
  async lookAgain(uid: string, paths: readonly DiskPath[], signal: AbortSignal): Promise<number> {
    if (uid !== this.#parts.uid) return 0;
    const { tree, local } = this.#parts;
    const seen = paths.flatMap((path) => this.#seenOf(path) ?? []);
    for (const { folder, diskName } of seen) local.expectAgain(folder.id, diskName);
    const folders = new Map(seen.map(({ folder }) => [folder.id, folder]));
    const looks = [...folders.values()].map((folder) =>
      tree.relist(folder, 'user', signal).catch((error: unknown) => {
        // Gone meanwhile: the folder above is not believed any more, and whoever looks is told.
        if (!failedWith(error, 'not-found', 'not-a-folder', 'stale')) throw error;
      }),
    );
    await Promise.all(looks);
    for (const { folder, diskName } of seen) this.#uncover(folder, shownName(diskName));
    return folders.size;
  }

  /** What was deleted on the server, and waits only to be seen gone, hides what is there again. */
  #uncover(folder: FolderNode, name: string): void {
    const { tree, local, onShown } = this.#parts;
    const known = tree.knownChildren(folder)?.get(name);
    const ours = known && local.node(known.id);
    if (ours?.state !== 'deleted' || ours.base || ours.intent || ours.hidden || ours.draft) return;
    local.apply({ remove: [ours.id] });
    onShown(folder, [name]);
  }

  #pathOf(node: ShownNode, place: string): DiskPath {
    const { shown, tree } = this.#parts;
    if (node.id === tree.root.id) return tree.root.remote.path;
    if (node.local?.base) return shown.serverPath(node.local.base);
    if (node.remote) return childPath(shown.folderPath(node.parentId), node.remote.name);
    throw new Failure('local', `The Disk does not have it yet: ${place}`, {
      path: place,
      hint: 'A program may still be writing it. yadiskfs flush waits until it is there.',
    });
  }

  /** The deepest folder on the way to a path of which a listing is known, and the name that follows; undefined where nobody has looked. */
  #seenOf(path: DiskPath): { readonly folder: FolderNode; readonly diskName: string } | undefined {
    const { tree } = this.#parts;
    const root = tree.root.remote.path;
    const prefix = root.endsWith('/') ? root : `${root}/`;
    if (!path.startsWith(prefix)) return undefined;
    const [first = '', ...others] = path.slice(prefix.length).split('/');
    let [folder, diskName] = [tree.root, first];
    for (const name of others) {
      const next = tree.knownChildren(folder)?.get(shownName(diskName));
      if (next?.kind !== 'folder' || !tree.knownChildren(next)) break;
      [folder, diskName] = [next, name];
    }
    return tree.knownChildren(folder) && { folder, diskName };
  }
}
