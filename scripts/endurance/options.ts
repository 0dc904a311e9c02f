import { parseArgs } from 'node:util';

export const usage = `Usage: scripts/endurance-test two-machines|network-cuts [options]
  two-machines      two mounts of one Disk, each as on a machine of its own, and somebody at the web, at work in one folder
  network-cuts      one mount at work while its network is cut and restored; rclone compares in the end
  --minutes N       of work by two machines (60)
  --cuts N          of the network (100)
  --seed TEXT       of the work; when what is done stays a matter of speed (random)
  --settings WHICH  of the stand-in, what nobody knows of the real Disk: usual, other, mixed by the seed, or JSON (usual)
  --pace FACTOR     of the rests between two operations: below 1 for more haste (1)
  --debug           the drives tell more in their logs
  --keep            leaves journals and logs, for a look; so does whatever went wrong`;

export interface EnduranceOptions {
  readonly what: 'two-machines' | 'network-cuts';
  readonly minutes: number;
  readonly cuts: number;
  readonly seed: string;
  readonly settings: string;
  readonly pace: number;
  readonly debug: boolean;
}

/** @throws Error that says what is wrong. */
export function parseOptions(args: readonly string[]): EnduranceOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '60' },
      cuts: { type: 'string', default: '100' },
      seed: { type: 'string' },
      settings: { type: 'string', default: 'usual' },
      pace: { type: 'string', default: '1' },
      debug: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const [what, ...rest] = positionals;
  if ((what !== 'two-machines' && what !== 'network-cuts') || rest.length > 0)
    throw new Error('two-machines or network-cuts?');
  return {
    what,
    minutes: positive(values.minutes, '--minutes'),
    cuts: positive(values.cuts, '--cuts'),
    seed: values.seed ?? String(Date.now() % 1_000_000),
    settings: values.settings,
    pace: positive(values.pace, '--pace'),
    debug: values.debug,
  };
}

function positive(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new Error(`${name}: not a number above 0: ${text}`);
  return number;
}
