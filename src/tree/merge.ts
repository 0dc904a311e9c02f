import type { RemoteContent } from '../disk-api/links.ts';
import type { ResourceReply } from '../disk-api/replies.ts';
import { shownName } from './names.ts';
import { entryPath, type FolderNode, kindOf, type Node, nodeOf, remoteSide } from './node.ts';

/** Entries of one folder by shown name. Never changed once it was given out: a new listing makes a new one. */
export type Children = ReadonlyMap<string, Node>;

interface Merge {
  readonly children: Children;
  /** Names whose entry came, went or became another version. */
  readonly changed: readonly string[];
}

/**
 * What a folder holds after a new listing.
 *
 * Nodes live on: the one with the same resource (renamed in this folder, or changed), else the file that was replaced under the same name.
 * An open file stays as it was opened: its remote side is not touched, and if it is gone from the server, its name stays until
 * the last handle is closed.
 */
export function mergeListing(
  folder: FolderNode,
  before: Children | undefined,
  entries: readonly ResourceReply[],
  obtainedAtMs: number,
): Merge {
  const byResource = new Map<string, Node>();
  for (const node of before?.values() ?? []) {
    if (node.remote.resourceId !== undefined) byResource.set(node.remote.resourceId, node);
  }
  const stillThere = new Set(entries.map((entry) => entry.resource_id));
  const after = new Map<string, Node>();
  const changed = new Set<string>();

  for (const entry of entries) {
    const path = entryPath(folder, entry.name);
    const name = shownName(entry.name);
    const sameName = before?.get(name);
    const replaced = sameName && !stillThere.has(sameName.remote.resourceId) ? sameName : undefined;
    const known =
      (entry.resource_id === undefined ? sameName : byResource.get(entry.resource_id)) ?? replaced;
    if (!known || known.kind !== kindOf(entry)) {
      after.set(name, nodeOf(entry, folder, path, obtainedAtMs));
      changed.add(name);
      continue;
    }
    after.set(name, known);
    if (known.name !== name) changed.add(known.name).add(name);
    known.name = name;
    const remote = remoteSide(entry, path, obtainedAtMs);
    const sameBytes = isSameContent(remote.content, known.remote.content);
    if (known.openCount > 0 && !sameBytes) {
      known.outdated = true;
      continue;
    }
    if (!sameBytes || remote.revision !== known.remote.revision) changed.add(name);
    known.remote = remote;
  }

  for (const [name, node] of before ?? []) {
    if (after.get(node.name) === node) continue;
    if (node.openCount > 0 && !after.has(name)) {
      node.outdated = true;
      after.set(name, node);
    } else {
      changed.add(name);
    }
  }
  return { children: after, changed: [...changed] };
}

function isSameContent(one: RemoteContent | undefined, other: RemoteContent | undefined): boolean {
  if (!one || !other) return one === other;
  if (one.sizeBytes !== other.sizeBytes) return false;
  if (one.sha256 !== undefined || one.md5 !== undefined)
    return one.sha256 === other.sha256 && one.md5 === other.md5;
  return one.versionTag === other.versionTag;
}
