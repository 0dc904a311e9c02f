import type { WhichDeletions } from '../sync/queue-report.ts';
import type {
  CacheStats,
  CacheVerdict,
  Limits,
  Located,
  MountStatus,
  PinStatus,
  QueueStatus,
} from './control-messages.ts';

/** What commands may want of a mount that runs. Places are paths in the mount without a leading slash. */
export interface MountControl {
  status(signal: AbortSignal): Promise<MountStatus>;
  /**
   * Resolves when everything at or under the places (all without places) is on the server.
   * `onProgress` hears of the whole queue, several times a second.
   * @throws Failure of the first of it that cannot be sent, 'aborted'
   */
  flush(
    places: readonly string[],
    signal: AbortSignal,
    onProgress: (queue: QueueStatus) => void,
  ): Promise<void>;
  /**
   * Resolves when what was deleted here (all, of that name, at or under that place) is in the trash of the Disk.
   * @throws Failure as `flush`; 'not-permitted' where deletions go past the trash
   */
  sendDeletions(which: WhichDeletions, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the mount is gone, by whomever, and everything is on the server: for so long its process stays.
   * `onProgress` hears of the queue from the beginning: then the end is waited for.
   * @throws Failure of the first of it that cannot be sent, 'aborted'
   */
  drain(signal: AbortSignal, onProgress: (queue: QueueStatus) => void): Promise<void>;
  /** Keeps what stands at the places here from now on. @throws Failure 'not-found', and what looking for it throws */
  pin(places: readonly string[], signal: AbortSignal): Promise<void>;
  /** … and no more. @throws Failure 'not-found' for a place that is not pinned by itself: then all stay */
  unpin(places: readonly string[]): Promise<void>;
  pins(): PinStatus[];
  /** Tries again what could not be sent, at or under the places (all without places). @returns how many */
  retry(places: readonly string[]): number;
  /** Gives up what is unsent at a place for good. @throws Failure 'not-found' */
  discard(place: string): Promise<void>;
  /** Copies the bytes of all unsent files into a folder of this machine. @returns the files written */
  exportTo(folder: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Where the Disk has what is shown at a place. @throws Failure 'not-found', 'local' where it does not have it yet */
  locate(place: string, signal: AbortSignal): Promise<Located>;
  /** A command has changed something at these paths of the Disk of that person. @returns how many folders were listed again */
  lookAgain(uid: string, paths: readonly string[], signal: AbortSignal): Promise<number>;
  /** Sends nothing until `resume`, or the end of the mount. @throws Failure 'read-only' */
  pause(): void;
  resume(): void;
  /** Sets the limits that are given. @returns those that hold now */
  limit(limits: { readonly [Direction in keyof Limits]: number | undefined }): Limits;
  /** Of the blocks on the local disk. */
  cacheStats(): CacheStats;
  /** @returns the room that they took */
  cacheClear(): Promise<number>;
  /** Reads all of them, and takes out the wrong ones. */
  cacheVerify(signal: AbortSignal): Promise<CacheVerdict>;
}
