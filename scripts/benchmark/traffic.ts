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
  /** Bodies of both, as they came to the server. */
  readonly bytesUp: number;
}

const tallySchema = z.object({
  count: z.int(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  inFlight: z.int(),
});
const snapshotSchema = z.object({ all: tallySchema, roles: z.record(z.string(), tallySchema) });

/** rclone reads on for some seconds after its reader has gone. */
const quietTimeoutMs = 10_000;
const quietMs = 150;

/** Everything that reached the stand-in since it was started, requests on their way included. */
export async function trafficSoFar(control: DiskControl): Promise<Traffic> {
  return (await look(control)).traffic;
}

/** As `trafficSoFar`, once nothing is on its way any more: what was read ahead for nobody counts too. */
export async function settledTraffic(control: DiskControl): Promise<Traffic> {
  const untilMs = performance.now() + quietTimeoutMs;
  for (;;) {
    await sleep(quietMs);
    const { traffic, inFlight } = await look(control);
    if (inFlight === 0 || performance.now() > untilMs) return traffic;
  }
}

/** What was added between two looks. */
export function trafficBetween(before: Traffic, after: Traffic): Traffic {
  return {
    apiRequests: after.apiRequests - before.apiRequests,
    dataRequests: after.dataRequests - before.dataRequests,
    bytes: after.bytes - before.bytes,
    bytesUp: after.bytesUp - before.bytesUp,
  };
}

async function look(control: DiskControl): Promise<{ readonly traffic: Traffic; readonly inFlight: number }> {
  const { all, roles } = snapshotSchema.parse(await control.get('statistics'));
  const apiRequests = roles['api']?.count ?? 0;
  const dataRequests = all.count - apiRequests;
  return {
    traffic: { apiRequests, dataRequests, bytes: all.bytesOut, bytesUp: all.bytesIn },
    inFlight: all.inFlight,
  };
}
