import type { ResourceReply } from '../disk-api/replies.ts';
import { shownName } from './names.ts';
import {
  type Children,
  entryPath,
  type FolderNode,
  isSameContent,
  kindOf,
  type Node,
  nodeOf,
  type RemoteSide,
  remoteSide,
} from './node.ts';

/** What the merge must know of nodes that are not in this folder. */
export interface Elsewhere {
  /** The node with this resource that is lost, or that another folder still shows. */
  find(resourceId: string): Node | undefined;
  /** What we have put there under that name, or may have: its number, and what is known of it. */
  claimed(
    folderId: number,
    diskName: string,
    kind: Node['kind'],
    shown: Pick<RemoteSide, 'resourceId' | 'content'>,
  ): { readonly id: number; readonly known: Node | undefined } | undefined;
  /** Whether we have put this node somewhere, and nothing but its place there is known: it is found by that alone. */
  isClaimed(id: number): boolean;
  /** Whether we have deleted this: what stands at that place now is something else. */
  isGone(id: number, folderId: number, diskName: string): boolean;
  /** Whether this was there before an effect of ours a short time ago: the listing lags. */
  isPast(folderId: number, diskName: string, shown: Pick<RemoteSide, 'resourceId' | 'content'>): boolean;
  /** Whether something unsent stands in this folder. */
  isAboveUnsent(id: number): boolean;
  newId(): number;
}

interface MergeOptions {
  /** When the listing was asked for (monotonic). */
  readonly obtainedAtMs: number;
  /**
   * What was listed is another folder than the one that was known there: a file in it is not the one that had its name in the other,
   * which waits among the lost for a listing that shows it.
   */
  readonly isAnother: boolean;
}

/** How a node came to be in a folder as it is now. */
export type Change =
  | { readonly kind: 'new'; readonly node: Node; readonly isOurs: boolean }
  /** In whatever way: bytes, name, dates, properties. */
  | { readonly kind: 'changed'; readonly node: Node; readonly before: Node }
  /** It was lost, or another folder shows it still. */
  | { readonly kind: 'moved-here'; readonly node: Node; readonly before: Node; readonly isOurs: boolean };

/**
 * Merges the entries of a new listing into what is known of a folder, one by one.
 *
 * Nodes live on: the one with the same resource, here (renamed or changed) or elsewhere (moved), else the file that was replaced
 * under the same name.
 */
export class Merge {
  readonly #folder: FolderNode;
  readonly #before: Children;
  readonly #elsewhere: Elsewhere;
  readonly #options: MergeOptions;
  readonly #byResource = new Map<string, Node>();
  readonly #listedResources: ReadonlySet<string>;
  readonly #taken = new Set<number>();
  readonly #after = new Map<string, Node>();
  readonly changes: Change[] = [];
  /** Names on the Disk at which it shows what was there before an effect of ours: it is to be asked for again. */
  readonly past = new Set<string>();

  constructor(
    folder: FolderNode,
    before: Children,
    entries: readonly ResourceReply[],
    elsewhere: Elsewhere,
    options: MergeOptions,
  ) {
    this.#folder = folder;
    this.#before = before;
    this.#elsewhere = elsewhere;
    this.#options = options;
    for (const node of before.values()) {
      if (node.remote.resourceId !== undefined) this.#byResource.set(node.remote.resourceId, node);
    }
    this.#listedResources = new Set(entries.flatMap((entry) => entry.resource_id ?? []));
  }

  add(entry: ResourceReply): void {
    const path = entryPath(this.#folder, entry.name);
    const remote = remoteSide(entry, path, this.#options.obtainedAtMs);
    if (this.#elsewhere.isPast(this.#folder.id, entry.name, remote)) {
      this.#leaveOut(entry, remote);
      return;
    }
    const claimed = this.#elsewhere.claimed(this.#folder.id, entry.name, kindOf(entry), remote);
    const known = claimed ? claimed.known : this.#known(entry);
    const place = { id: claimed?.id ?? known?.id ?? this.#elsewhere.newId(), parentId: this.#folder.id };
    const node = nodeOf(entry, place, path, this.#options.obtainedAtMs);
    this.#taken.add(node.id);
    this.#after.set(node.name, node);
    const isOurs = claimed !== undefined;
    if (!known) this.changes.push({ kind: 'new', node, isOurs });
    else if (known.parentId !== node.parentId || this.#before.get(known.name)?.id !== known.id)
      this.changes.push({ kind: 'moved-here', node, before: known, isOurs });
    else if (differs(node, known)) this.changes.push({ kind: 'changed', node, before: known });
  }

  /** What is known by now to stand there in its place stays. */
  #leaveOut(entry: ResourceReply, remote: RemoteSide): void {
    this.past.add(entry.name);
    const since = this.#before.get(shownName(entry.name));
    if (!since || this.#taken.has(since.id) || isSameRemote(since.remote, remote)) return;
    this.#taken.add(since.id);
    this.#after.set(since.name, since);
  }

  /** After the last entry: what the folder holds now, and what it does not hold any more. */
  finish(): { readonly children: Children; readonly gone: readonly Node[] } {
    const gone: Node[] = [];
    for (const node of this.#before.values()) {
      if (this.#taken.has(node.id)) continue;
      gone.push(node);
    }
    return { children: this.#after, gone };
  }

  #known(entry: ResourceReply): Node | undefined {
    const kind = kindOf(entry);
    const fits = (node: Node | undefined) =>
      node &&
      node.kind === kind &&
      !this.#taken.has(node.id) &&
      !this.#elsewhere.isClaimed(node.id) &&
      !this.#elsewhere.isGone(node.id, this.#folder.id, entry.name)
        ? node
        : undefined;
    const sameName = this.#options.isAnother ? undefined : this.#before.get(shownName(entry.name));
    const { resource_id: resourceId } = entry;
    if (resourceId === undefined) return fits(sameName);
    const same = fits(this.#byResource.get(resourceId)) ?? fits(this.#elsewhere.find(resourceId));
    if (same) return same;
    const wasReplaced = !this.#listedResources.has(sameName?.remote.resourceId ?? '');
    // Another folder holds other things; the one that was here may turn up elsewhere, with all that is known of it. But what is unsent in it stays under
    // its name: it may be ours, made again, where a listing that lagged had shown the one before.
    if (kind === 'folder' && sameName?.remote.resourceId !== undefined)
      return wasReplaced && this.#elsewhere.isAboveUnsent(sameName.id) ? fits(sameName) : undefined;
    return wasReplaced ? fits(sameName) : undefined;
  }
}

/** By what a listing tells of it: the same resource with the same bytes. */
function isSameRemote(one: RemoteSide, other: RemoteSide): boolean {
  return one.resourceId === other.resourceId && isSameContent(one.content, other.content);
}

/** Whether anything is different that is kept of a node; links come and go. */
function differs(one: Node, other: Node): boolean {
  const [a, b] = [one.remote, other.remote];
  return (
    one.name !== other.name ||
    a.path !== b.path ||
    a.name !== b.name ||
    a.resourceId !== b.resourceId ||
    a.revision !== b.revision ||
    a.modified.sec !== b.modified.sec ||
    a.modified.nsec !== b.modified.nsec ||
    a.publicUrl !== b.publicUrl ||
    a.properties !== b.properties ||
    a.shared !== b.shared ||
    a.mediaType !== b.mediaType ||
    a.mimeType !== b.mimeType ||
    !isSameContent(a.content, b.content) ||
    a.content?.md5 !== b.content?.md5 ||
    a.content?.versionTag !== b.content?.versionTag
  );
}
