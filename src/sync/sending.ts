import type { Api } from '../disk-api/api.ts';
import type { Digest } from '../disk-api/upload-body.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { LocalNode, ServerPlace } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { Node } from '../tree/node.ts';
import { lagMs, unseenMs } from '../tree/past-entries.ts';
import type { Copies } from './copies.ts';
import type { Effects } from './effects.ts';
import type { FolderLooks } from './folder-looks.ts';
import type { MovedThere } from './moved-there.ts';
import type { KnownFolderPlace, ServerPaths } from './server-paths.ts';

/** One version of a draft, open to be sent. `Draft` of content/ has this shape. */
export interface OutgoingDraft {
  /** After `complete`. */
  readonly sizeBytes: number;
  /** From `complete` on it stays as it is, whatever is written to the file. */
  readonly isFrozen?: boolean;
  /** Fetches what the base has and the draft has not. @throws Failure 'stale': it never will be complete */
  complete(signal: AbortSignal): Promise<void>;
  /** It survives a loss of power. */
  sync(): Promise<void>;
  /** The bytes from `start` on. @throws Failure 'local' when they change meanwhile */
  stream(start: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Where ours went because others had been there. Paths are those of the Disk. */
interface Conflict {
  readonly id: number;
  readonly path: string;
  readonly copy: string;
}

/** What the executor wants of all others. */
export interface SendingHooks {
  /** A folder as the server last showed it; undefined where it is not known. */
  readonly folder: (id: number) => KnownFolderPlace | undefined;
  /** Where the last listing showed a node: the folder, and the Disk's own name. */
  readonly knownAt: (id: number) => ServerPlace | undefined;
  /** The same, with all that it showed of it; the version there need not be ours. */
  readonly lastShown: (id: number) => Node | undefined;
  /**
   * Lists a folder anew and takes over what it shows; entries that differ here get the numbers that they have here.
   * @returns its entries by the Disk's own names
   * @throws Failure 'stale' for a folder that was never shown
   */
  readonly relist: (folderId: number, signal: AbortSignal) => Promise<ReadonlyMap<string, Node>>;
  /** Whether the last listing has shown there what was there before an effect of ours: then nothing is among its entries. */
  readonly showsPast: (folderId: number, diskName: string) => boolean;
  /** The last listing of a folder has shown all that we had made there. */
  readonly noteConfirmed: (folderId: number) => void;
  /** The Disk has just made this folder: nothing but ours is in it. */
  readonly noteMade: (folderId: number) => void;
  /** Large files of this size as listings last showed them, a bounded number; with a digest, only those that have it. */
  readonly filesOf: (sizeBytes: number, digest?: Digest) => readonly Node[];
  /** Whether others share a folder with us. */
  readonly isShared: (folderId: number) => boolean;
  /** Folders that programs looked into, the last one first. */
  readonly foldersInUse: () => readonly number[];
  /** The Disk's revision was read: listings that are asked for from now on are good for it. */
  readonly noteRevision: (revision: number | undefined) => void;
  /** All that is beneath a folder, where it is known as the Disk has it by the revision that was noted last; else undefined. */
  readonly goodBeneath: (folderId: number) => readonly Node[] | undefined;
  /** The number stands for what is here alone from now on: what the server shows under it gets another. */
  readonly letGo: (id: number) => void;
  /** @throws Failure 'refused' when the login is not that of whose work this is; 'offline', … when it cannot be told */
  readonly requireOwner: (signal: AbortSignal) => Promise<void>;
  /** For a file that is open, one that is frozen. @throws Failure 'not-found' when its bytes are not here */
  readonly openDraft: (node: LocalNode, draft: DraftState) => Promise<OutgoingDraft>;
  /** A new draft with the bytes that the server has of a file. Others of it may come while it is open. */
  readonly fetchDraft: (node: LocalNode, signal: AbortSignal) => Promise<DraftState>;
  /** A number that no node ever had. */
  readonly newId: () => number;
  /** The server shows these very bytes: they may be kept as blocks. What this fails with is of no consequence. */
  readonly adoptDraft: (draft: DraftState, shown: Node) => Promise<void>;
  /** Whether programs have it open with bytes of ours. */
  readonly isOpen: (id: number) => boolean;
  /** A program has written since its last flush: for so long neither bytes nor date are to be sent, if it does not go on. Else 0. */
  readonly heldForMs: (id: number) => number;
  /** Copies the bytes as they are here, holes and all. */
  readonly exportDraft: (
    node: LocalNode,
    draft: DraftState,
    file: string,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Told of what users may want to know. */
  readonly onNotice: (notice: SendingNotice) => void;
}

export type SendingNotice =
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  /** The Disk took a name and spelt it otherwise. */
  | { readonly kind: 'respelt'; readonly asked: string; readonly shown: string }
  /** A change here came to nothing, since others had changed the same. */
  | { readonly kind: 'gave-way'; readonly path: string; readonly what: 'move' | 'delete' }
  | {
      readonly kind: 'failed';
      readonly path: string | undefined;
      readonly error: unknown;
      /** It will not go by itself, or not soon, and this was not said before. */
      readonly needsAttention?: boolean;
    };

export interface SendingOptions {
  /** Deletes past the trash. */
  readonly deletesPermanently: boolean;
  /** Files from this size on are copied on the server where it has their bytes; what `filesOf` finds has at least so many. */
  readonly copiedFromBytes: number;
  /** Files from this size on, of kinds that the Disk takes slowly, go up under a neutral name; Infinity: none. */
  readonly neutralFromBytes: number;
  /** Named in conflict copies. */
  readonly hostName: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly timing: SendingTiming;
}

interface SendingTiming {
  /** Properties that come sooner after an upload of the same file may be lost. */
  readonly dateDelayMs: number;
  /** For so long after an effect of ours the state before it is lag, not news. */
  readonly lagMs: number;
  /** For so long nothing where something of ours should be is lag; after it others have taken that away. */
  readonly unseenMs: number;
  /** After an effect a folder is looked at no sooner. */
  readonly confirmDelayMs: number;
  /** After a restart an upload that does not show is waited for so long, and longer by its size. */
  readonly lateUploadMs: number;
}

/**
 * Yandex's own advice is to wait 1.5 to 3 s; what is lost all the same is seen by the listing that confirms it, and sent again. Small files were seen at once
 * (API reference, 7); of large ones the upload itself waits until they show.
 */
export const usualSendingTiming: SendingTiming = {
  dateDelayMs: 2_000,
  lagMs,
  unseenMs,
  confirmDelayMs: 400,
  lateUploadMs: 5_000,
};

/** A copy is three requests where an upload is two or three: smaller ones gain nothing, and go up within a moment. */
export const usualCopiedFromBytes = 1 << 20;

/** What all steps share. */
export interface Sending {
  readonly api: Api;
  readonly local: LocalTree;
  readonly hooks: SendingHooks;
  readonly options: SendingOptions;
  readonly paths: ServerPaths;
  readonly effects: Effects;
  readonly looks: FolderLooks;
  readonly moved: MovedThere;
  readonly copies: Copies;
  /** What has come out about the server by moving one file onto another. */
  readonly moveOver: { isRefused: boolean };
}
