import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnclosedDisk } from '../../test/rclone/enclosed-disk.ts';
import { run } from '../../test/rclone/programs.ts';
import { Rclone } from '../../test/rclone/rclone.ts';
import { diskView, localView } from '../../test/rclone/views.ts';
import { yandexNames } from '../../test/stand-in/http/hosts.ts';
import { type Random, seededRandom } from '../../test/stand-in/random.ts';
import type { StatisticsSnapshot } from '../../test/stand-in/wire/index.ts';
import { settingsOf } from '../crash/doubtful-settings.ts';
import { anyAddress, type Break, Cable } from './cable.ts';
import { Mount } from './mount.ts';
import type { EnduranceOptions } from './options.ts';
import { Count, Prober } from './probes.ts';
import { Tally } from './tally.ts';
import { startWork, type Work } from './work.ts';

type Cut = Break | 'reset';
const cuts: readonly Cut[] = ['link-down', 'black-hole', 'deaf', 'reset'];

/** More than are read: each is met once. */
const coldFiles = 240;
const coldFileBytes = 4 << 20;
/** Every so many cuts one lasts for longer than a minute. */
const longEvery = 14;
const workFolder = 'work';
const rcloneMs = 300_000;

/**
 * One mount at work, as the program is delivered, over TLS to the real host names, while its network is cut in several ways and restored. All that the worker
 * does it does in a folder of this machine as well; in the end rclone compares.
 */
export async function networkCuts(
  options: EnduranceOptions,
  work: string,
  signal: AbortSignal,
): Promise<boolean> {
  const random = seededRandom(`network cuts ${options.seed}`);
  const disk = await EnclosedDisk.open({
    settings: settingsOf(options.settings, random),
    wire: { logCapacity: 0 },
    seed: options.seed,
    address: anyAddress,
  });
  const cable = await Cable.lay(disk.namespace, disk.folder, Object.values(yandexNames).flat());
  const run = new Run(disk, cable, random, options, work);
  try {
    await run.begin();
    await run.cutAndRestore(signal);
    return await run.end();
  } finally {
    await run.close();
    await cable.close();
    await disk.close();
  }
}

class Run {
  readonly #disk: EnclosedDisk;
  readonly #cable: Cable;
  readonly #random: Random;
  readonly #options: EnduranceOptions;
  readonly #work: string;
  readonly #twin: string;
  readonly #tally = new Tally();
  /** What is known of a folder is shown after two seconds, as long as nobody knows that the network is gone. */
  readonly #firstCalls = new Count('calls that need no network in the first moment of a cut', 2_500);
  readonly #laterCalls = new Count('later in it', 1_000);
  readonly #remoteCalls = new Count('reads of what is not here', 10_000);
  readonly #made = new Map<Cut, number>();
  readonly #startedMs = performance.now();
  readonly #states = new Map<string, number>();
  #cutMs = 0;
  #coldRead = 0;
  /** Who waited for the network goes on when it is back. */
  #probing: Promise<unknown> = Promise.resolve();
  #mount: Mount | undefined;
  #worker: Work | undefined;
  #probers: { readonly local: Prober; readonly remote: Prober } | undefined;

  constructor(disk: EnclosedDisk, cable: Cable, random: Random, options: EnduranceOptions, work: string) {
    this.#disk = disk;
    this.#cable = cable;
    this.#random = random;
    this.#options = options;
    this.#work = work;
    this.#twin = join(work, 'twin');
  }

  async begin(): Promise<void> {
    const { control, token, certificates } = this.#disk;
    const { prefix } = this.#cable;
    for (const path of [workFolder, 'cold', 'probe']) await control.post('mkdir', { path: `disk:/${path}` });
    for (let number = 1; number <= coldFiles; number++)
      await control.post('put', {
        path: `disk:/cold/${number}`,
        synthetic: { sizeBytes: coldFileBytes, seed: `cold ${number}` },
      });
    await control.post('put', { path: 'disk:/probe/kept', text: 'read before\n' });
    // All those hashes take their time, and nobody is to wait for them later.
    await control.tree();
    await mkdir(this.#twin);
    const mount = await Mount.start({
      folder: this.#work,
      prefix,
      environment: { YADISKFS_TOKEN: token, NODE_EXTRA_CA_CERTS: certificates.caFile },
      mountArguments: [
        ...['--write-back', '1s', '--poll-interval', '5s'],
        ...(this.#options.debug ? ['--log-level', 'debug'] : []),
      ],
      onLog: () => {},
    });
    this.#mount = mount;
    const { mountpoint } = mount;
    this.#probers = { local: new Prober(prefix, mountpoint), remote: new Prober(prefix, mountpoint) };
    // All of it is known from here on.
    await this.#inMount('ls cold probe work > /dev/null; cat probe/kept > /dev/null');
    await this.#probers.local.ask('local');
    this.#worker = startWork(
      {
        who: 'one',
        folder: join(mountpoint, workFolder),
        journal: join(this.#work, 'one.journal'),
        seed: this.#options.seed,
        twin: this.#twin,
        pace: this.#options.pace,
      },
      prefix,
      (word) => this.#tally.hear('one', word),
    );
  }

  async cutAndRestore(signal: AbortSignal): Promise<void> {
    for (let number = 1; number <= this.#options.cuts; number++) {
      await sleep(1_000 + this.#random.below(5_000));
      await this.#probing;
      if (signal.aborted || this.#tally.wrong.length > 0) return;
      const cut = cuts[this.#random.below(cuts.length)] ?? 'reset';
      const isLong = number % longEvery === 0;
      const lengthMs = isLong
        ? 61_000 + this.#random.below(30_000)
        : 1_000 + 19_000 * this.#random.fraction() ** 1.5;
      const startedMs = performance.now();
      await this.#break(cut);
      try {
        await this.#meanwhile(`cut ${number}, ${cut}`, lengthMs, startedMs, isLong);
      } finally {
        await this.#mend(cut);
      }
      this.#cutMs += performance.now() - startedMs;
      this.#made.set(cut, (this.#made.get(cut) ?? 0) + 1);
      this.#note(`cut ${number}: ${cut} for ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
      if (number % 10 === 0) this.#tell(`${number} cuts; ${this.#tally.words()}; ${this.#probed()}`);
    }
  }

  /** @returns whether all is as it should be */
  async end(): Promise<boolean> {
    await this.#worker?.stop();
    this.#worker = undefined;
    const workedMinutes = ((performance.now() - this.#startedMs) / 60_000).toFixed(0);
    this.#tell('the network stays; all of it is sent');
    const mount = this.#mount;
    if (!mount) throw new Error('Nothing is mounted');
    await mount.flush();
    const { unsent, conflicts, state } = await mount.status();
    const twin = bytesOf(await localView(this.#twin));
    const there = bytesOf(await diskView(this.#disk.control, `disk:/${workFolder}`));
    const differing = [...new Set([...Object.keys(twin), ...Object.keys(there)])]
      .filter((path) => twin[path] !== there[path])
      .map((path) => `${path}: ${twin[path]} in the twin, ${there[path]} on the Disk`);
    const checks = await this.#rcloneChecks();
    const wrong = [
      ...this.#tally.wrong,
      ...differing,
      ...unsent.map(({ path, code }) => `not sent: ${path} (${code})`),
      ...conflicts.map(({ path, copy }) => `a conflict with nobody: ${path}, ${copy}`),
      ...(state === 'online' ? [] : [`state ${state} in the end`]),
      ...checks.wrong,
      ...this.#firstCalls.failures,
      ...this.#laterCalls.failures,
    ];
    for (const one of [
      ...wrong.map((text) => `WRONG: ${text}`),
      ...this.#firstCalls.slow,
      ...this.#laterCalls.slow,
      ...this.#remoteCalls.slow,
    ])
      this.#tell(one);
    const { all } = (await this.#disk.control.get('statistics')) as StatisticsSnapshot;
    const made = [...this.#made].map(([cut, count]) => `${count} ${cut}`).join(', ');
    const states = [...this.#states].map(([state, count]) => `${state} ${count} times`).join(', ');
    console.log(
      `endurance-test: network cut ${this.#count()} times (${made}; ${(this.#cutMs / 60_000).toFixed(0)} of ${workedMinutes} min), settings ${this.#options.settings}, ` +
        `seed ${this.#options.seed}: ${this.#tally.words()}; ${this.#probed()}; status in long cuts: ${states}; ${all.count} requests; ` +
        `rclone check: ${checks.words}; ${Object.keys(there).length} entries in the end: ` +
        (wrong.length === 0 ? 'all of it is there, and nothing else' : `WRONG: ${wrong.length} findings`),
    );
    await this.#probers?.local.end();
    await this.#probers?.remote.end();
    await mount.stop();
    return wrong.length === 0;
  }

  async close(): Promise<void> {
    await this.#mount?.close();
  }

  async #break(cut: Cut): Promise<void> {
    if (cut !== 'reset') return this.#cable.break(cut);
    const fresh = this.#random.fraction() < 0.5 ? 'refuse' : 'reset';
    await this.#disk.control.post('network/cut', { fresh, existing: 'rst' });
  }

  async #mend(cut: Cut): Promise<void> {
    if (cut === 'reset') await this.#disk.control.post('network/restore');
    else await this.#cable.mend(cut);
  }

  /** While it is cut: right after that, and in the middle, where it lasts so long. */
  async #meanwhile(when: string, lengthMs: number, startedMs: number, isLong: boolean): Promise<void> {
    const probers = this.#probers;
    if (!probers) return;
    const probe = async (count: Count, moment: string) => {
      const [local, remote] = await Promise.all([
        probers.local.ask('local'),
        probers.remote.ask(`read cold/${(++this.#coldRead % coldFiles) + 1}`),
      ]);
      count.add(local, `${when}, ${moment}`);
      this.#remoteCalls.add(remote, `${when}, ${moment}`);
      for (const { call, code, ms } of [...local, ...remote])
        this.#note(`${when}, ${moment}: ${call}: ${code}, ${ms} ms`);
    };
    const leftMs = () => lengthMs - (performance.now() - startedMs);
    await sleep(Math.min(200, lengthMs / 4));
    // Whoever waits for the network may wait until it is back: the cut is not to last longer for that.
    const first = probe(this.#firstCalls, 'at its beginning');
    await Promise.race([first, sleep(leftMs())]);
    if (leftMs() > 2_000) {
      await sleep(leftMs() * 0.5);
      const second = first.then(() => probe(this.#laterCalls, 'in the middle of it'));
      if (isLong) {
        const state = await this.#mount?.status().then((status) => status.state);
        this.#states.set(state ?? 'none', (this.#states.get(state ?? 'none') ?? 0) + 1);
      }
      await Promise.race([second, sleep(Math.max(0, leftMs()))]);
      await sleep(Math.max(0, leftMs()));
      this.#probing = Promise.all([first, second]);
    } else {
      await sleep(Math.max(0, leftMs()));
      this.#probing = first;
    }
  }

  /** By an independent client, and by what it sees in the mount. */
  async #rcloneChecks(): Promise<{ readonly words: string; readonly wrong: readonly string[] }> {
    const rclone = await Rclone.on(this.#disk);
    const mountpoint = this.#mount?.mountpoint ?? '';
    const [words, wrong]: [string[], string[]] = [[], []];
    for (const [name, folder] of [
      ['the twin', this.#twin],
      ['the mount', join(mountpoint, workFolder)],
      ['what was probed', join(mountpoint, 'probe')],
    ] as const) {
      const remote = `disk:${name === 'what was probed' ? 'probe' : workFolder}`;
      const [command = '', ...args] = [...this.#cable.prefix, 'rclone', 'check', folder, remote];
      const { code, stderr } = await run([command, ...args], { env: rclone.environment, timeout: rcloneMs });
      const found = /(\d+) differences found/.exec(stderr)?.[1];
      const matching = /(\d+) matching files/.exec(stderr)?.[1] ?? '0';
      words.push(`${name} against the Disk ${found ?? '?'} differences (${matching} files alike)`);
      if (code !== 0 || found !== '0') wrong.push(`rclone check of ${name} ended with ${code}: ${stderr}`);
    }
    return { words: words.join(', '), wrong };
  }

  async #inMount(script: string): Promise<void> {
    const mountpoint = this.#mount?.mountpoint ?? '';
    const [command = '', ...args] = [
      ...this.#cable.prefix,
      'sh',
      '-ec',
      `cd "$1"; ${script}`,
      'sh',
      mountpoint,
    ];
    const { code, stderr } = await run([command, ...args]);
    if (code !== 0) throw new Error(`${script}: ${stderr}`);
  }

  #probed(): string {
    return [this.#firstCalls, this.#laterCalls, this.#remoteCalls].map((count) => count.words()).join(', ');
  }

  #count(): number {
    return [...this.#made.values()].reduce((sum, count) => sum + count, 0);
  }

  #note(text: string): void {
    appendFileSync(join(this.#work, 'cuts.journal'), `${new Date().toISOString()} ${text}\n`);
  }

  #tell(text: string): void {
    console.error(`endurance-test: ${text}`);
  }
}

/** MD5 or `folder`, by path. */
function bytesOf(view: Awaited<ReturnType<typeof localView>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(view).map(([path, seen]) => [path, seen === 'folder' ? seen : seen.md5]),
  );
}
