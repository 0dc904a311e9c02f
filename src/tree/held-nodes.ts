import { isSameContent, type Node } from './node.ts';

interface HeldNode {
  node: Node;
  count: number;
  /** The server has another version, or none any more. */
  outdated: boolean;
}

/**
 * Nodes of open files: for as long as a handle is open, a node stays in its folder as it was opened, for everybody on this machine.
 * What has its name on the Disk by then is shown after the last close: to the kernel one path is one file, with one set of pages (`fs/kernel-places`).
 */
export class HeldNodes {
  readonly #held = new Map<number, HeldNode>();
  readonly #isDeletedHere: (id: number) => boolean;

  /** @param isDeletedHere then its name is free, also for what others put there */
  constructor(isDeletedHere: (id: number) => boolean = () => false) {
    this.#isDeletedHere = isDeletedHere;
  }

  hold(node: Node): void {
    const held = this.#held.get(node.id);
    if (held) held.count++;
    else this.#held.set(node.id, { node, count: 1, outdated: false });
  }

  /** As it was opened; undefined for what nobody has open. */
  node(id: number): Node | undefined {
    return this.#held.get(id)?.node;
  }

  /** @returns the node as it was shown, when the last handle was closed and something else is to be shown now */
  release(id: number): Node | undefined {
    const held = this.#held.get(id);
    if (!held || --held.count > 0) return undefined;
    this.#held.delete(id);
    return held.outdated ? held.node : undefined;
  }

  /** Ours went beside what has its name on the Disk now: that is shown from now on, also while ours is open. */
  letGo(id: number): void {
    this.#held.delete(id);
  }

  /** The server shows it so now: elsewhere, under another name, with other bytes. */
  noteChange(node: Node): void {
    const held = this.#held.get(node.id);
    if (!held) return;
    held.outdated =
      held.node.name !== node.name ||
      held.node.parentId !== node.parentId ||
      !isSameContent(held.node.remote.content, node.remote.content);
  }

  noteGone(node: Node): void {
    const held = this.#held.get(node.id);
    if (held) held.outdated = true;
  }

  /** What was opened under this name and is not there any more as it was; undefined where nothing was. */
  child(folderId: number, name: string): Node | undefined {
    return this.#outdatedIn(folderId).find((node) => node.name === name);
  }

  /** The entries of a folder as they are to be shown. */
  shownChildren(folderId: number, children: ReadonlyMap<string, Node>): ReadonlyMap<string, Node> {
    const outdated = this.#outdatedIn(folderId);
    if (outdated.length === 0) return children;
    const shown = new Map(children);
    for (const node of outdated) shown.set(node.name, node);
    return shown;
  }

  #outdatedIn(folderId: number): Node[] {
    const isOutdated = ({ node, outdated }: HeldNode) =>
      outdated && node.parentId === folderId && !this.#isDeletedHere(node.id);
    return [...this.#held.values()].filter(isOutdated).map(({ node }) => node);
  }
}
