import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { DiskControl } from './site.ts';

/** What reached the server, and what it sent. */
export interface Traffic {
  readonly apiRequests: number;
  /** To the hosts of the data: one that redirects counts, as does the one that it leads to. */
  readonly dataRequests: number;
  /** Bodies of both, as the server sent them. */
  readonly bytes: number;
}

const tallySchema = z.object({ count: z.int(), bytesOut: z.number(), inFlight: z.int() });
const snapshotSchema = z.object({ all: tallySchema, roles: z.record(z.string(), tallySchema) });

/** rclone reads on for some seconds after its reader has gone. */
const quietTimeoutMs = 10_000;
const quietMs = 150;

export async function resetTraffic(control: DiskControl): Promise<void> {
  await control.post('statistics/reset');
}

/** Since the reset, once nothing is on its way any more: what was read ahead for nobody counts too. */
export async function settledTraffic(control: DiskControl): Promise<Traffic> {
  const untilMs = performance.now() + quietTimeoutMs;
  for (;;) {
    await sleep(quietMs);
    const { all, roles } = snapshotSchema.parse(await control.get('statistics'));
    if (all.inFlight > 0 && performance.now() < untilMs) continue;
    const apiRequests = roles['api']?.count ?? 0;
    return { apiRequests, dataRequests: all.count - apiRequests, bytes: all.bytesOut };
  }
}
