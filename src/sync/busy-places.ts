import { childPath, type DiskPath } from '../disk-api/paths.ts';
import type { Intent, LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { diskNameOf } from '../tree/places.ts';

/**
 * Where something runs on the server, or may still take effect because what came of it is not known. A node may have been moved or deleted here
 * since its step was begun: the paths of its intent tell where that step works, the node itself where one without an intent would.
 */
export class BusyPlaces {
  /** Folders with something of that kind beneath. */
  readonly #above = new Set<number>();
  /** Of intents, and of all folders above them. */
  readonly #paths = new Set<DiskPath>();
  /** Last parts of these paths: most nodes are told apart by them. */
  readonly #names = new Set<string>();
  readonly #tree: Pick<LocalTree, 'node'>;
  readonly #pathOf: (folderId: number) => DiskPath;
  readonly #parentOf: (folderId: number) => number | undefined;

  /** @param parentOf the folder that holds this one on the server */
  constructor(
    tree: Pick<LocalTree, 'node'>,
    pathOf: (folderId: number) => DiskPath,
    parentOf: (folderId: number) => number | undefined,
  ) {
    this.#tree = tree;
    this.#pathOf = pathOf;
    this.#parentOf = parentOf;
  }

  add({ parentId, base, intent }: LocalNode): void {
    this.#addFolders(parentId);
    if (base) this.#addFolders(base.parentId);
    if (!intent) return;
    for (const path of pathsOf(intent)) this.#addPath(path);
  }

  isInTheWayOf(node: LocalNode): boolean {
    if (node.kind === 'folder' && this.#above.has(node.id)) return true;
    const { base, parentId } = node;
    if (base && this.#isBusy(base.parentId, base.name)) return true;
    return node.state === 'shown' && this.#isBusy(parentId, diskNameOf(node));
  }

  #isBusy(folderId: number, name: string): boolean {
    if (!this.#names.has(name)) return false;
    const folder = this.#tree.node(folderId);
    // Where there is no folder yet, nothing is on its way to it.
    return (!folder || folder.base !== undefined) && this.#paths.has(childPath(this.#pathOf(folderId), name));
  }

  #addFolders(folderId: number): void {
    let at: number | undefined = folderId;
    while (at !== undefined && !this.#above.has(at)) {
      this.#above.add(at);
      at = this.#parentOf(at);
    }
  }

  #addPath(path: DiskPath): void {
    let at = path;
    while (!this.#paths.has(at)) {
      this.#paths.add(at);
      const slash = at.lastIndexOf('/');
      if (slash < 0) return;
      this.#names.add(at.slice(slash + 1));
      at = at.slice(0, slash);
    }
  }
}

/** What is copied is not to be moved or deleted meanwhile, nor a folder above it. */
function pathsOf(intent: Intent): readonly DiskPath[] {
  if (intent.kind === 'move') return [intent.from, intent.to];
  return intent.kind === 'copy' ? [intent.from, intent.path] : [intent.path];
}
