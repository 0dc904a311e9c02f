/** scripts/model-test: many seeds, one after the other. What comes out wrong is shrunk and told, and the next seed is tried. */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { type Choice, caseOf, type ModelCase, modelCase, requireRight, runCase } from './model-case.ts';

const usage =
  'scripts/model-test [--seeds N] [--from SEED] [--settings usual|other] [--shrink N]\n' +
  '  --seeds     how many (200)\n' +
  '  --from      the first one (1)\n' +
  '  --settings  what nobody knows of the real Disk: as is likely, or all the other way (usual)\n' +
  '  --shrink    of a seed that came out wrong so many smaller cases are tried (100)';

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly choice: Choice;
  readonly shrink: number;
}

process.exitCode = await main();
// Connections that a black hole has swallowed may be open still.
process.exit();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parsed(process.argv.slice(2));
  } catch (error) {
    console.error(`model-test: ${error instanceof Error ? error.message : error}\n${usage}`);
    return 2;
  }
  return tryAll(options);
}

function parsed(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      settings: { type: 'string', default: 'usual' },
      shrink: { type: 'string', default: '100' },
    },
  });
  const { settings } = values;
  if (settings !== 'usual' && settings !== 'other') throw new Error(`no such settings: ${settings}`);
  const count = (text: string) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < 0) throw new Error(`not a number: ${text}`);
    return number;
  };
  return {
    seeds: count(values.seeds),
    from: count(values.from),
    choice: settings,
    shrink: count(values.shrink),
  };
}

async function tryAll({ seeds, from, choice, shrink }: Options): Promise<number> {
  const startedMs = performance.now();
  const wrong: number[] = [];
  let gaps = 0;
  let longest = { seed: 0, flushMs: 0 };
  for (let seed = from; seed < from + seeds; seed++) {
    const given = caseOf(seed);
    try {
      const outcome = await requireRight(given, choice);
      gaps += outcome.gaps;
      if (outcome.flushMs > longest.flushMs) longest = { seed, flushMs: outcome.flushMs };
    } catch (error) {
      wrong.push(seed);
      console.error(`model-test: seed ${seed} (${choice}): ${messageOf(error)}\n`);
      if (shrink > 0) await tellSmaller(given, choice, shrink);
    }
    const done = seed - from + 1;
    if (done % 100 === 0) console.error(`model-test: ${done} seeds, ${wrong.length} wrong`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `model-test: ${seeds} seeds from ${from} on, settings ${choice}: ${wrong.length === 0 ? 'all came out right' : `WRONG: ${wrong.join(' ')}`}; ` +
      `${gaps} times something came between a last look and its change; the longest flush ${(longest.flushMs / 1000).toFixed(0)} s, seed ${longest.seed} (${seconds.toFixed(0)} s, ${((seconds * 1000) / Math.max(1, seeds)).toFixed(0)} ms each)`,
  );
  return wrong.length === 0 ? 0 : 1;
}

/** What is left of the case when all that is not needed is taken away: to be kept as a test. */
async function tellSmaller(given: ModelCase, choice: Choice, most: number): Promise<void> {
  let tries = 0;
  const smallest = await fc.check(
    fc.asyncProperty(modelCase, async (smaller) => {
      if (++tries > most) return true;
      return (await runCase(smaller, choice)).mistakes.length === 0;
    }),
    { examples: [[given]], numRuns: 1 },
  );
  const { acts, weather } = smallest.counterexample?.[0] ?? given;
  console.error(`model-test: needed of it, as a case:\n${JSON.stringify({ weather, acts })}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? ((error.message || error.stack) ?? '') : String(error);
}
