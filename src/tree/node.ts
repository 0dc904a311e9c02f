import { createHash } from 'node:crypto';
import { type RemoteContent, versionTagOf } from '../disk-api/links.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import type { ResourceReply } from '../disk-api/replies.ts';
import { shownName } from './names.ts';
import { epoch, parseTimestamp, type Timestamp } from './times.ts';

/** What the server last said a node is. Made from ONE reply and never mixed with another: link, hash and size belong together. */
interface RemoteSide {
  readonly path: DiskPath;
  readonly resourceId: string | undefined;
  readonly revision: number | undefined;
  readonly modified: Timestamp;
  readonly created: Timestamp;
  readonly mediaType: string | undefined;
  readonly mimeType: string | undefined;
  readonly publicUrl: string | undefined;
  /** Part of a folder that others share with us: its changes do not move our Disk's revision. */
  readonly shared: boolean;
  /** The bytes of a file; undefined for a folder, and for a file of which the server told no size. */
  readonly content: RemoteContent | undefined;
}

interface AnyNode {
  /** Stable for as long as the node is known; shown as st_ino. */
  readonly id: number;
  /** Undefined for the root. */
  readonly parent: FolderNode | undefined;
  /** As shown; the Disk's own name is the end of `remote.path`. */
  name: string;
  remote: RemoteSide;
  /** How many handles are open: while there are any, the node stays in its folder as it was opened. */
  openCount: number;
  /** The server has another version, or none any more, and shows it once the last handle is closed. */
  outdated: boolean;
}

export interface FileNode extends AnyNode {
  readonly kind: 'file';
}

export interface FolderNode extends AnyNode {
  readonly kind: 'folder';
}

export type Node = FileNode | FolderNode;

/** A node for what the server shows; `obtainedAtMs` is when the request for it was sent (monotonic). */
export function nodeOf(
  reply: ResourceReply,
  parent: FolderNode | undefined,
  path: DiskPath,
  obtainedAtMs: number,
): Node {
  const kind = kindOf(reply);
  const remote = remoteSide(reply, path, obtainedAtMs);
  return {
    id: nodeId(remote.resourceId ?? path),
    parent,
    kind,
    name: shownName(reply.name),
    remote,
    openCount: 0,
    outdated: false,
  };
}

export function kindOf(reply: ResourceReply): Node['kind'] {
  return reply.type === 'dir' ? 'folder' : 'file';
}

export function remoteSide(reply: ResourceReply, path: DiskPath, obtainedAtMs: number): RemoteSide {
  const stored = reply.custom_properties?.['rclone_modified'];
  const uploaded = parseTimestamp(reply.modified ?? '') ?? epoch;
  return {
    path,
    resourceId: reply.resource_id,
    revision: reply.revision,
    modified: (typeof stored === 'string' ? parseTimestamp(stored) : undefined) ?? uploaded,
    created: parseTimestamp(reply.created ?? '') ?? uploaded,
    mediaType: reply.media_type,
    mimeType: reply.mime_type,
    publicUrl: reply.public_url,
    shared: reply.share !== undefined && reply.share !== null,
    content: kindOf(reply) === 'file' ? contentOf(reply, path, obtainedAtMs) : undefined,
  };
}

function contentOf(reply: ResourceReply, path: DiskPath, obtainedAtMs: number): RemoteContent | undefined {
  if (reply.size === undefined) return undefined;
  return {
    path,
    sizeBytes: reply.size,
    md5: hexDigest(reply.md5, 32),
    sha256: hexDigest(reply.sha256, 64),
    versionTag: versionTagOf(reply, path),
    link: reply.file === undefined ? undefined : { url: reply.file, obtainedAtMs },
  };
}

function hexDigest(text: string | undefined, digits: number): string | undefined {
  return text !== undefined && text.length === digits && /^[0-9a-f]+$/i.test(text)
    ? text.toLowerCase()
    : undefined;
}

/** Path of an entry of this folder, by the name that the Disk gives it. */
export function entryPath(folder: FolderNode, diskName: string): DiskPath {
  return childPath(folder.remote.path, diskName);
}

/**
 * A number that a resource keeps over renames and remounts: 52 bits of the hash of its id. With a million files the chance that
 * any two share one is 1 in 9,000; they would be shown with the same st_ino, and nothing else depends on it.
 */
function nodeId(resourceId: string): number {
  const digest = createHash('sha256').update(resourceId).digest();
  return digest.readUIntBE(0, 6) * 16 + (digest.readUInt8(6) >> 4) + 2;
}
