/**
 * Measures mounts on a stand-in Disk behind a network of known slowness: docs/performance.md. `npm run bench -- --help`.
 * Nothing is asserted by time; wrong bytes or names are said, and make it end with 1.
 */
import { loadavg } from 'node:os';
import { type Contender, rclone, yadiskfs } from './contenders.ts';
import type { Dates } from './dates.ts';
import { describeMachine, machineWords } from './machine.ts';
import { networkWords } from './network.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { plant } from './planting.ts';
import { type Played, rowsOf } from './results.ts';
import type { Scene } from './scene.ts';
import { allScenes } from './scenes/index.ts';
import { openSite, type Site } from './site.ts';
import { rootOf, Stage } from './stage.ts';
import { tableOf } from './table.ts';

/** For mounts to end and folders to go; who started us has stronger means. */
const stoppingTimeoutMs = 45_000;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort();
    setTimeout(() => process.exit(130), stoppingTimeoutMs).unref();
  });
}

let options: BenchOptions | 'help';
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(`bench: ${messageOf(error)}\n${usage}`);
  process.exit(2);
}
if (options === 'help') console.log(usage);
else process.exitCode = await bench(options, stopping.signal);
process.exit();

async function bench(options: BenchOptions, signal: AbortSignal): Promise<number> {
  const isWanted = (number: number) => options.scenes?.includes(number) ?? true;
  const scenes = allScenes(options.scale).filter(({ number, alsoNumbers = [] }) =>
    [number, ...alsoNumbers].some(isWanted),
  );
  const startedMs = performance.now();
  const site = await openSite({ withRclone: options.withRclone });
  try {
    const machine = await describeMachine(site.rclone !== undefined);
    say(machineWords(machine));
    const planted = new Map<Scene, Dates>();
    for (const scene of scenes) {
      signal.throwIfAborted();
      say(`putting scene ${scene.number} onto the Disk`);
      planted.set(scene, await plant(site.control, rootOf(scene.number), scene.plots, scene.files));
    }
    const outcomes = await playAll(site, planted, options, signal);
    const rows = rowsOf(outcomes, options.scale === 1);
    const seconds = (performance.now() - startedMs) / 1000;
    const loadAfter = loadavg();
    const { words: reachedBy, withoutRclone } = site;
    if (options.json) {
      const told = { machine, loadAfter, network: networkWords, reachedBy, seconds };
      const settings = { rounds: options.rounds, scale: options.scale };
      const result = { ...told, ...settings, withoutRclone: withoutRclone ?? null, rows };
      console.log(JSON.stringify(result, null, 2));
    } else {
      console.log(`${machineWords(machine)}; ${loadAfter[0]?.toFixed(1)} at the end`);
      console.log(`Network: ${networkWords}; ${reachedBy}.`);
      if (withoutRclone !== undefined) console.log(`Without rclone: ${withoutRclone}.`);
      console.log(`\n${tableOf(rows)}\n`);
      console.log(`\n${verdict(outcomes)} All of it took ${seconds.toFixed(0)} s.`);
    }
    return outcomes.some(({ mistakes }) => mistakes.length > 0) ? 1 : 0;
  } catch (error) {
    console.error(`bench: ${signal.aborted ? 'stopped' : messageOf(error)}`);
    return signal.aborted ? 130 : 1;
  } finally {
    await site.close();
  }
}

/** Round by round, and one contender right after the other: what else the machine does hits all of them. */
async function playAll(
  site: Site,
  planted: ReadonlyMap<Scene, Dates>,
  { rounds, apiRatePerSecond, rcloneOnly }: BenchOptions,
  signal: AbortSignal,
): Promise<Played[]> {
  const own = yadiskfs(apiRatePerSecond);
  const lifted = yadiskfs(0);
  const played: Played[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const [scene, dates] of planted) {
      const twice = apiRatePerSecond === undefined && scene.measures.some(({ liftedGoal }) => liftedGoal);
      const ours = rcloneOnly ? [] : [own, ...(twice ? [lifted] : [])];
      const contenders: Contender[] = [...ours, ...(site.rclone ? [rclone] : [])];
      for (const contender of contenders) {
        say(`round ${round} of ${rounds}, scene ${scene.number}, ${contender.name}: ${scene.title}`);
        const play = async (stage: Stage): Promise<Played> => {
          const outcomes = await scene.run(stage);
          const { compared, mistakes, peakBytes } = stage;
          return { scene, contender, outcomes, compared, mistakes, peakBytes };
        };
        const startedMs = performance.now();
        const one = await Stage.use(site, contender, scene.number, dates, signal, play);
        say(`that took ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
        for (const mistake of one.mistakes) say(`WRONG: ${mistake}`);
        played.push(one);
      }
    }
  }
  return played;
}

function verdict(played: readonly Played[]): string {
  const compared = played.reduce((sum, one) => sum + one.compared, 0);
  const wrong = played.flatMap(({ scene, contender, mistakes }) =>
    mistakes.map((mistake) => `scene ${scene.number}, ${contender.name}: ${mistake}`),
  );
  if (wrong.length > 0) return `NOT as on the Disk:\n  ${wrong.join('\n  ')}\n`;
  return `All that was read was compared with the Disk (${compared.toLocaleString('en')} names, sizes, dates and hashes): the same.`;
}

/** Progress, beside the result. */
function say(words: string): void {
  console.error(`bench: ${words}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
