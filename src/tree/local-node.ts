import type { DraftState } from './draft-state.ts';
import type { Timestamp } from './times.ts';
import type { Traits } from './traits.ts';

/** The bytes of a file as the server told them. */
export interface BaseContent {
  readonly sizeBytes: number;
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  /** Tells versions apart where there is no hash (disk-api's `versionTagOf`). */
  readonly versionTag: string;
}

/**
 * What the server has of a node, as it was last looked at or as we last made it: what this machine started from. The folder is named by its
 * number, so that the path follows when a folder above is moved.
 */
export interface Base {
  readonly parentId: number;
  /** The Disk's own name in that folder. */
  readonly name: string;
  readonly resourceId: string | undefined;
  /** Undefined for a folder. */
  readonly content: BaseContent | undefined;
  readonly modified: Timestamp;
  /** Custom properties in JSON; undefined where there are none. */
  readonly properties: string | undefined;
}

/** What stood under a name when something of ours took it over: the version that ours goes up in place of. */
interface Replaced {
  readonly id: number;
  readonly base: Base;
}

/** A place on the server: what `path` was at the moment. */
export interface ServerPlace {
  readonly parentId: number;
  /** The Disk's own name. */
  readonly name: string;
}

/** The bytes of a draft that are to come to a place. */
interface SentBytes {
  readonly path: string;
  readonly place: ServerPlace;
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
  /** Of the draft that is sent. */
  readonly version: number;
  /** They go under a name of ours for the time being; the file is moved to its own afterwards. */
  readonly isBeside: boolean;
  readonly operationId: string | undefined;
}

/**
 * What is about to be done on the server, written down before it can take effect: after a restart or a lost reply it tells ours from what
 * others did. Paths are those of the moment.
 */
export type Intent =
  | ({ readonly kind: 'upload' } & SentBytes)
  /** The same bytes, which the server has elsewhere: it copies them itself. */
  | ({ readonly kind: 'copy'; readonly from: string } & SentBytes)
  | { readonly kind: 'make-folder'; readonly path: string; readonly place: ServerPlace }
  | {
      readonly kind: 'move';
      readonly from: string;
      readonly to: string;
      /** The same as `to`. */
      readonly place: ServerPlace;
      readonly operationId: string | undefined;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly operationId: string | undefined };

/** Why it could not be sent; kept, shown by `status`, and tried again when that makes sense. */
export interface Trouble {
  /**
   * A `FailureCode`, or 'unfinished': the program or the machine ended before the file was closed for the first time; or 'not-kept': the Disk
   * took it, and does not show it.
   */
  readonly code: string;
  readonly message: string;
  readonly sinceMs: number;
  /** Undefined: not before somebody says so. Unix milliseconds, as all here. */
  readonly retryAtMs: number | undefined;
}

/**
 * What differs here from what the server has. A value: what changes is a new one with the same id.
 *
 * INVARIANT: what differs from `base` is due: another place, a draft whose version is not the one that was sent, another date, other traits; with no
 * base, everything; when deleted, the base itself. What does not differ any more is forgotten when a listing has shown it.
 */
export interface LocalNode {
  /** The number of the node, shared with what is known of it from the server; st_ino. */
  readonly id: number;
  readonly kind: 'file' | 'folder';
  /** Where it stands here; of what was deleted, where it stood. */
  readonly parentId: number;
  readonly name: string;
  /** `deleted` with a base: a tombstone, gone here and not there yet; without: open still, and never to be sent. */
  readonly state: 'shown' | 'deleted';
  /**
   * libfuse gave an open file this name in place of removing it: the name finds it, no listing shows it. `tentative` until it is clear whether it
   * was removed or is about to be replaced; what is tentative after a crash stands where it stood.
   */
  readonly hidden: { readonly name: string; readonly tentative: boolean } | undefined;
  /** Undefined: the server never had it. */
  readonly base: Base | undefined;
  readonly replaces: Replaced | undefined;
  /** Bytes of ours; undefined: those of the base. */
  readonly draft: DraftState | undefined;
  /** A date that was set or made here; undefined: that of the base. */
  readonly modified: Timestamp | undefined;
  /**
   * Traits that were set or made here; undefined: those of the base. INVARIANT: never undefined where there is a draft, since those of the base
   * describe other bytes.
   */
  readonly traits: Traits | undefined;
  /** The last change here. The write-back delay begins here. */
  readonly changedAtMs: number;
  readonly intent: Intent | undefined;
  readonly trouble: Trouble | undefined;
}

/** One of which nothing is known but where it stands. */
export function blankNode(
  id: number,
  kind: LocalNode['kind'],
  { parentId, name }: Pick<LocalNode, 'parentId' | 'name'>,
  changedAtMs: number,
): LocalNode {
  return {
    id,
    kind,
    parentId,
    name,
    state: 'shown',
    hidden: undefined,
    base: undefined,
    replaces: undefined,
    draft: undefined,
    modified: undefined,
    traits: undefined,
    changedAtMs,
    intent: undefined,
    trouble: undefined,
  };
}
