import { parseArgs } from 'node:util';

export const usage = `Usage: npm run bench -- [options]
  --scene 1,3       only these scenes
  --rounds N        each scene N times; median, least and most are shown (1)
  --rclone-only     rclone mount alone, also in scenes that yadiskfs cannot play yet
  --no-rclone       without rclone mount
  --api-rate N      yadiskfs with this limit only, in API requests a second; 0 is none
  --json            JSON on stdout in place of the table
  --scale X         scenes X times as large, for trying out; targets are then left out (1)`;

export interface BenchOptions {
  /** Undefined for all. */
  readonly scenes: readonly number[] | undefined;
  readonly rounds: number;
  readonly withRclone: boolean;
  readonly rcloneOnly: boolean;
  readonly apiRatePerSecond: number | undefined;
  readonly json: boolean;
  readonly scale: number;
}

/** @throws Error that says what is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scene: { type: 'string' },
      rounds: { type: 'string', default: '1' },
      'no-rclone': { type: 'boolean', default: false },
      'rclone-only': { type: 'boolean', default: false },
      'api-rate': { type: 'string' },
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { scene, 'api-rate': apiRate } = values;
  return {
    scenes: scene?.split(',').map((text) => wholeNumber(text, '--scene', 1)),
    rounds: wholeNumber(values.rounds, '--rounds', 1),
    withRclone: !values['no-rclone'],
    rcloneOnly: values['rclone-only'],
    apiRatePerSecond: apiRate === undefined ? undefined : wholeNumber(apiRate, '--api-rate', 0),
    json: values.json,
    scale: positive(values.scale, '--scale'),
  };
}

function wholeNumber(text: string, name: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least)
    throw new Error(`${name}: not a number of at least ${least}: ${text}`);
  return number;
}

function positive(text: string, name: string): number {
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) throw new Error(`${name}: not a number above 0: ${text}`);
  return number;
}
