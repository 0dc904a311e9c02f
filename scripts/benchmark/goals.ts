/** A figure to reach. All that is given must hold. */
export interface Goal {
  readonly atMost?: number;
  /** The value, as a multiple of rclone's in the same run. */
  readonly atLeastTimesRclone?: number;
  /** Requests to all hosts together. */
  readonly requestsAtMost?: number;
  /** As before, with those of mounting. */
  readonly requestsInAllAtMost?: number;
  readonly apiRequestsAtMost?: number;
  readonly megabytesAtMost?: number;
}

/** What a goal is held against: medians of one contender. */
export interface Reached {
  readonly value: number | null;
  readonly requests: number | undefined;
  readonly requestsInAll: number | undefined;
  readonly apiRequests: number | undefined;
  readonly bytes: number | undefined;
  readonly rcloneValue: number | null | undefined;
}

/** Whether it was reached; undefined where that cannot be said, as without rclone. */
export function isReached(goal: Goal, reached: Reached): boolean | undefined {
  const { value, requests, requestsInAll, apiRequests, bytes, rcloneValue } = reached;
  if (value === null) return false;
  const held = [
    goal.atMost === undefined || value <= goal.atMost,
    goal.requestsAtMost === undefined || (requests !== undefined && requests <= goal.requestsAtMost),
    goal.requestsInAllAtMost === undefined ||
      (requestsInAll !== undefined && requestsInAll <= goal.requestsInAllAtMost),
    goal.apiRequestsAtMost === undefined ||
      (apiRequests !== undefined && apiRequests <= goal.apiRequestsAtMost),
    goal.megabytesAtMost === undefined || (bytes !== undefined && bytes / 1e6 <= goal.megabytesAtMost),
  ];
  if (held.includes(false)) return false;
  if (goal.atLeastTimesRclone === undefined) return true;
  if (rcloneValue === undefined || rcloneValue === null) return undefined;
  return value >= goal.atLeastTimesRclone * rcloneValue;
}

/** In words: `≤ 6 s, ≤ 1700 requests`. */
export function goalWords(goal: Goal, unit: string): string {
  const {
    atMost,
    atLeastTimesRclone,
    requestsAtMost,
    requestsInAllAtMost,
    apiRequestsAtMost,
    megabytesAtMost,
  } = goal;
  return [
    atMost === undefined ? '' : `≤ ${atMost} ${unit}`,
    requestsAtMost === undefined ? '' : `≤ ${requestsAtMost} requests`,
    requestsInAllAtMost === undefined ? '' : `≤ ${requestsInAllAtMost} requests in all`,
    apiRequestsAtMost === undefined ? '' : `≤ ${apiRequestsAtMost} API requests`,
    megabytesAtMost === undefined ? '' : `≤ ${megabytesAtMost} MB`,
    atLeastTimesRclone === undefined ? '' : `≥ ${atLeastTimesRclone} × rclone`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
