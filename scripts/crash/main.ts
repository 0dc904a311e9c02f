/**
 * Kills a drive again and again while programs work in it, and looks each time whether all is there that was acknowledged; at the end the
 * server must be exactly that. scripts/crash-test --help; the model of what may be there: allowed.ts.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandIn } from '../../test/stand-in/index.ts';
import { seededRandom } from '../../test/stand-in/random.ts';
import { Campaign } from './campaign.ts';
import { settingsOf, unusualWords } from './doubtful-settings.ts';
import { FolderSubject } from './folder-subject.ts';
import { MountedSubject } from './mounted-subject.ts';
import { type CrashOptions, parseOptions, usage } from './options.ts';
import { startPowerCutDisk } from './power/power-cut-disk.ts';
import { seenOnServer } from './server-side.ts';

let options: CrashOptions | 'help';
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(`crash-test: ${messageOf(error)}\n${usage}`);
  process.exit(2);
}
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
if (options === 'help') console.log(usage);
else process.exitCode = await crashTest(options, stopping.signal);
process.exit();

async function crashTest(options: CrashOptions, signal: AbortSignal): Promise<number> {
  const { seed, rounds, seconds } = options;
  const startedMs = performance.now();
  const random = seededRandom(`campaign ${seed}`);
  const settings = settingsOf(options.settings, random);
  const delayMs = [0, 5, 40][random.below(3)] ?? 0;
  const work = await mkdtemp(join(tmpdir(), 'yadiskfs-crash-'));
  const standIn = await startStandIn({ settings, wire: { delayMs, logCapacity: 200 }, seed });
  if (options.faults) addFaults(standIn);
  console.error(`crash-test: seed ${seed}; ${unusualWords(settings)}; ${delayMs} ms a request; ${work}`);
  const powerCutDisk = options.power ? await startPowerCutDisk(join(work, 'state')) : undefined;
  const subject = options.withoutMount
    ? new FolderSubject(work, standIn.model, powerCutDisk)
    : await MountedSubject.in({
        work,
        environment: { YADISKFS_TOKEN: standIn.token, YADISKFS_API_URL: standIn.apiUrl },
        random,
        powerCutDisk,
        logLevel: options.logLevel,
      });
  const campaign = new Campaign(standIn, subject, random, { ...options, work });
  let round = 0;
  try {
    await campaign.begin();
    while (round < rounds && performance.now() - startedMs < seconds * 1000) {
      signal.throwIfAborted();
      round += 1;
      await campaign.round(round);
      if (round % 10 === 0) console.error(`crash-test: ${round} rounds, ${campaign.steps} steps`);
    }
    await campaign.end();
    console.log(
      `crash-test: ${options.power ? 'power was lost' : 'killed'} ${campaign.kills} times and ${campaign.killsWhileStarting} times while starting, ` +
        `${campaign.steps} steps acknowledged, ${copiesOn(standIn)} files copied on the server, compared with the server ${campaign.comparisons} times: all of it is there, and nothing else ` +
        `(seed ${seed}, ${((performance.now() - startedMs) / 1000).toFixed(0)} s)`,
    );
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    console.error(`crash-test: the drive's last words:\n${subject.lastWords()}`);
    console.log(
      `crash-test: FAILED in round ${round} after ${campaign.kills} kills (--seed ${seed} --settings '${JSON.stringify(settings)}'): ${messageOf(error)}`,
    );
    return 1;
  } finally {
    if (options.keep) await keepForALook(work, standIn);
    await subject.close();
    await powerCutDisk?.close();
    await standIn.close();
    if (options.keep) console.error(`crash-test: kept ${work}`);
    else await rm(work, { recursive: true, force: true });
  }
}

/** What else is gone with this process: the state on a disk that loses power, and the server. */
async function keepForALook(
  work: string,
  { model }: Awaited<ReturnType<typeof startStandIn>>,
): Promise<void> {
  await cp(join(work, 'state'), join(work, 'state at the end'), { recursive: true });
  const entries = [...(await seenOnServer(model))].sort(([one], [other]) => (one < other ? -1 : 1));
  const lines = entries.map(([path, entry]) => `${path} ${JSON.stringify(entry, replacer)}`);
  await writeFile(join(work, 'server.txt'), `${lines.join('\n')}\n`);
}

function replacer(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : typeof value === 'function' ? value() : value;
}

function copiesOn({ wire }: Awaited<ReturnType<typeof startStandIn>>): number {
  return wire.statistics.snapshot().routes['resources.copy']?.count ?? 0;
}

/** Rare enough that work goes on. */
function addFaults({ wire }: Awaited<ReturnType<typeof startStandIn>>): void {
  const roles = { role: '*' };
  wire.faults.add({ ...roles, fault: { kind: 'lost-reply' }, probability: 0.01 });
  wire.faults.add({ ...roles, fault: { kind: 'reset', stage: 'before' }, probability: 0.01 });
  wire.faults.add({ ...roles, fault: { kind: 'status', status: 503 }, probability: 0.01 });
  wire.faults.add({
    ...roles,
    fault: { kind: 'status', status: 500, stage: 'before-response' },
    probability: 0.005,
  });
  wire.faults.add({ ...roles, fault: { kind: 'cut', direction: 'up', afterBytes: 3000 }, probability: 0.01 });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
