import type { Base, LocalNode, Replaced } from './local-node.ts';
import type { LocalChange, LocalTree } from './local-tree.ts';
import { shownName } from './names.ts';
import type { Node } from './node.ts';
import type { ShownNode } from './shown-node.ts';

/** A name in a folder. */
export interface Place {
  readonly parentId: number;
  readonly name: string;
}

/** What the server has of a node that does not differ yet. */
export function baseOf(node: Pick<Node, 'parentId' | 'remote'>): Base {
  const { remote } = node;
  return {
    parentId: node.parentId,
    name: remote.name,
    resourceId: remote.resourceId,
    content: remote.content && {
      sizeBytes: remote.content.sizeBytes,
      md5: remote.content.md5,
      sha256: remote.content.sha256,
      versionTag: remote.content.versionTag,
    },
    modified: remote.modified,
    properties: remote.properties,
  };
}

/** The local node of something shown; a fresh one where nothing differs yet. */
export function localOf(shown: ShownNode, nowMs: number): LocalNode {
  if (shown.local) return { ...shown.local, changedAtMs: nowMs };
  if (!shown.remote) throw new Error('A node is neither here nor there');
  return {
    ...blank(shown.id, shown.kind, shown, nowMs),
    base: baseOf({ parentId: shown.parentId, remote: shown.remote }),
  };
}

function blank(
  id: number,
  kind: LocalNode['kind'],
  { parentId, name }: Place,
  changedAtMs: number,
): LocalNode {
  return {
    id,
    kind,
    parentId,
    name,
    state: 'shown',
    hidden: undefined,
    base: undefined,
    replaces: undefined,
    draft: undefined,
    modified: undefined,
    changedAtMs,
    intent: undefined,
    trouble: undefined,
  };
}

/**
 * What operations on names make of the local tree. Each returns the change as a whole; the caller has checked that POSIX allows it.
 */
export class LocalChanges {
  readonly #tree: Pick<LocalTree, 'node' | 'basedAt'>;
  readonly #now: () => number;

  /** @param now Unix milliseconds */
  constructor(tree: Pick<LocalTree, 'node' | 'basedAt'>, now: () => number = Date.now) {
    this.#tree = tree;
    this.#now = now;
  }

  /** A new file or folder at a place where nothing is shown. */
  create(id: number, kind: LocalNode['kind'], place: Place, details: Partial<LocalNode>): LocalChange {
    const created = { ...blank(id, kind, place, this.#now()), ...details };
    return this.#arrive(created);
  }

  /**
   * Takes a file or an empty folder away. `hiddenName`: it is open, and libfuse names it so until the last close.
   */
  remove(shown: ShownNode, hiddenName?: string): LocalChange {
    const node = localOf(shown, this.#now());
    const hidden = hiddenName === undefined ? undefined : { name: hiddenName, tentative: true };
    const uncovered = this.#uncovered(node);
    if (node.base === undefined && node.intent === undefined && !hidden)
      return { put: uncovered, remove: [node.id] };
    const tombstone: LocalNode = {
      ...node,
      state: 'deleted',
      hidden,
      replaces: undefined,
      // Who has it open goes on with the bytes.
      draft: hidden || node.intent ? node.draft : undefined,
      modified: hidden ? node.modified : undefined,
      trouble: undefined,
    };
    return { put: [...uncovered, tombstone] };
  }

  /** The same as `remove` for what stands at the target, and the move. The target is shown no more. */
  rename(source: ShownNode, to: Place, target: ShownNode | undefined): LocalChange {
    const node = localOf(source, this.#now());
    const removed = target ? this.remove(target) : {};
    const uncovered = this.#uncovered(node);
    const moved = { ...node, ...to, replaces: undefined };
    const known = new Map([...(removed.put ?? []), ...uncovered].map((each) => [each.id, each]));
    const arrived = this.#arrive(moved, known);
    for (const each of arrived.put ?? []) known.set(each.id, each);
    for (const id of arrived.remove ?? []) known.delete(id);
    const gone = [...(removed.remove ?? []), ...(arrived.remove ?? [])];
    return { put: [...known.values()], remove: gone };
  }

  /** The node comes to its place, and takes over what stands there on the server if that was to be deleted. */
  #arrive(node: LocalNode, changed: ReadonlyMap<number, LocalNode> = new Map()): LocalChange {
    const stood = this.#stoodAt(node, changed);
    if (!stood?.base || node.kind !== 'file' || stood.kind !== 'file' || stood.intent) return tidied(node);
    // Its own old place: it is back.
    if (stood.id === node.id) return tidied(node);
    const replaces: Replaced = { id: stood.id, base: stood.base };
    const rest = tidied({ ...node, replaces });
    // Who has the old one open keeps it, and nothing of it is to be sent any more.
    if (stood.hidden)
      return {
        ...rest,
        put: [
          ...(rest.put ?? []),
          { ...stood, base: undefined, hidden: { ...stood.hidden, tentative: false } },
        ],
      };
    return { ...rest, remove: [...(rest.remove ?? []), stood.id] };
  }

  #stoodAt({ parentId, name }: Place, changed: ReadonlyMap<number, LocalNode>): LocalNode | undefined {
    const isThere = (node: LocalNode) =>
      node.state === 'deleted' && node.base?.parentId === parentId && node.base.name === name;
    for (const node of changed.values()) if (isThere(node)) return node;
    const based = this.#tree.basedAt(parentId, name);
    return based && !changed.has(based.id) && isThere(based) ? based : undefined;
  }

  /** What the node had taken over stands there again, to be deleted: nothing of ours will go up in its place. */
  #uncovered({ replaces, parentId, name }: LocalNode): LocalNode[] {
    if (!replaces) return [];
    return [
      {
        ...blank(replaces.id, 'file', { parentId, name }, this.#now()),
        state: 'deleted',
        base: replaces.base,
      },
    ];
  }
}

/** Whether it stands where the server has it. */
export function isInPlace({ base, parentId, name }: LocalNode): boolean {
  return base !== undefined && base.parentId === parentId && isShownAs(base.name, name);
}

/** The name under which it is to stand on the server: one that cannot be shown as it is keeps its spelling in another folder. */
export function diskNameOf({ base, name }: LocalNode): string {
  return base && isShownAs(base.name, name) ? base.name : name;
}

function isShownAs(diskName: string, name: string): boolean {
  return diskName === name || shownName(diskName) === name;
}

/** A node that does not differ any more is none; it was never sent, so nobody needs to see it confirmed. */
function tidied(node: LocalNode): LocalChange {
  const { draft, modified, replaces, intent, state, hidden } = node;
  const isBack = isInPlace(node) && state === 'shown' && !hidden;
  if (isBack && !draft && !modified && !replaces && !intent) return { remove: [node.id] };
  return { put: [node] };
}
