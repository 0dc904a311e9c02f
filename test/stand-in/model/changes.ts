import type { Content } from '../content/content.ts';
import type { DeclaredContent } from './declared-content.ts';
import type { Disk } from './disk.ts';
import { mediaKind } from './media.ts';
import { storedName } from './names.ts';
import type { FileNode, FolderNode, Node, Previews, Properties, Share } from './nodes.ts';
import { shareOf } from './nodes.ts';
import { type DiskPath, formatPath, splitLast } from './path.ts';
import { Refusal } from './refusal.ts';

/*
 * Changes of the tree, each taking effect at once. Whether a client may make it now, and how long the
 * answer takes, is not asked here.
 */

/** How far a change is seen: by its own revision, by the Disk's, by the folder's. */
export function noteChange(disk: Disk, node: Node | null, folder: FolderNode | null, byOwner = false): void {
  const revision = disk.revisions.next();
  const { settings } = disk;
  if (node) node.revision = revision;
  if (folder) {
    folder.version += 1;
    if (settings.folderRevisionFollowsChildren) folder.revision = revision;
  }
  if (!byOwner || settings.sharedChangesMoveRevision) disk.revisions.tell(revision);
}

/** As `noteChange`, when the folder gained or lost an entry. */
export function noteEntryChange(disk: Disk, node: Node | null, folder: FolderNode, byOwner = false): void {
  noteChange(disk, node, folder, byOwner);
  if (disk.settings.folderModifiedFollowsChildren) folder.modifiedMs = disk.clock.now();
}

/**
 * The folder in which the path's last name is to be, and that name as the Disk stores it.
 * @throws Refusal 409 when the folder is missing, 400 for a name that is not taken.
 */
export function placeFor(disk: Disk, path: DiskPath): { readonly folder: FolderNode; readonly name: string } {
  const parts = splitLast(path);
  if (!parts) throw new Refusal('DiskPathPointsToExistentDirectoryError', formatPath(path));
  const { pathMax } = disk.settings;
  if (formatPath(path).length > pathMax) throw new Refusal('FieldValidationError', 'path');
  const name = storedName(parts.name, disk.settings);
  const folder = disk.take(parts.folder);
  if (folder?.kind !== 'dir') throw new Refusal('DiskPathDoesntExistsError', formatPath(path));
  return { folder, name };
}

/** Makes a folder. @throws Refusal 409 when the name is taken or the parent missing. */
export function makeFolder(disk: Disk, path: DiskPath, byOwner = false): FolderNode {
  const { folder, name } = placeFor(disk, path);
  const existing = disk.child(folder, name);
  if (existing) {
    const code =
      existing.kind === 'dir' ? 'DiskPathPointsToExistentDirectoryError' : 'DiskResourceAlreadyExistsError';
    throw new Refusal(code, formatPath(path));
  }
  const made = disk.newFolder(name, disk.clock.now());
  disk.attach(folder, made);
  noteEntryChange(disk, made, folder, byOwner);
  return made;
}

/** Makes a folder and those above it, as far as they are missing. */
export function makeFolders(disk: Disk, path: DiskPath): FolderNode {
  const existing = disk.take(path);
  if (existing?.kind === 'dir') return existing;
  const parts = splitLast(path);
  if (parts) makeFolders(disk, parts.folder);
  return makeFolder(disk, path);
}

/** Everything about a file that a test may want to fix. Times in milliseconds since the epoch. */
export interface FileTraits {
  readonly createdMs?: number | undefined;
  readonly modifiedMs?: number | undefined;
  readonly properties?: Properties | null | undefined;
  readonly previews?: Previews | undefined;
  readonly mimeType?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly antivirus?: string | undefined;
  readonly exif?: Readonly<Record<string, unknown>> | undefined;
  readonly photosliceMs?: number | undefined;
  readonly share?: Share | undefined;
}

/** How a file arrives: what the uploader does, or another client whose file is settled already. */
export interface Arrival {
  readonly finalAfterMs: number;
  readonly seenLateMs: number;
  readonly byOwner?: boolean;
}

/** Nothing lags: the file is there, seen and final. */
export const settledArrival: Arrival = { finalAfterMs: 0, seenLateMs: 0 };

/**
 * Puts a file in place, new or over a file that is there.
 * @throws Refusal 409 when a folder has the name or the parent is missing.
 */
export function putFile(
  disk: Disk,
  path: DiskPath,
  content: Content,
  arrival: Arrival,
  traits: FileTraits = {},
): FileNode {
  const { folder, name } = placeFor(disk, path);
  const existing = disk.child(folder, name);
  if (existing?.kind === 'dir') {
    throw new Refusal('DiskPathPointsToExistentDirectoryError', formatPath(path));
  }
  const nowMs = disk.clock.now();
  const shownBefore = existing ? visibleNow(existing, nowMs) : null;
  const before = shownBefore ? { ...shownBefore } : null;
  const file = existing
    ? overwrite(disk, existing, content)
    : disk.newFile(name, content, disk.contents.add(content), nowMs);
  file.modifiedMs = nowMs;
  file.uploadedMs = nowMs;
  file.finalAtMs = nowMs + arrival.finalAfterMs;
  file.propertiesWhenFinal = undefined;
  file.seenAtMs = nowMs + arrival.seenLateMs;
  file.shownBefore = arrival.seenLateMs > 0 ? before : null;
  if (existing) disk.remember(folder);
  else disk.attach(folder, file);
  applyTraits(file, traits);
  addToTimeline(file);
  if (existing) noteChange(disk, file, folder, arrival.byOwner);
  else noteEntryChange(disk, file, folder, arrival.byOwner);
  return file;
}

function visibleNow(file: FileNode, nowMs: number): FileNode | null {
  return nowMs < file.seenAtMs ? file.shownBefore : file;
}

function overwrite(disk: Disk, existing: FileNode, content: Content): FileNode {
  const { settings } = disk;
  const kept = disk.take(disk.pathOf(existing));
  const file = kept?.kind === 'file' ? kept : existing;
  disk.remember(file.parent);
  disk.setContent(file, content);
  if (!settings.overwriteKeepsResourceId) disk.renewIdentity(file);
  if (!settings.overwriteKeepsProperties) file.properties = undefined;
  if (!settings.overwriteKeepsPublication) file.publication = undefined;
  if (!settings.overwriteKeepsCreated) file.createdMs = disk.clock.now();
  file.previews = undefined;
  file.exif = {};
  file.photosliceMs = undefined;
  file.antivirus = 'clean';
  Object.assign(file, mediaKind(file.name));
  return file;
}

/** Photos and videos are in the timeline by the time when they were taken; here, by their time of change. */
function addToTimeline(file: FileNode): void {
  const isShot = file.mediaType === 'image' || file.mediaType === 'video';
  if (isShot) file.photosliceMs ??= file.modifiedMs;
}

function applyTraits(file: FileNode, traits: FileTraits): void {
  if (traits.createdMs !== undefined) file.createdMs = traits.createdMs;
  if (traits.modifiedMs !== undefined) file.modifiedMs = traits.modifiedMs;
  if (traits.properties !== undefined) file.properties = traits.properties;
  if (traits.previews !== undefined) file.previews = traits.previews;
  if (traits.mimeType !== undefined) file.mimeType = traits.mimeType;
  if (traits.mediaType !== undefined) file.mediaType = traits.mediaType;
  if (traits.antivirus !== undefined) file.antivirus = traits.antivirus;
  if (traits.exif !== undefined) file.exif = traits.exif;
  if (traits.photosliceMs !== undefined) file.photosliceMs = traits.photosliceMs;
  if (traits.share !== undefined) file.share = traits.share;
}

/** Makes a folder whose content is given by a rule. */
export function makeDeclaredFolder(disk: Disk, path: DiskPath, declared: DeclaredContent): FolderNode {
  const folder = makeFolder(disk, path);
  disk.declare(folder, declared);
  return folder;
}

/** @throws Refusal 403 for something in a folder that is shared with us for reading only. */
export function requireWritable(node: Node): void {
  const rights = shareOf(node)?.rights;
  if (rights !== undefined && !rights.includes('w')) throw new Refusal('ForbiddenError');
}
