import { crc32 } from 'node:zlib';
import type { Row, Value } from '../database/database.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { interned, type Node } from './node.ts';

/** A node as it lies in the table `nodes`, in this order; the checksum over all of them comes last. */
export const nodeColumns =
  'id, parent, name, kind, unsent, remote_name, resource_id, revision, modified_sec, modified_nsec, media_type, mime_type, public_url, shared, properties, size, md5, sha256, version_tag, checksum';

/** What is unsent is kept elsewhere now; the column stays, since the checksums of earlier rows are over it too. */
const neverUsed = 0;
const folderKind = 1;
const fileKind = 0;

/** Download links are not kept: they live for hours, and would be most of the file. */
export function recordOf(node: Node): Value[] {
  const { remote } = node;
  const { content } = remote;
  const values = [
    node.id,
    node.parentId,
    node.name,
    node.kind === 'folder' ? folderKind : fileKind,
    neverUsed,
    // A name that is no Unicode cannot be stored as it is; the shown one would be another.
    remote.name === node.name ? null : JSON.stringify(remote.name),
    remote.resourceId ?? null,
    remote.revision ?? null,
    remote.modified.sec,
    remote.modified.nsec,
    remote.mediaType ?? null,
    remote.mimeType ?? null,
    remote.publicUrl ?? null,
    remote.shared ? 1 : 0,
    remote.properties ?? null,
    content?.sizeBytes ?? null,
    content?.md5 ?? null,
    content?.sha256 ?? null,
    content === undefined || content.versionTag === usualTag(remote) ? null : content.versionTag,
  ];
  values.push(checksumOf(values));
  return values;
}

/** The checksum of a record: its last value. */
export function checksumIn(record: Row): number {
  return Number(record.at(-1));
}

/** The same record with another folder. */
export function recordIn(folderId: number, record: Row): Value[] {
  const [id = null, , ...others] = record.slice(0, -1);
  const values = [id, folderId, ...others];
  return [...values, checksumOf(values)];
}

/**
 * The node of a record.
 * @throws Failure 'damaged-store' when the record is not what was written
 */
export function nodeFrom(record: Row, pathOfParent: (parentId: number) => DiskPath): Node {
  if (checksumOf(record.slice(0, -1)) !== checksumIn(record))
    throw new Failure('damaged-store', 'A node in the store is not what was written');
  const [id, parentId, name, kind, , remoteName, resourceId, revision] = record;
  const [modifiedSec, modifiedNsec, mediaType, mimeType, publicUrl, shared] = record.slice(8);
  const [properties, sizeBytes, md5, sha256, versionTag] = record.slice(14);
  const diskName = typeof remoteName === 'string' ? String(JSON.parse(remoteName)) : String(name);
  const path = childPath(pathOfParent(Number(parentId)), diskName);
  const identity = { path, resourceId: text(resourceId), revision: number(revision) };
  const size = number(sizeBytes);
  const content =
    size === undefined
      ? undefined
      : {
          path,
          resourceId: identity.resourceId,
          sizeBytes: size,
          md5: text(md5),
          sha256: text(sha256),
          versionTag: text(versionTag) ?? usualTag(identity),
          link: undefined,
        };
  return {
    id: Number(id),
    parentId: Number(parentId),
    name: String(name),
    kind: kind === folderKind ? 'folder' : 'file',
    remote: {
      name: diskName,
      ...identity,
      modified: { sec: Number(modifiedSec), nsec: Number(modifiedNsec) },
      mediaType: interned(text(mediaType)),
      mimeType: interned(text(mimeType)),
      publicUrl: text(publicUrl),
      shared: shared === 1,
      properties: text(properties),
      content,
    },
  };
}

/** As disk-api's `versionTagOf`, where the Disk told both. */
function usualTag(remote: {
  readonly resourceId: string | undefined;
  readonly revision: number | undefined;
}) {
  return `${remote.resourceId}@${remote.revision}`;
}

/** CRC-32 over all values: a flipped bit in a row is to be noticed, since SQLite keeps no checksums of its own. */
function checksumOf(values: readonly Value[]): number {
  return crc32(values.map((value) => (value === null ? '\u0001' : value)).join('\0'));
}

function text(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: Value | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
