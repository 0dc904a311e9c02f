import type { ShownNode } from '../tree/shown-node.ts';
import { traitsOf } from '../tree/shown-traits.ts';
import { epoch, fromUnixMs, later, now, type Timestamp } from '../tree/times.ts';
import { noTraits, type Traits } from '../tree/traits.ts';
import type { ChangeTimes } from './change-times.ts';

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

/** Whom everything belongs to, and which permissions there are. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  /** What has no permissions of its own gets all but these. */
  readonly umask: number;
  /** Nothing gets these, whatever its own are. */
  readonly mask: number;
}

const folderType = 0o040000;
const fileType = 0o100000;
const linkType = 0o120000;
/** Nobody asks for those of a link. */
const linkPermissions = 0o777;
const allPermissions = 0o7777;
const setGroupId = 0o2000;

/** Type bits of st_mode. */
export function typeBits(node: Pick<ShownNode, 'kind' | 'local' | 'remote'>): number {
  if (node.kind === 'folder') return folderType;
  return traitsOf(node).isLink ? linkType : fileType;
}

/** A folder counts one link: how many folders it holds is not known before it is listed, and 1 tells `find` not to rely on it. */
export function attributesOf(node: ShownNode, owner: Ownership, times: ChangeTimes): Attributes {
  const modified = modifiedOf(node, times);
  const changedMs = Math.max(node.local?.changedAtMs ?? 0, times.changed(node.id) ?? 0);
  return {
    mode: typeBits(node) | permissionsOf(node, owner),
    ino: node.id,
    sizeBytes: sizeOf(node),
    nlink: 1,
    uid: owner.uid,
    gid: owner.gid,
    modified,
    changed: changedMs > 0 ? changedAt(fromUnixMs(changedMs), modified) : modified,
  };
}

/** A date ahead of the clock was set, and says nothing about when that was done. */
function changedAt(changed: Timestamp, modified: Timestamp): Timestamp {
  const present = now();
  return later(present, modified) === present ? later(modified, changed) : changed;
}

/** Of what is made with this mode. What is in a folder of its group (set-group-ID) is so, too, if it is a folder. */
export function traitsOfNew(
  kind: ShownNode['kind'],
  mode: number,
  parent: ShownNode,
  owner: Ownership,
): Traits {
  const inherited = kind === 'folder' ? permissionsOf(parent, owner) & setGroupId : 0;
  return { ...noTraits, permissions: ownPermissions(kind, mode | inherited, owner) };
}

/** What chmod(2) asked for, as it is kept: undefined where it is what the mount gives to what has none of its own. */
export function ownPermissions(
  kind: ShownNode['kind'],
  mode: number,
  owner: Ownership,
): Traits['permissions'] {
  const permissions = mode & allPermissions & ~owner.mask;
  return permissions === usualPermissions(kind, owner) ? undefined : permissions;
}

function permissionsOf(node: ShownNode, owner: Ownership): number {
  const { permissions, isLink } = traitsOf(node);
  if (isLink) return linkPermissions;
  return (permissions ?? usualPermissions(node.kind, owner)) & ~owner.mask;
}

function usualPermissions(kind: ShownNode['kind'], { umask, mask }: Ownership): number {
  return (kind === 'folder' ? 0o777 : 0o666) & ~umask & ~mask;
}

/** Of a folder 0. */
function sizeOf({ local, remote }: ShownNode): number {
  if (local?.draft) return local.draft.sizeBytes;
  return (remote?.content ?? local?.base?.content)?.sizeBytes ?? 0;
}

/** st_mtime: of a folder also when something came into it, or went. */
export function modifiedOf(node: ShownNode, times: ChangeTimes): Timestamp {
  const own = ownModified(node);
  const entered = node.kind === 'folder' ? times.entered(node.id) : undefined;
  if (entered !== undefined) return later(own ?? epoch, fromUnixMs(entered));
  return own ?? (node.local ? fromUnixMs(node.local.changedAtMs) : epoch);
}

/** Undefined for what was just made, and the Disk has not told its own date yet. */
function ownModified({ local, remote }: ShownNode): Timestamp | undefined {
  if (local?.modified) return local.modified;
  const told = remote?.modified ?? local?.base?.modified ?? epoch;
  return local && told.sec === 0 && told.nsec === 0 ? undefined : told;
}
