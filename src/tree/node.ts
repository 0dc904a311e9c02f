import { type RemoteContent, versionTagOf } from '../disk-api/links.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import type { ResourceReply } from '../disk-api/replies.ts';
import { dateProperty } from './mark.ts';
import { shownName } from './names.ts';
import { epoch, parseTimestamp, type Timestamp } from './times.ts';

/** What the server last said a node is. Made from ONE reply and never mixed with another: link, hash and size belong together. */
export interface RemoteSide {
  /** The Disk's own name; the node's name is how it is shown. */
  readonly name: string;
  readonly path: DiskPath;
  readonly resourceId: string | undefined;
  readonly revision: number | undefined;
  readonly modified: Timestamp;
  readonly mediaType: string | undefined;
  readonly mimeType: string | undefined;
  readonly publicUrl: string | undefined;
  /** Part of a folder that others share with us: its changes may not move our Disk's revision. */
  readonly shared: boolean;
  /** Custom properties as the Disk told them, in JSON; undefined where there are none. */
  readonly properties: string | undefined;
  /** The bytes of a file; undefined for a folder, and for a file of which the server told no size. */
  readonly content: RemoteContent | undefined;
}

/** Where a node stands: its own number, the folder that shows it, its name there. */
interface Place {
  /** Kept over renames, moves and remounts; shown as st_ino. */
  readonly id: number;
  /** 0 for the root. */
  readonly parentId: number;
  /** As shown. */
  readonly name: string;
}

interface AnyNode extends Place {
  readonly remote: RemoteSide;
}

export interface FileNode extends AnyNode {
  readonly kind: 'file';
}

export interface FolderNode extends AnyNode {
  readonly kind: 'folder';
}

/** A value: what changes is a new node with the same id. */
export type Node = FileNode | FolderNode;

/** Entries of one folder by shown name. Never changed once it was given out: a new listing makes a new one. */
export type Children = ReadonlyMap<string, Node>;

export const rootId = 1;

/** A node for what the server shows; `obtainedAtMs` is when the request for it was sent (monotonic). */
export function nodeOf(
  reply: ResourceReply,
  place: { readonly id: number; readonly parentId: number },
  path: DiskPath,
  obtainedAtMs: number,
): Node {
  return {
    id: place.id,
    parentId: place.parentId,
    name: shownName(reply.name),
    kind: kindOf(reply),
    remote: remoteSide(reply, path, obtainedAtMs),
  };
}

export function kindOf(reply: ResourceReply): Node['kind'] {
  return reply.type === 'dir' ? 'folder' : 'file';
}

export function remoteSide(reply: ResourceReply, path: DiskPath, obtainedAtMs: number): RemoteSide {
  const stored = reply.custom_properties?.[dateProperty];
  const uploaded = parseTimestamp(reply.modified ?? '') ?? epoch;
  return {
    name: reply.name,
    path,
    resourceId: reply.resource_id,
    revision: reply.revision,
    modified: (typeof stored === 'string' ? parseTimestamp(stored) : undefined) ?? uploaded,
    mediaType: interned(reply.media_type),
    mimeType: interned(reply.mime_type),
    publicUrl: reply.public_url,
    shared: reply.share !== undefined && reply.share !== null,
    properties: propertiesOf(reply),
    content: kindOf(reply) === 'file' ? contentOf(reply, path, obtainedAtMs) : undefined,
  };
}

/** The few words for kinds of files: one string each for all nodes, not one for each node. */
const words = new Map<string, string>();
const mostWords = 1_000;

export function interned(word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const known = words.get(word);
  if (known === undefined && words.size < mostWords) words.set(word, word);
  return known ?? word;
}

function propertiesOf({ custom_properties: properties }: ResourceReply): string | undefined {
  return properties === undefined || Object.keys(properties).length === 0
    ? undefined
    : JSON.stringify(properties);
}

/** The bytes that a reply describes; undefined where it tells no size. */
export function contentOf(
  reply: ResourceReply,
  path: DiskPath,
  obtainedAtMs: number,
): RemoteContent | undefined {
  if (reply.size === undefined) return undefined;
  return {
    path,
    resourceId: reply.resource_id,
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

/** Whether both sides stand for the same bytes: size and hash, or without a hash, the very same version. */
export function isSameContent(one: RemoteContent | undefined, other: RemoteContent | undefined): boolean {
  if (!one || !other) return one === other;
  if (one.sizeBytes !== other.sizeBytes) return false;
  if (one.sha256 !== undefined || one.md5 !== undefined)
    return one.sha256 === other.sha256 && one.md5 === other.md5;
  return one.versionTag === other.versionTag;
}
