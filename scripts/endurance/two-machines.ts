import { appendFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../../test/model/ledger.ts';
import { ServerWatch } from '../../test/model/server-watch.ts';
import { localView } from '../../test/rclone/views.ts';
import { type StandIn, startStandIn } from '../../test/stand-in/index.ts';
import type { Model } from '../../test/stand-in/model/model.ts';
import { type Random, seededRandom } from '../../test/stand-in/random.ts';
import { settingsOf } from '../crash/doubtful-settings.ts';
import { seenOnServer } from '../crash/server-side.ts';
import { type LogLine, Mount } from './mount.ts';
import type { EnduranceOptions } from './options.ts';
import { Tally } from './tally.ts';
import { Web } from './web.ts';
import { startWork, type Word, type Work } from './work.ts';

const names = ['one', 'two'] as const;
type Who = (typeof names)[number];

/** On the Disk. */
const together = 'together';
/** One is as it is delivered, the other quick. */
const mountArguments: Readonly<Record<Who, readonly string[]>> = {
  one: [],
  two: ['--write-back', '500ms', '--poll-interval', '2s'],
};
const requestDelayMs = 15;
const tellMs = 60_000;
/** What is told of the others' changes is this old at most when it makes a conflict. */
const oldestChangeMs = 300_000;
/** For both to see the last of it: what may be lag is looked at again for three minutes, and one such wait may follow another. */
const convergeMs = 900_000;
const conflictMessage = 'others had changed it too: what was written here is saved beside it';
const warnLevel = 40;

/** Two mounts of one Disk, each as on a machine of its own, and somebody at the web, at work in one folder. */
export async function twoMachines(
  options: EnduranceOptions,
  work: string,
  signal: AbortSignal,
): Promise<boolean> {
  const random = seededRandom(`two machines ${options.seed}`);
  const standIn = await startStandIn({
    settings: settingsOf(options.settings, random),
    wire: { delayMs: requestDelayMs, logCapacity: 0 },
    seed: options.seed,
  });
  const run = new Run(standIn, random, options, work);
  try {
    await run.begin();
    await run.workUntil(signal);
    return await run.end();
  } finally {
    await run.close();
    await standIn.close();
  }
}

class Run {
  readonly #standIn: StandIn;
  readonly #random: Random;
  readonly #options: EnduranceOptions;
  readonly #work: string;
  readonly #ledger = new Ledger();
  readonly #watch: ServerWatch;
  readonly #web: Web;
  readonly #mounts = new Map<Who, Mount>();
  readonly #works: Work[] = [];
  readonly #tally = new Tally();
  readonly #mistakes: string[] = [];
  /** Of the logs, what is not conflicts, by its words. */
  readonly #warnings = new Map<string, number>();
  readonly #startedMs = performance.now();
  #conflicts = 0;
  #webActs = 0;

  constructor(standIn: StandIn, random: Random, options: EnduranceOptions, work: string) {
    this.#standIn = standIn;
    this.#random = random;
    this.#options = options;
    this.#work = work;
    const tokens = new Map(names.map((name) => [`token-${name}`, name]));
    for (const accessToken of tokens.keys()) standIn.control.issueToken({ accessToken });
    this.#watch = new ServerWatch(standIn, this.#ledger, tokens, () => performance.now());
    this.#web = new Web(standIn.model, this.#watch, this.#ledger, random, `disk:/${together}`);
    this.#noteRequests();
  }

  async begin(): Promise<void> {
    const { model, apiUrl } = this.#standIn;
    this.#watch.as('web', () => model.mkdir(`disk:/${together}`));
    for (let made = 0; made < 20; made++) this.#web.act();
    await sleep(3_000);
    this.#watch.begin();
    for (const who of names) {
      const folder = join(this.#work, who);
      await mkdir(folder);
      const mount = await Mount.start({
        folder,
        prefix: ['unshare', '--uts', 'sh', '-ec', 'hostname "$0"; exec "$@"', `machine-${who}`],
        environment: { YADISKFS_TOKEN: `token-${who}`, YADISKFS_API_URL: apiUrl },
        mountArguments: [...mountArguments[who], ...(this.#options.debug ? ['--log-level', 'debug'] : [])],
        onLog: (line) => this.#hearLog(who, line),
      });
      this.#mounts.set(who, mount);
      this.#works.push(
        startWork(
          {
            who,
            folder: join(mount.mountpoint, together),
            journal: join(this.#work, `${who}.journal`),
            seed: `${this.#options.seed}, ${who}`,
            twin: undefined,
            pace: this.#options.pace,
          },
          [],
          (word) => this.#hear(who, word),
        ),
      );
    }
  }

  async workUntil(signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + this.#options.minutes * 60_000;
    let toldMs = performance.now();
    while (performance.now() < untilMs && !signal.aborted && this.#mistakes.length === 0) {
      const restMs = 1_000 * this.#options.pace * (2 + this.#random.below(20));
      await sleep(Math.min(restMs, untilMs - performance.now()), undefined, { signal }).catch(() => {});
      const done = this.#web.act();
      if (done !== undefined) {
        this.#webActs += 1;
        appendFileSync(join(this.#work, 'web.journal'), `${new Date().toISOString()} ${done}\n`);
      }
      if (performance.now() - toldMs < tellMs) continue;
      toldMs = performance.now();
      this.#tell(`${this.#minutes()} min: ${this.#tally.words()}, ${this.#conflicts} conflicts`);
    }
  }

  /** @returns whether all is as it should be */
  async end(): Promise<boolean> {
    await Promise.all(this.#works.map((work) => work.stop()));
    const workedMinutes = this.#minutes();
    this.#tell('the work is done; all of it is sent, and both are to see it');
    const differences = await this.#converged();
    const unsent: string[] = [];
    for (const [who, mount] of this.#mounts)
      for (const { path, code, message } of (await mount.status()).unsent)
        unsent.push(`${who} could not send ${path}: ${code}, ${message}`);
    const there = [...(await this.#onDisk()).values()];
    const kept = new Set(there);
    const found = new Set([...kept, ...(await hashesInTrash(this.#standIn.model))]);
    const lost = this.#ledger.missing(found).map((text) => `nowhere any more: ${text}`);
    const unwanted = this.#ledger
      .missing(kept)
      .filter((text) => !lost.includes(`nowhere any more: ${text}`))
      .map((text) => `in the trash, and nobody wanted that: ${text}`);
    const wrong = [...this.#tally.wrong, ...this.#mistakes, ...differences, ...unsent, ...lost, ...unwanted];
    await this.#keepServer();
    for (const one of wrong) this.#tell(`WRONG: ${one}`);
    for (const [words, count] of this.#warnings) this.#tell(`the logs say ${count} times: ${words}`);
    const { count, bytesIn } = this.#standIn.wire.statistics.snapshot().all;
    console.log(
      `endurance-test: two machines, ${workedMinutes} min, settings ${this.#options.settings}, seed ${this.#options.seed}: ${this.#tally.words()}, ` +
        `${this.#webActs} changes at the web, ${this.#conflicts} conflict copies made, ${count} requests (${(bytesIn / 2 ** 20).toFixed(0)} MiB sent), ` +
        `${this.#watch.fellIntoTheGap} times something came between a last look and its change; in the end ${there.length} entries: ` +
        (wrong.length === 0 ? 'all of it is there, and both see it' : `WRONG: ${wrong.length} findings`),
    );
    for (const mount of this.#mounts.values()) await mount.stop();
    return wrong.length === 0;
  }

  async close(): Promise<void> {
    for (const mount of this.#mounts.values()) await mount.close();
  }

  #hear(who: Who, word: Word): void {
    this.#tally.hear(who, word);
    switch (word.kind) {
      case 'making':
        this.#ledger.noteBytes(who, word.hash, word.text, false);
        return;
      case 'made':
        this.#ledger.acknowledge(word.hash);
        return;
      case 'copied':
        this.#ledger.noteBytes(who, word.hash, word.text, true);
        return;
      case 'ended':
        this.#ledger.end(word.hash, word.how);
        return;
      default:
    }
  }

  #hearLog(who: Who, line: LogLine): void {
    if (line.level < warnLevel) return;
    const path = line['path'];
    if (line.msg !== conflictMessage || typeof path !== 'string') {
      const code = typeof line['code'] === 'string' ? ` (${line['code']})` : '';
      const words = `${who}: ${line.msg}${code}`;
      this.#warnings.set(words, (this.#warnings.get(words) ?? 0) + 1);
      return;
    }
    this.#conflicts += 1;
    const sinceMs = performance.now() - oldestChangeMs;
    if (!this.#watch.othersChanged(`disk:/${path}`, who, sinceMs))
      this.#mistakes.push(`${who} made a conflict copy of ${path}, which nobody else had changed`);
  }

  /** Until both see what is on the Disk. @returns in what they differ at last */
  async #converged(): Promise<string[]> {
    const untilMs = performance.now() + convergeMs;
    for (;;) {
      await Promise.all(Array.from(this.#mounts.values(), (mount) => mount.flush()));
      const differences = await this.#differences();
      if (differences.length === 0 || performance.now() > untilMs) return differences;
      await sleep(5_000);
    }
  }

  async #differences(): Promise<string[]> {
    const differences: string[] = [];
    for (const [who, mount] of this.#mounts) {
      const view = await localView(join(mount.mountpoint, together)).catch((error: unknown) => String(error));
      if (typeof view === 'string') {
        differences.push(`${who} cannot look at everything: ${view}`);
        continue;
      }
      const there = await this.#onDisk();
      for (const path of new Set([...there.keys(), ...Object.keys(view)])) {
        const seen = view[path];
        const here = seen === undefined || seen === 'folder' ? seen : seen.md5;
        if (here !== there.get(path))
          differences.push(
            `${who} sees ${this.#nameOf(here)} at ${path}, where the Disk has ${this.#nameOf(there.get(path))}`,
          );
      }
    }
    return differences;
  }

  #nameOf(seen: string | undefined): string {
    return seen === 'folder' ? seen : this.#ledger.nameOf(seen);
  }

  /** MD5 or `folder`, by path. */
  async #onDisk(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const [path, entry] of await seenOnServer(this.#standIn.model))
      if (path.startsWith(`${together}/`))
        found.set(path.slice(together.length + 1), entry.kind === 'folder' ? 'folder' : await entry.hash());
    return found;
  }

  /** For whoever looks for a mistake. */
  #noteRequests(): void {
    const { wire } = this.#standIn;
    const respond = wire.respond.bind(wire);
    wire.respond = (exchange, reply) => {
      const { route, path, url, req } = exchange;
      const who = /token-(\w+)/.exec(req.headers.authorization ?? '')?.[1] ?? '';
      const from = new URL(url, 'http://x').searchParams.get('from') ?? '';
      const words = [new Date().toISOString(), who, route, reply.status, path ?? url, from && `from ${from}`];
      appendFileSync(join(this.#work, 'requests.log'), `${words.join(' ')}\n`);
      return respond(exchange, reply);
    };
  }

  async #keepServer(): Promise<void> {
    const entries = [...(await this.#onDisk())].sort(([one], [other]) => (one < other ? -1 : 1));
    const lines = entries.map(([path, seen]) => `${path}: ${this.#nameOf(seen)} ${seen}\n`);
    await writeFile(join(this.#work, 'server.txt'), lines.join(''));
  }

  #minutes(): string {
    return ((performance.now() - this.#startedMs) / 60_000).toFixed(0);
  }

  #tell(text: string): void {
    console.error(`endurance-test: ${text}`);
  }
}

async function hashesInTrash({ disk }: Model): Promise<string[]> {
  const files = [...disk.walk(disk.trash)].flatMap((node) =>
    node.kind === 'file' ? [node.content.hash()] : [],
  );
  return (await Promise.all(files)).map(({ md5 }) => md5);
}
