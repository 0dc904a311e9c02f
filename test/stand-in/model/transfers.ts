import { noteEntryChange, placeFor } from './changes.ts';
import type { Disk } from './disk.ts';
import { mediaKind } from './media.ts';
import type { FolderNode, Node } from './nodes.ts';
import { type DiskPath, formatPath, isWithin } from './path.ts';
import { Refusal } from './refusal.ts';

/** A place to move or copy to. */
export interface Place {
  readonly folder: FolderNode;
  readonly name: string;
  /** What has the name now, and is to be replaced. */
  readonly taken: Node | undefined;
}

export interface TransferRequest {
  readonly kind: 'move' | 'copy';
  readonly node: Node;
  readonly to: DiskPath;
  readonly overwrite: boolean;
  /** Asked for with force_async: the real service was seen to be more willing then. */
  readonly forceAsync?: boolean;
}

/**
 * Where a move or copy may go.
 * @throws Refusal 409 when the parent is missing, the name is taken, or a folder would go into itself.
 */
export function placeForTransfer(disk: Disk, request: TransferRequest): Place {
  const { node, to, kind } = request;
  const conflict = new Refusal('DiskResourceAlreadyExistsError', formatPath(to));
  if (node.parent === null) throw new Refusal('ForbiddenError');
  const { folder, name } = placeFor(disk, to);
  const target: DiskPath = { area: to.area, names: [...disk.pathOf(folder).names, name] };
  const taken = disk.child(folder, name);
  const renamesItself = kind === 'move' && taken?.serial === node.serial && taken.name !== name;
  if (renamesItself) return { folder, name, taken: undefined };
  const inItself = node.kind === 'dir' && isWithin(target, disk.pathOf(node));
  if (taken?.serial === node.serial || inItself) throw conflict;
  if (!taken) return { folder, name, taken };
  const overIt = isWithin(disk.pathOf(node), target);
  if (!request.overwrite || overIt || !mayReplace(disk, request, taken)) throw conflict;
  return { folder, name, taken: disk.take(target) };
}

function mayReplace(disk: Disk, { kind, forceAsync }: TransferRequest, taken: Node): boolean {
  const { settings } = disk;
  if (taken.kind === 'dir') return settings.ontoFolder === 'replace';
  if (kind === 'move') return settings.moveOntoFile === 'overwrite';
  if (settings.copyOntoFile === 'conflict-unless-async') return forceAsync === true;
  return settings.copyOntoFile === 'overwrite';
}

/** Moves a node to a place that `placeForTransfer` gave. */
export function moveNode(disk: Disk, node: Node, place: Place, byOwner = false): void {
  const { settings } = disk;
  const source = node.parent;
  replace(disk, place);
  disk.detach(node);
  node.name = place.name;
  node.trashed = undefined;
  if (node.kind === 'file' && settings.moveReclassifies) Object.assign(node, mediaKind(place.name));
  if (!settings.moveKeepsResourceId) disk.renewIdentity(node);
  if (!settings.moveKeepsProperties) node.properties = undefined;
  if (!settings.moveKeepsPublication) node.publication = undefined;
  if (!settings.moveKeepsCreated) node.createdMs = disk.clock.now();
  if (!settings.moveKeepsModified) node.modifiedMs = disk.clock.now();
  disk.attach(place.folder, node);
  if (source && source !== place.folder) noteEntryChange(disk, null, source, byOwner);
  noteEntryChange(disk, settings.moveMovesRevision ? node : null, place.folder, byOwner);
  if (settings.moveMovesRevisionBeneath && node.kind === 'dir') {
    for (const inner of disk.walk(node)) inner.revision = node.revision;
  }
}

/** Copies a node to a place that `placeForTransfer` gave. */
export function copyNode(disk: Disk, node: Node, place: Place): Node {
  replace(disk, place);
  const copy = duplicate(disk, node, place.name);
  disk.attach(place.folder, copy);
  noteEntryChange(disk, copy, place.folder);
  return copy;
}

function replace(disk: Disk, { taken }: Place): void {
  if (!taken) return;
  disk.detach(taken);
  disk.forget(taken);
}

/** Recorded: everything in a copy is created and modified at the time of the copy. */
function duplicate(disk: Disk, node: Node, name: string): Node {
  const nowMs = disk.clock.now();
  const properties = disk.settings.copyKeepsProperties ? node.properties : undefined;
  if (node.kind === 'file') {
    const shared = node.contentId !== 0;
    if (shared) disk.contents.share(node.contentId);
    const contentId = shared ? node.contentId : disk.contents.add(node.content);
    const copy = disk.newFile(name, node.content, contentId, nowMs);
    const { exif, previews, photosliceMs, antivirus } = node;
    return Object.assign(copy, {
      properties,
      exif,
      previews,
      photosliceMs,
      antivirus,
      revision: disk.revisions.next(),
    });
  }
  const copy = disk.newFolder(name, nowMs);
  copy.properties = properties;
  const rule = node.children.rule();
  if (rule) {
    disk.declare(copy, rule);
    return copy;
  }
  for (const child of node.children.all()) disk.attach(copy, duplicate(disk, child, child.name));
  return copy;
}
