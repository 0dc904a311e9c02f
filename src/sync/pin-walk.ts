import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type ContentName, contentNameOf } from '../content/content-key.ts';
import { failedWith } from '../errors.ts';
import type { FolderNode } from '../tree/node.ts';
import type { Pin } from '../tree/pin-list.ts';
import type { ServerContent, ShownNode } from '../tree/shown-node.ts';

/** What is needed of the tree that programs see. */
export interface PinnedTree {
  readonly root: ShownNode;
  node(id: number): ShownNode | undefined;
  /** Undefined for a folder that was never listed. */
  knownChildren(folder: ShownNode): ReadonlyMap<string, ShownNode> | undefined;
  /** What is known from the server of a folder. */
  known(folder: ShownNode): FolderNode | undefined;
  content(node: ShownNode): ServerContent | undefined;
  place(id: number): string[];
}

/** A file that is to be kept here. */
export interface PinnedFile {
  readonly parentId: number;
  readonly name: ContentName;
  readonly content: ServerContent;
}

/** What a pin stands for at one moment. */
export interface Pinned {
  readonly pin: Pin;
  /** Undefined where nothing is to be found of it. */
  readonly node: ShownNode | undefined;
  /** Whether it stands anywhere, as far as is known. */
  readonly isShown: boolean;
  readonly files: readonly PinnedFile[];
  /** Files whose bytes are here anyway, since they were not sent yet. */
  readonly unsent: { readonly files: number; readonly bytes: number };
  /** Whether all of it is known: in what was never listed there may be more. */
  readonly isComplete: boolean;
}

interface WalkOptions {
  /** Sees to it that what is known of a folder is good, if it is time for that and can be had. */
  readonly freshen: (folder: FolderNode) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Nodes between two pauses for others. */
const walkedAtOnce = 500;

/** All files at and beneath a pin. @throws Failure 'aborted', 'damaged-store' */
export async function walkPinned(tree: PinnedTree, pin: Pin, options: WalkOptions): Promise<Pinned> {
  const { freshen, signal } = options;
  await freshenAbove(tree, pin, options);
  const node = findPinned(tree, pin);
  const files: PinnedFile[] = [];
  const unsent = { files: 0, bytes: 0 };
  let isComplete = node !== undefined || isWayKnown(tree, pin);
  const left = node ? [node] : [];
  for (let walked = 1, next = left.pop(); next; next = left.pop(), walked++) {
    if (walked % walkedAtOnce === 0) await yieldToOthers(undefined, { signal });
    if (next.kind === 'file') {
      const content = tree.content(next);
      const draft = next.local?.draft;
      if (draft && draft.version !== draft.sentVersion) {
        unsent.files++;
        unsent.bytes += draft.sizeBytes;
      } else if (content) files.push({ parentId: next.parentId, name: contentNameOf(content), content });
      continue;
    }
    const known = tree.known(next);
    if (known) await freshen(known);
    const children = childrenOf(tree, next);
    if (!children) isComplete = false;
    else for (const child of children.values()) left.push(child);
  }
  return { pin, node, isShown: node !== undefined && isShown(tree, node), files, unsent, isComplete };
}

/**
 * Where a pin is by now: by its number. Where that is shown nowhere, what stands in its place has taken over its name (saved by a program that writes
 * another file and renames it); else it is as it was, for the while in which it may turn up elsewhere.
 */
function findPinned(tree: PinnedTree, pin: Pin): ShownNode | undefined {
  const node = tree.node(pin.id);
  if (node && isShown(tree, node)) return node;
  let at: ShownNode | undefined = tree.root;
  for (const name of pin.place) at = childrenOf(tree, at)?.get(name);
  return at?.kind === pin.kind ? at : node;
}

/** Whether it stands in its folder, as far as that is known. */
function isShown(tree: PinnedTree, { id, parentId, name }: ShownNode): boolean {
  if (id === tree.root.id) return true;
  const children = childrenOf(tree, tree.node(parentId));
  return !children || children.get(name)?.id === id;
}

/** The folder that shows it, and the way to one that is shown nowhere: they tell where it is. */
async function freshenAbove(tree: PinnedTree, pin: Pin, { freshen }: WalkOptions): Promise<void> {
  const node = tree.node(pin.id);
  const above = node && folderOf(tree, tree.node(node.parentId));
  if (above) await freshen(above);
  if (node && isShown(tree, node)) return;
  let at: ShownNode | undefined = tree.root;
  for (const name of pin.place) {
    const folder = folderOf(tree, at);
    if (folder) await freshen(folder);
    at = childrenOf(tree, at)?.get(name);
  }
}

/** Whether the folders on the way to where it was are known: then it is not there. */
function isWayKnown(tree: PinnedTree, pin: Pin): boolean {
  let at: ShownNode | undefined = tree.root;
  for (const name of pin.place) {
    if (at?.kind !== 'folder') return true;
    const children = childrenOf(tree, at);
    if (!children) return false;
    at = children.get(name);
  }
  return true;
}

function folderOf(tree: PinnedTree, node: ShownNode | undefined): FolderNode | undefined {
  return node?.kind === 'folder' ? tree.known(node) : undefined;
}

function childrenOf(
  tree: PinnedTree,
  node: ShownNode | undefined,
): ReadonlyMap<string, ShownNode> | undefined {
  if (node?.kind !== 'folder') return undefined;
  try {
    return tree.knownChildren(node);
  } catch (error) {
    if (!failedWith(error, 'stale')) throw error;
    return undefined;
  }
}
