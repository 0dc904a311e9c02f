import { Failure } from '../errors.ts';
import type { SendQueue } from '../sync/queue-report.ts';

/** The queue of a mount for reading: nothing is ever due. */
export const emptyQueue: SendQueue = {
  report: () => ({
    ...{ uploads: 0, uploadBytes: 0, operations: 0, unconfirmed: 0 },
    ...{ active: [], waiting: [], unsent: [], conflicts: [] },
  }),
  flush: async () => {},
  sendDeletions: async () => {},
  retry: () => 0,
  discard: async (place) => {
    throw new Failure('not-found', `Nothing is unsent at ${place}`, { path: place });
  },
  exportTo: async () => [],
};
