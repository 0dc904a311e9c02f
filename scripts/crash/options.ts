import { parseArgs } from 'node:util';

export const usage = `Usage: scripts/crash-test [options]
  --rounds N        kills (200)
  --seconds N       begins no round after so many seconds
  --seed TEXT       of the work and of the moments; the calls' own speed stays what it is (random)
  --settings WHICH  of the stand-in: usual, other, mixed by the seed, or JSON of some of them (mixed)
  --faults          replies get lost, requests fail, connections break
  --power           power is lost: what was not synced in the state folder is gone, or torn (with a mount: needs root)
  --workers N       programs that work at once, each in a folder of its own (2)
  --without-mount   proves the test itself: a folder of this machine in place of the mount, and the workers are killed
  --log-level LEVEL of the drive: info, debug, trace (info); all of it is in drive.log beside what is kept
  --keep            leaves everything that was made, for a look`;

export interface CrashOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: string;
  readonly settings: string;
  readonly faults: boolean;
  readonly power: boolean;
  readonly workers: number;
  readonly withoutMount: boolean;
  readonly logLevel: string;
  readonly keep: boolean;
}

/** @throws Error that says what is wrong. */
export function parseOptions(args: readonly string[]): CrashOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '86400' },
      seed: { type: 'string' },
      settings: { type: 'string', default: 'mixed' },
      faults: { type: 'boolean', default: false },
      power: { type: 'boolean', default: false },
      workers: { type: 'string', default: '2' },
      'without-mount': { type: 'boolean', default: false },
      'log-level': { type: 'string', default: 'info' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    rounds: wholeNumber(values.rounds, '--rounds'),
    seconds: wholeNumber(values.seconds, '--seconds'),
    seed: values.seed ?? String(Date.now() % 1_000_000),
    settings: values.settings,
    faults: values.faults,
    power: values.power,
    workers: wholeNumber(values.workers, '--workers'),
    withoutMount: values['without-mount'],
    logLevel: values['log-level'],
    keep: values.keep,
  };
}

function wholeNumber(text: string, name: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1) throw new Error(`${name}: not a number of at least 1: ${text}`);
  return number;
}
