import type { CallOptions } from './api.ts';
import type { DiskPath } from './paths.ts';
import type { ResourceReply } from './replies.ts';
import type { Digest } from './upload-body.ts';
import type { Wreck } from './upload-look.ts';

/** What is known when only the last bytes are missing. */
export interface LastBytes {
  readonly digest: Digest;
  /** 1 for the first try. */
  readonly attempt: number;
  /** What an earlier try left at the path when it broke off; this one replaces it. */
  readonly wreck: Wreck | undefined;
  /** Tells what came of it, also after a restart. */
  readonly operationId: string | undefined;
  /** Fires when the answer comes too late for this try. */
  readonly signal: AbortSignal;
}

export interface UploadTiming {
  /** For so long the last bytes are held back. */
  readonly holdMs: number;
  /** A connection that takes no byte for this long is dead. */
  readonly stallMs: number;
  /** The wait for the answer after the last byte. */
  readonly tailMs: (sizeBytes: number) => number;
  /** How long the Disk is looked at after the connection broke behind the last byte. */
  readonly brokenMs: (sizeBytes: number) => number;
  /** While an answer is waited for, the operation is asked about after this long, and then again. */
  readonly operationEveryMs: number;
}

const gibibyte = 1024 ** 3;
/** Hashes are computed before the answer; commits of 10 to 14 GB were seen 15 to 25 minutes late, "3 min/GB" were asked for. */
const commitMsPerGibibyte = 3 * 60_000;

export const usualTiming: UploadTiming = {
  holdMs: 10_000,
  stallMs: 30_000,
  tailMs: (sizeBytes) => 60_000 + (sizeBytes / gibibyte) * commitMsPerGibibyte,
  brokenMs: (sizeBytes) => 10_000 + (sizeBytes / gibibyte) * commitMsPerGibibyte,
  operationEveryMs: 3_000,
};

export interface UploadRequest extends CallOptions {
  readonly path: DiskPath;
  /** Replaces a file that is there. What is new here goes up without, and fails with 'exists' where something is. */
  readonly overwrite: boolean;
  readonly sizeBytes: number;
  /** The bytes from `start` on; asked for anew by each try, and always the same. At present always from 0 on. */
  readonly open: (start: number) => AsyncIterable<Uint8Array>;
  /**
   * Called when all but the last bytes are out (of a small or empty file: before anything is sent) and the hash is known. The upload
   * takes effect only after it has resolved. When it rejects, the connection is dropped and the upload fails with what it
   * rejected with. It is called again for each try, and has 10 s; after that the try is given up for a new one.
   */
  readonly beforeLastBytes?: ((about: LastBytes) => Promise<void>) | undefined;
  /**
   * An answer of 201 is taken for the end, and the operation is not asked: for whoever looks at the folder afterwards anyway. Without it the
   * operation must have succeeded.
   */
  readonly trustsCreated?: boolean;
  /** As `Sent.isOld`. */
  readonly isOld?: ((shown: ResourceReply) => boolean) | undefined;
  /** Bytes of this try that were handed to the network; begins again at 0 with each try. */
  readonly onProgress?: ((sentBytes: number) => void) | undefined;
  readonly timing?: Partial<UploadTiming>;
}
