import { z } from 'zod';
import { Failure, type FailureCode } from '../errors.ts';

/**
 * What a command and the process behind a mount say to each other over its socket: one connection for one request, each message one line
 * of JSON. The answer is any number of `progress` and `working`, and then `done` or `failed`. Who closes the connection has given up.
 */
export const protocolVersion = 1;

/** A request names paths, at most as many as fit on a command line. */
export const longestRequestBytes = 4 << 20;
/** An answer lists what could not be sent, which may be a whole tree. */
export const longestReplyBytes = 64 << 20;
/** While a request takes its time, its client hears something at least this often. */
export const workingIntervalMs = 2_000;

const places = z.array(z.string());
/** 0 = no limit */
const rate = z.number().int().nonnegative();

/**
 * `places`, `place`: paths in the mount without a leading slash; none = all. `folder`: an absolute path of this machine. `paths`: of the Disk of
 * the person `uid`.
 */
export const controlRequest = z.discriminatedUnion('command', [
  z.object({ command: z.literal('status') }),
  z.object({ command: z.literal('flush'), places }),
  z.object({
    command: z.literal('send-deletions'),
    name: z.string().optional(),
    place: z.string().optional(),
  }),
  z.object({ command: z.literal('drain') }),
  z.object({ command: z.literal('retry'), places }),
  z.object({ command: z.literal('discard'), place: z.string() }),
  z.object({ command: z.literal('export'), folder: z.string().startsWith('/') }),
  z.object({ command: z.literal('locate'), place: z.string() }),
  z.object({ command: z.literal('look-again'), uid: z.string(), paths: z.array(z.string()) }),
  z.object({ command: z.literal('pause') }),
  z.object({ command: z.literal('resume') }),
  z.object({
    command: z.literal('limit'),
    upBytesPerSecond: rate.optional(),
    downBytesPerSecond: rate.optional(),
  }),
  z.object({ command: z.literal('cache-stats') }),
  z.object({ command: z.literal('cache-clear') }),
  z.object({ command: z.literal('cache-verify') }),
  z.object({ command: z.literal('pin'), places }),
  z.object({ command: z.literal('unpin'), places }),
  z.object({ command: z.literal('pins') }),
]);
export type ControlRequest = z.infer<typeof controlRequest>;

export const versioned = z.object({ version: z.number() });

const count = z.number().int().nonnegative();
/** ISO 8601 */
const date = z.iso.datetime();

const queueStatus = z.object({
  uploads: count,
  uploadBytes: count,
  operations: count,
  /** Sent, and to be looked at once more; not told by older mounts. */
  unconfirmed: count.default(0),
  active: z.array(z.object({ path: z.string(), sentBytes: count, sizeBytes: count })),
  /** Reasons are those of sync/queue-report.ts, and those that only a later version knows; not told by older mounts. */
  waiting: z.array(z.object({ reason: z.string(), changes: count, until: date.nullable() })).default([]),
});
export type QueueStatus = z.infer<typeof queueStatus>;

const limits = z.object({ upBytesPerSecond: rate, downBytesPerSecond: rate });
export type Limits = z.infer<typeof limits>;

const pinCounts = { files: count, filesHere: count, bytes: count, bytesHere: count };

const pinStatus = z.object({
  path: z.string(),
  kind: z.enum(['file', 'folder']),
  /** See sync/pin-report.ts; others that only a later version knows are shown as they are. */
  state: z.string(),
  ...pinCounts,
  message: z.string().nullable(),
  since: date,
});
export type PinStatus = z.infer<typeof pinStatus>;

/** One mount in the answer of `status --json`. What the Disk has not told yet is null. */
export const mountStatus = z.object({
  mountpoint: z.string(),
  account: z.string(),
  root: z.string(),
  state: z.enum(['online', 'offline', 'paused', 'login-needed']),
  /** Why the Disk cannot be reached, null while it can, paused or not; not told by older mounts. */
  outage: z.object({ message: z.string(), hint: z.string().nullable() }).nullable().default(null),
  queue: queueStatus,
  unsent: z.array(z.object({ path: z.string(), code: z.string(), message: z.string(), since: date })),
  conflicts: z.array(z.object({ path: z.string(), copy: z.string(), since: date })),
  quota: z.object({
    totalBytes: count.nullable(),
    usedBytes: count.nullable(),
    trashBytes: count.nullable(),
  }),
  cache: z.object({ usedBytes: count, limitBytes: count }),
  /** Of all pins together, what two of them hold counted once; `usedBytes` is the room that it takes. Not told by older mounts. */
  pins: z
    .object({ count, ...pinCounts, usedBytes: count })
    .default({ count: 0, files: 0, filesHere: 0, bytes: 0, bytesHere: 0, usedBytes: 0 }),
  remote: z.object({ revision: z.number().nullable(), checkedAt: date.nullable() }),
  /** Bytes a second, 0 = no limit; not told by older mounts. */
  limits: limits.default({ upBytesPerSecond: 0, downBytesPerSecond: 0 }),
  requests: z.object({ api: count, data: count }),
  version: z.string(),
  pid: z.number().int().positive(),
});
export type MountStatus = z.infer<typeof mountStatus>;

const cacheStats = z.object({ usedBytes: count, limitBytes: count, extents: count });
export type CacheStats = z.infer<typeof cacheStats>;
const cacheVerdict = z.object({ extents: count, blocks: count, bytes: count, wrongBlocks: count });
export type CacheVerdict = z.infer<typeof cacheVerdict>;

/** Where the Disk has something that a mount shows, and whose Disk that is. */
const located = z.object({
  path: z.string().startsWith('disk:/'),
  kind: z.enum(['file', 'folder']),
  uid: z.string(),
  account: z.string(),
});
export type Located = z.infer<typeof located>;

const failureBody = z.object({
  // Codes that only a later version knows are shown as they are.
  code: z.custom<FailureCode>((code) => typeof code === 'string'),
  message: z.string(),
  path: z.string().optional(),
  hint: z.string().optional(),
});

export const controlReply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), progress: queueStatus }),
  z.object({ kind: z.literal('working') }),
  z.object({ kind: z.literal('done'), result: z.unknown() }),
  z.object({ kind: z.literal('failed'), error: failureBody }),
]);
export type ControlReply = z.infer<typeof controlReply>;

export const results = {
  status: mountStatus,
  flush: z.object({}),
  'send-deletions': z.object({}),
  drain: z.object({}),
  retry: z.object({ retried: count }),
  discard: z.object({}),
  pin: z.object({}),
  unpin: z.object({}),
  pins: z.object({ pins: z.array(pinStatus) }),
  export: z.object({ files: z.array(z.string()) }),
  locate: located,
  'look-again': z.object({ folders: count }),
  pause: z.object({}),
  resume: z.object({}),
  limit: limits,
  'cache-stats': cacheStats,
  'cache-clear': z.object({ freedBytes: count }),
  'cache-verify': cacheVerdict,
} satisfies Record<ControlRequest['command'], z.ZodType>;

/** What a client is told of an error. That of a bug says no more than its message. */
export function failureReply(error: unknown): ControlReply {
  const failure = error instanceof Failure ? error : undefined;
  return {
    kind: 'failed',
    error: {
      code: failure?.code ?? 'local',
      message:
        failure?.message ?? `Something went wrong: ${error instanceof Error ? error.message : String(error)}`,
      path: failure?.path,
      hint: failure?.hint,
    },
  };
}

export function lineOf(message: ControlRequest | ControlReply): string {
  return `${JSON.stringify({ version: protocolVersion, ...message })}\n`;
}
