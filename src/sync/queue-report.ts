/** What is on its way to the server, and what could not be sent; for `status`, `flush` and `unsent`. Paths are those in the mount, without a leading slash. */
export interface QueueReport {
  /** Files whose bytes are to go up, those under way too. */
  readonly uploads: number;
  readonly uploadBytes: number;
  /** All else that is due: folders, moves, deletes, dates. */
  readonly operations: number;
  /** Sent, and to be seen there by a listing of its folder, for the server loses dates silently. A flush waits for that, too. */
  readonly unconfirmed: number;
  readonly active: readonly ActiveUpload[];
  /** Why the rest of what is due is not under way. */
  readonly waiting: readonly WaitingWork[];
  readonly unsent: readonly UnsentWork[];
  readonly conflicts: readonly ConflictNote[];
}

export interface ActiveUpload {
  readonly path: string;
  readonly sentBytes: number;
  readonly sizeBytes: number;
}

/**
 * `write-back`: changed a moment ago. `open`: of a file that is being written, or was not closed since it was made. `retry`: it failed, and is tried
 * again. `turn`: what must come first is not done, or as much as may be is under way.
 */
export type WaitReason = 'write-back' | 'open' | 'retry' | 'turn';

/** What waits for the same. */
export interface WaitingWork {
  readonly reason: WaitReason;
  readonly changes: number;
  /** When time brings the first of them; undefined where it is not time that they wait for. */
  readonly untilMs: number | undefined;
}

/** Work that the server refused, or that is incomplete: it is kept until somebody retries, exports or discards it. */
export interface UnsentWork {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly sinceMs: number;
}

/** Ours was saved beside what others had put there. */
export interface ConflictNote {
  readonly path: string;
  readonly copy: string;
  readonly sinceMs: number;
}

/** What was deleted here: all of it, that of a name, or that at or under a place. */
export interface WhichDeletions {
  readonly name?: string | undefined;
  readonly place?: string | undefined;
}

/** What the rest of the daemon wants of whatever sends. */
export interface SendQueue {
  report(): QueueReport;
  /**
   * Ends the write-back delay of everything at or under the places (all without places), and waits until it is
   * there, with content and dates, as a listing has shown.
   * @throws Failure of what cannot be sent ('refused', 'no-space', …) when all else is there; 'aborted'
   */
  flush(places: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Ends the write-back delay of what was deleted here, and waits until it is deleted there: whoever asks looks for it in the trash.
   * @throws Failure of what cannot be sent; 'not-permitted' for what would not come into the trash: then nothing is sent; 'aborted'
   */
  sendDeletions(which: WhichDeletions, signal: AbortSignal): Promise<void>;
  /** Tries again what could not be sent, at or under the places (all without places). @returns how many */
  retry(places: readonly string[]): number;
  /** Gives up what is unsent at a place for good: the server's version shows again. @throws Failure 'not-found' */
  discard(place: string): Promise<void>;
  /** Copies the bytes of all unsent files into a folder of this machine, under their paths. @returns the files written */
  exportTo(folder: string, signal: AbortSignal): Promise<readonly string[]>;
}
