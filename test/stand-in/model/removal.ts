import { makeFolders, noteChange, noteEntryChange } from './changes.ts';
import type { Disk } from './disk.ts';
import type { Node } from './nodes.ts';
import { type DiskPath, formatPath, parsePath, splitLast, splitNames } from './path.ts';
import { Refusal } from './refusal.ts';
import { moveNode } from './transfers.ts';

/** Deletes a resource for good. */
export function removeForGood(disk: Disk, node: Node, byOwner = false): void {
  const folder = node.parent;
  if (!folder) throw new Refusal('ForbiddenError');
  disk.detach(node);
  disk.forget(node);
  noteEntryChange(disk, null, folder, byOwner);
}

/** Puts a resource into the trash. Recorded: its time of change becomes the time of deletion. */
export function moveToTrash(disk: Disk, node: Node, byOwner = false): void {
  const folder = node.parent;
  if (!folder) throw new Refusal('ForbiddenError');
  const deletedMs = disk.clock.now();
  const originPath = formatPath(disk.pathOf(node));
  disk.detach(node);
  node.publication = undefined;
  node.trashed = {
    key: `${node.name}_${disk.random.hex(40)}`,
    originPath,
    deletedMs,
    modifiedBeforeMs: node.modifiedMs,
  };
  node.modifiedMs = deletedMs;
  disk.attach(disk.trash, node);
  noteEntryChange(disk, node, folder, byOwner);
}

/** A resource at the top of the trash. @throws Refusal 404 for anything else. */
export function trashedItem(disk: Disk, path: DiskPath): Node {
  const node = disk.take(path);
  if (!node?.trashed || path.area !== 'trash') throw new Refusal('DiskNotFoundError', formatPath(path));
  return node;
}

/**
 * @param name another name for it, or a whole path (recorded).
 * @throws Refusal 409 (or 423, by setting) when the name that it would go back to is taken.
 */
export function requireRestorable(disk: Disk, node: Node, name: string | null, overwrite: boolean): DiskPath {
  const path = restorePath(parsePath(node.trashed?.originPath ?? ''), name);
  if (path.names.length === 0) throw new Refusal('DiskPathPointsToExistentDirectoryError', formatPath(path));
  if (!overwrite && disk.find(path)) {
    const locked = disk.settings.restoreOntoExisting === 'locked';
    const code = locked ? 'DiskResourceLockedError' : 'DiskResourceAlreadyExistsError';
    throw new Refusal(code, formatPath(path));
  }
  return path;
}

function restorePath(origin: DiskPath, name: string | null): DiskPath {
  if (name === null || name === '') return origin;
  if (name.includes('/'))
    return name.includes(':') ? parsePath(name) : { area: 'disk', names: splitNames(name) };
  return { area: 'disk', names: [...origin.names.slice(0, -1), name] };
}

/** Brings a resource back from the trash; missing folders above it are made. @throws as `requireRestorable`. */
export function restoreNode(disk: Disk, node: Node, name: string | null, overwrite: boolean): void {
  const path = requireRestorable(disk, node, name, overwrite);
  const parts = splitLast(path);
  if (!parts) return;
  const modifiedBeforeMs = node.trashed?.modifiedBeforeMs;
  const folder = makeFolders(disk, parts.folder);
  moveNode(disk, node, { folder, name: parts.name, taken: disk.take(path) });
  if (disk.settings.restoreKeepsModified && modifiedBeforeMs !== undefined)
    node.modifiedMs = modifiedBeforeMs;
}

/** Deletes everything in the trash for good. */
export function emptyTrash(disk: Disk): void {
  for (const node of [...disk.trash.children.all()]) {
    disk.detach(node);
    disk.forget(node);
  }
  noteChange(disk, null, disk.trash);
}
