import type { RemoteContent } from '../disk-api/links.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import type { Base, LocalNode } from './local-node.ts';
import type { LocalTree } from './local-tree.ts';
import { type FolderNode, type Node, rootId } from './node.ts';
import type { ShownNode } from './shown-node.ts';
import type { Tree } from './tree.ts';

/** libfuse's names for open files that were removed or replaced. */
const hiddenName = /^\.fuse_hidden[0-9a-f]{16}$/;

/** A path has no more names than this; a longer chain would be a ring. */
const deepest = 20_000;

/**
 * What programs see: the tree of the server with what differs here laid over it.
 *
 * INVARIANT: a node that has a local node is shown where that says, and nowhere else; where both trees have a name, ours is shown.
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
    const child = await this.#tree.child(known, name, signal);
    // It may have come or gone here while the server was asked.
    const since = this.#ours(folder.id, name);
    if (since) return this.#shown(since);
    if (this.#local.node(child.id)) throw new Failure('not-found', `Not here any more: ${name}`);
    return child;
  }

  /** All entries by name. @throws Failure as `Tree.list` */
  async list(folder: ShownNode, signal: AbortSignal): Promise<ReadonlyMap<string, ShownNode>> {
    const known = this.known(folder);
    const children = known ? await this.#tree.list(known, signal) : new Map<string, Node>();
    return this.#overlaid(folder.id, children);
  }

  /** The node as it is now; undefined when it is nowhere any more. */
  now(node: ShownNode): ShownNode | undefined {
    const local = this.#local.node(node.id);
    if (local) return this.#shown(local);
    // What was ours until a moment ago is the server's now.
    return node.local ? this.#tree.node(node.id) : node;
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
    if (node.remote) return node.remote.content;
    const base = node.local?.base;
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
    const local = this.#local.node(folderId);
    if (local) return this.serverPath(local.base ?? local);
    const folder = this.#tree.folder(folderId);
    if (!folder) throw new Failure('stale', 'The folder is not known any more');
    return folder.remote.path;
  }

  /** A number that no node ever had. */
  newId(): number {
    return this.#tree.newId();
  }

  #ours(folderId: number, name: string): LocalNode | undefined {
    return (
      this.#local.shownIn(folderId).get(name) ??
      (hiddenName.test(name) ? this.#local.hiddenAt(folderId, name) : undefined)
    );
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
    for (const [name, node] of children) if (!this.#local.node(node.id)) shown.set(name, node);
    for (const [name, node] of this.#local.shownIn(folderId)) shown.set(name, this.#shown(node));
    return shown;
  }
}
