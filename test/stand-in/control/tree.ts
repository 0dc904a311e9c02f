import { formatTime } from '../http/resource.ts';
import type { Disk } from '../model/disk.ts';
import type { FolderNode, Node } from '../model/nodes.ts';
import { formatPath } from '../model/path.ts';

/** One resource as it really is. Keys that do not apply are absent. */
export interface TreeEntry {
  readonly path: string;
  readonly type: 'file' | 'dir';
  readonly name: string;
  readonly resourceId: string;
  readonly revision: number;
  readonly created: string;
  readonly modified: string;
  readonly sizeBytes?: number;
  readonly md5?: string;
  readonly sha256?: string;
  readonly mimeType?: string;
  readonly mediaType?: string;
  readonly final?: boolean;
  readonly seen?: boolean;
  readonly properties?: Readonly<Record<string, unknown>> | null;
  readonly publicKey?: string;
  readonly publicUrl?: string;
  readonly originPath?: string;
}

/** The whole state of a Disk. */
export interface TreeState {
  readonly revision: number;
  readonly usedBytes: number;
  readonly trashBytes: number;
  /** Everything on the Disk, sorted by path; the root is left out. */
  readonly entries: readonly TreeEntry[];
  readonly trash: readonly TreeEntry[];
}

/** @param hashes whether files are hashed where their hashes are not known yet. */
export async function treeState(disk: Disk, hashes = true): Promise<TreeState> {
  disk.settle();
  return {
    revision: disk.revisions.told(),
    usedBytes: disk.usedBytes,
    trashBytes: disk.trashBytes,
    entries: await entriesOf(disk, disk.root, hashes),
    trash: await entriesOf(disk, disk.trash, hashes),
  };
}

/** Everything beneath a folder, sorted by path. */
export async function entriesOf(disk: Disk, folder: FolderNode, hashes: boolean): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const node of [...disk.walk(folder)]) entries.push(await treeEntry(disk, node, hashes));
  return entries.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** One resource as it really is. */
export async function treeEntry(disk: Disk, node: Node, hashes = true): Promise<TreeEntry> {
  const { properties, publication, trashed } = node;
  const nowMs = disk.clock.now();
  const common = {
    path: formatPath(disk.pathOf(node)),
    type: node.kind,
    name: node.name,
    resourceId: disk.resourceId(node),
    revision: node.revision,
    created: formatTime(node.createdMs),
    modified: formatTime(node.modifiedMs),
    ...(properties !== undefined && { properties }),
    ...(publication && { publicKey: publication.publicKey, publicUrl: publication.publicUrl }),
    ...(trashed && { originPath: trashed.originPath }),
  };
  if (node.kind === 'dir') return common;
  const digest = hashes ? await node.content.hash() : node.content.digest;
  return {
    ...common,
    sizeBytes: node.content.sizeBytes,
    ...digest,
    mimeType: node.mimeType,
    mediaType: node.mediaType,
    final: nowMs >= node.finalAtMs,
    seen: nowMs >= node.seenAtMs,
  };
}
