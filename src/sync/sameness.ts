import { versionTagOf } from '../disk-api/links.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import type { ResourceReply } from '../disk-api/replies.ts';
import type { Base, BaseContent } from '../tree/local-node.ts';
import { contentOf, type Node, remoteSide } from '../tree/node.ts';
import type { Timestamp } from '../tree/times.ts';

/** Something that the server shows, as far as it tells ours from what others made. */
export interface Shown {
  readonly kind: 'file' | 'folder';
  readonly resourceId: string | undefined;
  readonly content: BaseContent | undefined;
  readonly modified: Timestamp;
  readonly properties: string | undefined;
  /** It has a public link. */
  readonly isPublished: boolean;
  /** It is part of what others share with us, or we with them. */
  readonly isShared: boolean;
}

export function shownReply(reply: ResourceReply, path: DiskPath): Shown {
  const side = remoteSide(reply, path, 0);
  const content = contentOf(reply, path, 0);
  return {
    kind: reply.type === 'dir' ? 'folder' : 'file',
    resourceId: reply.resource_id,
    content:
      reply.type === 'dir'
        ? undefined
        : content && { ...toldContent(content), versionTag: versionTagOf(reply, path) },
    modified: side.modified,
    properties: side.properties,
    isPublished: side.publicUrl !== undefined,
    isShared: side.shared,
  };
}

export function shownNode({ kind, remote }: Pick<Node, 'kind' | 'remote'>): Shown {
  const { resourceId, content, modified, properties } = remote;
  return {
    kind,
    resourceId,
    content: content && toldContent(content),
    modified,
    properties,
    isPublished: remote.publicUrl !== undefined,
    isShared: remote.shared,
  };
}

function toldContent({ sizeBytes, md5, sha256, versionTag }: BaseContent): BaseContent {
  return { sizeBytes, md5, sha256, versionTag };
}

export function isSameTime(one: Timestamp, other: Timestamp): boolean {
  return one.sec === other.sec && one.nsec === other.nsec;
}

/** A base for what the server shows at a place. */
export function baseAt({ parentId, name }: Pick<Base, 'parentId' | 'name'>, shown: Shown): Base {
  const { resourceId, content, modified, properties } = shown;
  return { parentId, name, resourceId, content, modified, properties };
}
