import type { ShownNode } from '../tree/shown-node.ts';
import { epoch, fromUnixMs, type Timestamp } from '../tree/times.ts';

/** What stat(2) tells of a node. */
export interface Attributes {
  /** Kind and permissions, as in st_mode. */
  readonly mode: number;
  readonly ino: number;
  readonly sizeBytes: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: Timestamp;
  readonly changed: Timestamp;
}

/** Whom everything belongs to, and which permissions nobody gets. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly umask: number;
}

const folderType = 0o040000;
const fileType = 0o100000;

/** Type bits of st_mode. */
export function typeBits(node: Pick<ShownNode, 'kind'>): number {
  return node.kind === 'folder' ? folderType : fileType;
}

/** A folder counts one link: how many folders it holds is not known before it is listed, and 1 tells `find` not to rely on it. */
export function attributesOf(node: ShownNode, owner: Ownership): Attributes {
  const permissions = (node.kind === 'folder' ? 0o777 : 0o666) & ~owner.umask;
  const modified = modifiedOf(node);
  return {
    mode: typeBits(node) | permissions,
    ino: node.id,
    sizeBytes: sizeOf(node),
    nlink: 1,
    uid: owner.uid,
    gid: owner.gid,
    modified,
    changed: modified,
  };
}

/** Of a folder 0. */
function sizeOf({ local, remote }: ShownNode): number {
  if (local?.draft) return local.draft.sizeBytes;
  return (remote?.content ?? local?.base?.content)?.sizeBytes ?? 0;
}

function modifiedOf({ local, remote }: ShownNode): Timestamp {
  const told = local?.modified ?? remote?.modified ?? local?.base?.modified ?? epoch;
  // Of what was just made the Disk has not told its own date yet.
  return local && told.sec === 0 ? fromUnixMs(local.changedAtMs) : told;
}
