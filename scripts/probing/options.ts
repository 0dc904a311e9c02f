import { parseArgs } from 'node:util';
import { parseCount, parseSize } from '../../src/cli/units.ts';
import { Failure } from '../../src/errors.ts';
import type { OptIn } from './question.ts';

export const usage = `usage: scripts/probe [OPTIONS]

Asks a live Yandex Disk how it behaves where that is not known for sure, in a folder of its own. Says what it is going to
do, and asks before it starts. The token is taken from YADISKFS_TOKEN.

  --yes                do not ask; needed where there is no terminal
  --json FILE          write the report as JSON too
  --only ID,ID         these questions alone (--list names them)
  --rate N             requests in any second at most (default 4, at most 10)
  --large              upload large files too
  --large-sizes SIZES  how large (default 100M; for example 100M,1G)
  --public             publish a test file for a moment
  --shared FOLDER      ask about this folder, shared by somebody else
  --patient            wait for links to expire: more than an hour
  --oauth              ask about logging in; takes YADISKFS_CLIENT_ID and YADISKFS_CLIENT_SECRET
  --list               name all questions, what they decide and what rests on them; asks nothing
  --table              the same as the tables of docs/probe.md
  --clean              only take away what an earlier run has left
  --help
`;

export interface ProbeArguments {
  readonly task: 'probe' | 'list' | 'table' | 'clean' | 'help';
  readonly yes: boolean;
  readonly jsonFile: string | undefined;
  readonly only: readonly string[] | undefined;
  readonly requestsPerSecond: number;
  readonly largeSizesBytes: readonly number[];
  readonly shared: string | undefined;
  readonly optedIn: ReadonlySet<OptIn>;
}

const mostPerSecond = 10;

/** @throws Failure 'invalid' */
export function parseArguments(words: readonly string[]): ProbeArguments {
  const values = parsed(words);
  const requestsPerSecond = parseCount(values.rate, '--rate');
  if (requestsPerSecond < 1 || requestsPerSecond > mostPerSecond)
    throw new Failure(
      'invalid',
      `--rate must be between 1 and ${mostPerSecond}: this is somebody's live service`,
    );
  const optedIn = (['large', 'public', 'patient', 'oauth'] as const).filter((name) => values[name]);
  return {
    task: (['help', 'list', 'table', 'clean'] as const).find((task) => values[task]) ?? 'probe',
    yes: values.yes,
    jsonFile: values.json,
    only: values.only?.split(',').filter((id) => id !== ''),
    requestsPerSecond,
    largeSizesBytes: values['large-sizes'].split(',').map((text) => parseSize(text, '--large-sizes')),
    shared: values.shared,
    optedIn: new Set<OptIn>([...optedIn, ...(values.shared === undefined ? [] : ['shared' as const])]),
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        yes: { type: 'boolean', default: false },
        json: { type: 'string' },
        only: { type: 'string' },
        rate: { type: 'string', default: '4' },
        large: { type: 'boolean', default: false },
        'large-sizes': { type: 'string', default: '100M' },
        public: { type: 'boolean', default: false },
        shared: { type: 'string' },
        patient: { type: 'boolean', default: false },
        oauth: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        table: { type: 'boolean', default: false },
        clean: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('invalid', message, { hint: 'scripts/probe --help lists the options.', cause });
  }
}
