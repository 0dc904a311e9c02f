import type { Argv } from 'yargs';
import { defaultAccount } from '../auth/account-name.ts';
import { ownFolders } from '../daemon/folders.ts';
import { type LogLevel, logLevels } from '../daemon/log.ts';
import { serviceAddress } from '../daemon/services.ts';
import { type DriveSettings, deletions, desktopTrashes, durabilities } from '../daemon/settings.ts';
import { Failure } from '../errors.ts';
import { words } from '../words/words.ts';
import { parseCount, parseDuration, parseMask, parseSize } from './units.ts';

const said = words.help.mount;

/** Options of `mount`; all of them also as `-o name=value,name`. */
const options = {
  root: { type: 'string', describe: said.root, default: '/' },
  'read-only': { type: 'boolean', describe: said.readOnly, default: false },
  'allow-other': { type: 'boolean', describe: said.allowOther, default: false },
  uid: { type: 'string', describe: said.uid },
  gid: { type: 'string', describe: said.gid },
  umask: {
    type: 'string',
    describe: said.umask,
  },
  'poll-interval': {
    type: 'string',
    describe: said.pollInterval,
    default: '10s',
  },
  'cache-size': { type: 'string', describe: said.cacheSize, default: '10G' },
  'cache-min-free': { type: 'string', describe: said.cacheMinFree, default: '1G' },
  'write-back': { type: 'string', describe: said.writeBack, default: '5s' },
  'snapshot-quiet': {
    type: 'string',
    describe: said.snapshotQuiet,
    default: '15s',
  },
  'snapshot-every': {
    type: 'string',
    describe: said.snapshotEvery,
    default: '3m',
  },
  durability: {
    type: 'string',
    choices: durabilities,
    describe: said.durability,
    default: 'local',
  },
  delete: {
    type: 'string',
    choices: deletions,
    describe: said.delete,
    default: 'trash',
  },
  transfers: { type: 'string', describe: said.transfers, default: '8' },
  'desktop-trash': {
    type: 'string',
    choices: desktopTrashes,
    describe: said.desktopTrash,
    default: 'refuse',
  },
  'neutral-upload-names': {
    type: 'boolean',
    describe: said.neutralUploadNames,
    default: false,
  },
  'down-limit': { type: 'string', describe: said.downLimit, default: '0' },
  'up-limit': { type: 'string', describe: said.upLimit, default: '0' },
  'api-rate': { type: 'string', describe: said.apiRate, default: '40' },
  account: { type: 'string', describe: words.help.whichLoginOr(defaultAccount) },
  'log-level': { type: 'string', choices: logLevels, describe: said.logLevel, default: 'info' },
  'log-file': { type: 'string', describe: said.logFile },
  metrics: { type: 'string', describe: said.metrics },
  daemon: { type: 'boolean', describe: said.daemon, default: false },
} as const;

export const mountOptionNames: readonly string[] = Object.keys(options);

/** What mount(8) calls it, and its opposite. */
const shortNames: Readonly<Record<string, string>> = { ro: 'read-only', rw: 'no-read-only' };

const valueOptions = Object.entries(options).flatMap(([name, { type }]) => (type === 'string' ? [name] : []));

const switches = Object.entries(options).flatMap(([name, { type }]) => (type === 'boolean' ? [name] : []));

/** For what has no mode of its own. */
const usualUmask = '022';

/** Generic options of mount(8) and fstab that say nothing to us. */
const genericOptions = new Set(
  [
    'defaults auto noauto user nouser users owner noowner group nogroup nofail _netdev comment helper uhelper',
    'dev nodev suid nosuid exec noexec async sync dirsync mand nomand silent loud iversion noiversion',
    'atime noatime diratime nodiratime relatime norelatime strictatime nostrictatime lazytime nolazytime',
  ].flatMap((line) => line.split(' ')),
);

export function withMountOptions<T>(yargs: Argv<T>) {
  return (
    yargs
      .option('o', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: said.o,
      })
      .options(options)
      // Without it, an option at the end of the line would be as if it had not been given: `mount DIR --root`, the whole Disk.
      .requiresArg(valueOptions)
      .group(['o', ...mountOptionNames], said.options)
  );
}

export type MountArguments = Awaited<ReturnType<typeof withMountOptions>['argv']> & {
  readonly dir: string;
  /** Of every command. */
  readonly json?: boolean;
};

export interface MountRequest {
  readonly settings: DriveSettings;
  readonly inBackground: boolean;
  /** Undefined unless it was named: then a token in the environment goes before what is stored. */
  readonly account: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFile: string | undefined;
}

/** Turns `-o a=b,c` into the long options that they stand for, and `--no-x` into `--x=false`. @throws Failure 'invalid' for a name that is none. */
export function expandMountOptions(args: readonly string[]): string[] {
  const expanded: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument === '--') return [...expanded, ...args.slice(index)];
    const attached = /^-o=?(.+)$/s.exec(argument)?.[1];
    if (argument !== '-o' && attached === undefined) {
      expanded.push(withoutNo(argument));
      continue;
    }
    const list = attached ?? args[++index];
    if (list === undefined)
      throw new Failure('invalid', '-o needs a list of options, such as -o read-only,umask=077');
    for (const item of list.split(',')) expanded.push(...longOption(item));
  }
  return expanded;
}

function longOption(item: string): string[] {
  const [given = '', ...rest] = item.split('=');
  if (given === '' || genericOptions.has(given) || /^x-/i.test(given)) return [];
  const name = shortNames[given] ?? given.replaceAll('_', '-');
  const option = withoutNo(rest.length > 0 ? `--${name}=${rest.join('=')}` : `--${name}`);
  if (!Object.hasOwn(options, option.slice('--'.length).split('=')[0] ?? ''))
    throw new Failure('invalid', `No such mount option: ${given}`, {
      hint: 'yadiskfs mount --help shows its options.',
    });
  return [option];
}

/** `--no-read-only` → `--read-only=false`; what is no switch of ours stays as it is. */
function withoutNo(argument: string): string {
  const name = /^--no-([\w-]+)$/.exec(argument)?.[1];
  return name !== undefined && switches.includes(name) ? `--${name}=false` : argument;
}

/** Checks all values. @throws Failure 'invalid' that names the option. */
export function mountRequest(args: MountArguments, environment: NodeJS.ProcessEnv): MountRequest {
  const folders = ownFolders(environment);
  return {
    settings: {
      mountpoint: args.dir,
      account: args.account ?? defaultAccount,
      apiUrl: serviceAddress(environment, 'YADISKFS_API_URL').href,
      stateFolder: folders.state,
      runtimeFolder: folders.runtime,
      root: notEmpty(args.root, '--root'),
      readOnly: args['read-only'],
      allowOther: args['allow-other'],
      uid:
        args.uid === undefined
          ? (process.getuid?.() ?? 0)
          : within(parseCount(args.uid, '--uid'), idRange, '--uid'),
      gid:
        args.gid === undefined
          ? (process.getgid?.() ?? 0)
          : within(parseCount(args.gid, '--gid'), idRange, '--gid'),
      umask: parseMask(args.umask ?? usualUmask, '--umask'),
      mask: args.umask === undefined ? 0 : parseMask(args.umask, '--umask'),
      pollIntervalMs: duration(args, 'poll-interval', pollRange),
      downLimitBytesPerSecond: parseSize(args['down-limit'], '--down-limit'),
      upLimitBytesPerSecond: parseSize(args['up-limit'], '--up-limit'),
      writeBackMs: duration(args, 'write-back', writeBackRange),
      snapshotQuietMs: duration(args, 'snapshot-quiet', snapshotRange),
      snapshotEveryMs: duration(args, 'snapshot-every', snapshotRange),
      durability: args.durability,
      deletion: args.delete,
      transfers: within(parseCount(args.transfers, '--transfers'), transfersRange, '--transfers'),
      desktopTrash: args['desktop-trash'],
      neutralUploadNames: args['neutral-upload-names'],
      cacheFolder: folders.cache,
      cacheLimitBytes: parseSize(args['cache-size'], '--cache-size'),
      cacheMinFreeBytes: parseSize(args['cache-min-free'], '--cache-min-free'),
      apiRatePerSecond: parseCount(args['api-rate'], '--api-rate'),
      metricsPort: args.metrics === undefined ? undefined : port(args.metrics),
    },
    inBackground: args.daemon,
    account: args.account,
    logLevel: args['log-level'],
    logFile: args['log-file'] === undefined ? undefined : notEmpty(args['log-file'], '--log-file'),
  };
}

interface ValueRange {
  readonly least: number;
  readonly most: number;
  /** For people. */
  readonly words: string;
}

const dayMs = 24 * 3600_000;
const pollRange: ValueRange = { least: 10, most: dayMs, words: 'between 10ms and 1d' };
const writeBackRange: ValueRange = { least: 0, most: dayMs, words: 'at most 1d' };
const snapshotRange: ValueRange = { least: 100, most: 365 * dayMs, words: 'between 100ms and 365d' };
const portRange: ValueRange = {
  least: 0,
  most: 65_535,
  words: 'a port: at most 65535, or 0 for one that is free',
};
/** The last of 32 bits says nobody. */
const idRange: ValueRange = { least: 0, most: 2 ** 32 - 2, words: 'at most 4294967294' };
/** So many connections there are for uploads. */
const transfersRange: ValueRange = { least: 1, most: 32, words: 'between 1 and 32' };

type DurationOption = 'poll-interval' | 'write-back' | 'snapshot-quiet' | 'snapshot-every';

function duration(args: Pick<MountArguments, DurationOption>, name: DurationOption, range: ValueRange) {
  return within(parseDuration(args[name], `--${name}`), range, `--${name}`);
}

/** What a variable that is not set leaves of an option: `--root ''` is not the whole Disk. */
function notEmpty(text: string, option: string): string {
  if (text === '') throw new Failure('invalid', `${option} wants a value`);
  return text;
}

function port(text: string): number {
  return within(parseCount(text, '--metrics'), portRange, '--metrics');
}

function within(value: number, { least, most, words }: ValueRange, option: string): number {
  if (value >= least && value <= most) return value;
  throw new Failure('invalid', `${option} must be ${words}`);
}
