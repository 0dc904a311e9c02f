import { parseArgs } from 'node:util';
import { allScenes, missingFor, type Scene } from './scene.ts';
import { type Findings, quickDisk, type TrialOptions, tryScenes } from './trial.ts';

/*
 * Programs at work on a mount: scripts/programs-test. Each scene has a mount of its own, so that it is clear whose fault it was; one line
 * for each on stdout, and what was wrong.
 */

const usage = `Usage: scripts/programs-test [options] [SCENE…]
  --rounds N   plays every scene so often; each round has a Disk of another temper (3)
  --fast       only what is part of the tests, and as short as there
  --together   all scenes of a round on one mount
  --users      only what is meant for an ordinary user too
  --list       says what there is`;

/** A quick Disk; a distant one that is seen late, with work sent while it is done; what a mount gets that was told nothing. */
const tempers: readonly TrialOptions[] = [
  quickDisk,
  {
    standIn: { settings: { listingLagMs: 400, seenLateMs: 200 }, wire: { delayMs: 25 } },
    mountArguments: ['--write-back', '0s', '--poll-interval', '300ms'],
  },
  {
    standIn: { wire: { delayMs: 50 } },
    mountArguments: ['--write-back', '5s', '--poll-interval', '10s'],
  },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    fast: { type: 'boolean', default: false },
    together: { type: 'boolean', default: false },
    users: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const wanted = (await allScenes()).filter(
  ({ name, isFast, isForUsers }) =>
    (positionals.length === 0 || positionals.includes(name)) &&
    (isFast || !values.fast) &&
    (isForUsers || !values.users),
);
if (values.help) console.log(usage);
else if (wanted.length === 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(usage);
  process.exitCode = 2;
} else if (values.list)
  for (const { name, isFast } of wanted) console.log(`${name}${isFast ? ' (fast)' : ''}`);
else process.exitCode = await playAll(wanted, rounds, values.together);

async function playAll(wanted: readonly Scene[], rounds: number, isTogether: boolean): Promise<number> {
  const scenes: Scene[] = [];
  const skipped: string[] = [];
  for (const scene of wanted) {
    const missing = await missingFor(scene);
    if (missing.length === 0) scenes.push(scene);
    else skipped.push(`${scene.name} (no ${missing.join(', no ')})`);
  }
  let [played, failed] = [0, 0];
  for (let round = 1; round <= rounds; round++)
    for (const group of isTogether ? [scenes] : scenes.map((scene) => [scene])) {
      const findings = await findingsOf(group, tempers[(round - 1) % tempers.length] ?? {});
      for (const [name, problems] of findings) {
        played++;
        if (problems.length > 0) failed++;
        console.log(`${problems.length === 0 ? 'ok     ' : 'FAILED '} ${name}, round ${round}`);
        for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
      }
    }
  console.log(`${played} played, ${failed} failed; skipped: ${skipped.join(', ') || 'none'}`);
  return failed > 0 ? 1 : 0;
}

async function findingsOf(scenes: readonly Scene[], temper: TrialOptions): Promise<Findings> {
  const ofScenes = scenes.flatMap(({ mountArguments }) => mountArguments);
  try {
    return await tryScenes(scenes, {
      ...temper,
      isShort: values.fast,
      mountArguments: [...(temper.mountArguments ?? []), ...ofScenes],
    });
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return new Map(scenes.map(({ name }) => [name, [words]]));
  }
}
