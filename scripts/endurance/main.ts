/** Work that goes on for long: scripts/endurance-test --help. All that a run makes lies in the temporary folder. */
import { tmpdir } from 'node:os';
import { networkCuts } from './network-cuts.ts';
import { type EnduranceOptions, parseOptions, usage } from './options.ts';
import { twoMachines } from './two-machines.ts';

let options: EnduranceOptions | 'help';
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(`endurance-test: ${messageOf(error)}\n${usage}`);
  process.exit(2);
}
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
if (options === 'help') console.log(usage);
else process.exitCode = await enduranceTest(options, stopping.signal);
process.exit();

async function enduranceTest(options: EnduranceOptions, signal: AbortSignal): Promise<number> {
  const { what, seed, settings } = options;
  console.error(`endurance-test: ${what}, seed ${seed}, settings ${settings}, ${tmpdir()}`);
  try {
    const test = { 'two-machines': twoMachines, 'network-cuts': networkCuts }[what];
    return (await test(options, tmpdir(), signal)) ? 0 : 1;
  } catch (error) {
    console.log(
      `endurance-test: ${what} FAILED (--seed ${seed} --settings '${settings}'): ${messageOf(error)}`,
    );
    return 1;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
