import { pause } from '../async/pause.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Base, LocalNode } from './local-node.ts';
import type { LocalTree } from './local-tree.ts';
import { isHiddenName } from './names.ts';
import { type Children, type FolderNode, type Node, rootId } from './node.ts';
import { mayBeSameResource } from './sameness.ts';
import type { ShownNode } from './shown-node.ts';
import type { Tree } from './tree.ts';

/** A folder that we are moving is asked for again so often, and first after so long: some 6 s in all. */
const mostTries = 6;
const againMs = 100;

/** A path has no more names than this; a longer chain would be a ring. */
const deepest = 20_000;

/**
 * What programs see: the tree of the server with what differs here laid over it.
 *
 * INVARIANT: what a local node tells of is shown where that says, and nowhere else; where both trees have a name, ours is shown.
 */
export class ShownTree {
  readonly #tree: Tree;
  readonly #local: LocalTree;

  constructor(tree: Tree, local: LocalTree) {
    this.#tree = tree;
    this.#local = local;
  }

  get root(): ShownNode {
    return this.#tree.root;
  }

  /** The entry of that name. @throws Failure 'not-found', and as `Tree.child` */
  async child(folder: ShownNode, name: string, signal: AbortSignal): Promise<ShownNode> {
    const ours = this.#ours(folder.id, name);
    if (ours) return this.#shown(ours);
    const known = this.known(folder);
    if (!known) throw new Failure('not-found', `No such name: ${name}`);
    const child = await this.#tree.child(known, name, signal).catch(async (error: unknown) => {
      const since = (await this.#whileMoving(known, error, signal)).get(name);
      if (!since) throw error;
      return since;
    });
    // It may have come or gone here while the server was asked.
    const since = this.#ours(folder.id, name);
    if (since) return this.#shown(since);
    if (this.#isOurs(child)) throw new Failure('not-found', `Not here any more: ${name}`);
    return child;
  }

  /** All entries by name. @throws Failure as `Tree.list` */
  async list(folder: ShownNode, signal: AbortSignal): Promise<ReadonlyMap<string, ShownNode>> {
    const known = this.known(folder);
    const children = known
      ? await this.#tree
          .list(known, signal)
          .catch((error: unknown) => this.#whileMoving(known, error, signal))
      : new Map<string, Node>();
    return this.#overlaid(folder.id, children);
  }

  /** The node as it is now; undefined when it is nowhere any more. */
  now(node: ShownNode): ShownNode | undefined {
    const local = this.#local.node(node.id);
    if (local) return this.#shown(local);
    // What was ours until a moment ago is the server's now.
    return node.local ? this.#tree.node(node.id) : node;
  }

  /** As it is now, by its number; also one that is in no folder for the moment. Undefined where nothing is known of it, or it was deleted here. */
  node(id: number): ShownNode | undefined {
    const local = this.#local.node(id);
    if (!local) return this.#tree.node(id);
    return local.state === 'deleted' ? undefined : this.#shown(local);
  }

  /** All entries that are known, without asking anybody; undefined for a folder that was never listed. */
  knownChildren(folder: ShownNode): ReadonlyMap<string, ShownNode> | undefined {
    const known = this.known(folder);
    const children = known ? this.#tree.knownChildren(known) : new Map<string, Node>();
    return children && this.#overlaid(folder.id, children);
  }

  /** Names from the root of the mount down to this node. */
  place(id: number): string[] {
    return this.chain(id)
      .flatMap((at) => (this.#local.node(at) ?? this.#tree.node(at))?.name ?? [])
      .slice(1);
  }

  /** Numbers from the root down to this node, with both. */
  chain(id: number): number[] {
    const chain = [id];
    for (let at = id; at !== rootId; ) {
      const node = this.#local.node(at) ?? this.#tree.node(at);
      if (!node || chain.length > deepest) break;
      at = node.parentId;
      chain.unshift(at);
    }
    return chain;
  }

  /** The bytes that the server has of a file, as what is known best of it; undefined where it never had any. */
  content(node: ShownNode): RemoteContent | undefined {
    const base = node.local?.base;
    if (node.remote) return this.#whereItIs(node.remote.content, base ?? this.#tree.shownAt(node.id));
    return (
      base?.content && {
        ...base.content,
        path: this.serverPath(base),
        link: undefined,
        resourceId: base.resourceId,
      }
    );
  }

  /** Where the server has what a base describes. */
  serverPath(base: Pick<Base, 'parentId' | 'name'>): DiskPath {
    return childPath(this.folderPath(base.parentId), base.name);
  }

  /** Where the server has a folder, or will have it. @throws Failure 'stale' when nothing is known of it */
  folderPath(folderId: number): DiskPath {
    if (folderId === rootId) return this.#tree.root.remote.path;
    const local = this.#local.node(folderId);
    if (local) return this.serverPath(local.base ?? local);
    const folder = this.#tree.folder(folderId);
    if (!folder) throw new Failure('stale', 'The folder is not known any more');
    if (this.#local.size === 0) return folder.remote.path;
    // One above it may have been moved by us since it was shown.
    return this.serverPath({ parentId: folder.parentId, name: folder.remote.name });
  }

  /** Where the server has a folder that it has shown. */
  knownPath(folder: FolderNode): DiskPath {
    if (this.#local.size === 0) return folder.remote.path;
    try {
      return this.folderPath(folder.id);
    } catch (error) {
      if (!failedWith(error, 'stale')) throw error;
      return folder.remote.path;
    }
  }

  /** A number that no node ever had. */
  newId(): number {
    return this.#tree.newId();
  }

  /** What was shown is where we have moved it. */
  #whereItIs(
    content: RemoteContent | undefined,
    place: Pick<Base, 'parentId' | 'name'> | undefined,
  ): RemoteContent | undefined {
    if (!content || !place || this.#local.size === 0) return content;
    const path = this.serverPath(place);
    return path === content.path ? content : { ...content, path };
  }

  /**
   * While a folder, or one above it, is being moved or made on the server, it is neither here nor there: what is known of it is shown; of one that was
   * never listed, what is there when that is over.
   * @throws what it failed with, when that is no reason, or after a while
   */
  async #whileMoving(folder: FolderNode, error: unknown, signal: AbortSignal): Promise<Children> {
    for (let tries = 0; ; tries++) {
      const isMoving = this.chain(folder.id).some((id) => this.#local.node(id) !== undefined);
      if (!isMoving || !failedWith(error, 'not-found', 'not-a-folder', 'no-parent', 'stale')) throw error;
      const known = this.#tree.knownChildren(folder);
      if (known) return known;
      if (tries === mostTries) throw error;
      await pause(againMs * 2 ** tries, signal);
      try {
        return await this.#tree.list(folder, signal);
      } catch (failure) {
        error = failure;
      }
    }
  }

  #ours(folderId: number, name: string): LocalNode | undefined {
    return (
      this.#local.shownIn(folderId).get(name) ??
      (isHiddenName(name) ? this.#local.hiddenAt(folderId, name) : undefined)
    );
  }

  /**
   * What the server shows there is what a local node tells of: by its number, or, where a listing gave it another, by its place; or it was there
   * before an effect of ours, and no listing came since.
   */
  #isOurs({ id, parentId, kind, remote }: Node): boolean {
    if (this.#local.node(id) || this.#local.isPast(parentId, remote.name, remote)) return true;
    const ours = this.#local.basedAt(parentId, remote.name);
    return ours?.kind === kind && mayBeSameResource(ours.base?.resourceId, remote.resourceId);
  }

  #shown(local: LocalNode): ShownNode {
    const { id, kind, parentId, name } = local;
    const known = this.#tree.heldNode(id) ?? (local.base && this.#tree.node(id));
    return { id, kind, parentId, name, remote: known?.remote, local };
  }

  /** What is known from the server of a folder; undefined for one that is new here. */
  known(folder: ShownNode): FolderNode | undefined {
    if (folder.kind !== 'folder') throw new Failure('not-a-folder', `Not a folder: ${folder.name}`);
    return this.#tree.folder(folder.id);
  }

  #overlaid(folderId: number, children: ReadonlyMap<string, Node>): ReadonlyMap<string, ShownNode> {
    if (this.#local.size === 0) return children;
    const shown = new Map<string, ShownNode>();
    for (const [name, node] of children) if (!this.#isOurs(node)) shown.set(name, node);
    for (const [name, node] of this.#local.shownIn(folderId)) shown.set(name, this.#shown(node));
    return shown;
  }
}
