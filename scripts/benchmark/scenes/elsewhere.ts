import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Plot } from '../planting.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { trafficSoFar } from '../traffic.ts';
import { scaled } from './scale.ts';

const entrySchema = z.object({ sizeBytes: z.int() });
/** rclone has it in five minutes; that is not waited for. */
const patienceSeconds = 60;
/** Our default for `--poll-interval`. */
const intervalSeconds = 10;
/** More than a request takes. */
const answerMs = 250;

/** Waits for the next request of the mount, if one comes, and for its answer: then the next poll is the farthest away. */
async function afterRequest({ site, signal }: Stage, seconds: number): Promise<void> {
  const untilMs = performance.now() + seconds * 1000;
  const first = await trafficSoFar(site.control);
  let now = first;
  while (now.apiRequests === first.apiRequests && performance.now() < untilMs) {
    await sleep(50, undefined, { signal });
    now = await trafficSoFar(site.control);
  }
  await sleep(answerMs, undefined, { signal });
}

export function changeElsewhere(scale: number): Scene {
  const idleSeconds = scaled(30, scale);
  const plots: Plot[] = [{ path: '', declared: { files: 10, fileSizeBytes: 1000 } }];
  const names = {
    seen: `seen, waited for ${patienceSeconds} s at most`,
    requests: `requests of an idle mount in ${idleSeconds} s`,
    processor: `processor of an idle mount in ${idleSeconds} s`,
  };
  return {
    number: 13,
    title: 'a change made elsewhere, just after the folder was looked at',
    measures: [
      { name: names.seen, unit: 's', goal: { atMost: 15 } },
      {
        name: names.requests,
        unit: 'requests',
        goal: { atMost: Math.ceil(idleSeconds / intervalSeconds) },
        bound: 'one per interval: poll',
        boundValue: Math.ceil(idleSeconds / intervalSeconds),
      },
      { name: names.processor, unit: '% of a core', goal: { atMost: 1 } },
    ],
    plots,
    files: [],
    run: async (stage) => {
      const mounted = await stage.mount();
      const file = join(mounted.mountpoint, 'file-3.txt');
      await stage.compareFiles(mounted, plots);
      const idle = await stage.observe(names.requests, mounted, async () => {
        await sleep(idleSeconds * 1000, undefined, { signal: stage.signal });
        return null;
      });

      const path = `${stage.diskPath}/file-3.txt`;
      const before = entrySchema.parse(
        await stage.site.control.get(`entry?path=${encodeURIComponent(path)}`),
      );
      const sizeBytes = before.sizeBytes + 1;
      const plan = { kind: 'wait-for-size', file, sizeBytes, seconds: patienceSeconds } as const;
      const probe = await stage.probe(plan);
      const change = await stage.observe(names.seen, mounted, async () => {
        await stage.run('ls -l "$1"', mounted.mountpoint);
        await afterRequest(stage, scaled(intervalSeconds + 1, scale));
        await stage.site.control.post('put', { path, text: 'x'.repeat(sizeBytes) });
        const { seconds } = await probe.perform();
        if (seconds !== null) {
          const { stdout } = await stage.run('cat "$1"', file);
          stage.compare('changed file', [stdout], ['x'.repeat(sizeBytes)]);
        }
        return seconds;
      });
      return [
        change,
        { ...idle, value: (idle.traffic?.apiRequests ?? 0) + (idle.traffic?.dataRequests ?? 0) },
        { measure: names.processor, value: (100 * (idle.cpuSeconds ?? 0)) / idleSeconds },
      ];
    },
  };
}
