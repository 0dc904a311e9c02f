import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StandIn } from '../../test/stand-in/index.ts';
import type { Random } from '../../test/stand-in/random.ts';
import { answeredCount, beginJournal, lastSteps, readJournal, sendableHashes } from './journal.ts';
import { differences } from './looking.ts';
import { steadyNames } from './plans.ts';
import { ServerWatch, seenOnServer } from './server-side.ts';
import type { Subject } from './subject.ts';
import type { Entry } from './tree.ts';
import { type Finding, type Order, shortWrite, startWork, type Work } from './work.ts';

interface CampaignOptions {
  readonly seed: string;
  readonly workers: number;
  readonly power: boolean;
  /** For journals. */
  readonly work: string;
}

/** What a dead server makes of calls. */
const deadCodes = ['ENOTCONN', 'ECONNABORTED', 'EIO', 'EINTR', shortWrite];
const lookTimeoutMs = 180_000;
/** Numbers of one worker's files and streams never meet another's. */
const numbersOfWorker = 1e12;

/** Round by round: start, look, work, kill. Every so often all is flushed, and the server compared. */
export class Campaign {
  readonly #standIn: StandIn;
  readonly #subject: Subject;
  readonly #random: Random;
  readonly #options: CampaignOptions;
  readonly #watch: ServerWatch;
  #isFirst = true;
  /** For the summary. */
  kills = 0;
  killsWhileStarting = 0;
  comparisons = 0;

  constructor(standIn: StandIn, subject: Subject, random: Random, options: CampaignOptions) {
    this.#standIn = standIn;
    this.#subject = subject;
    this.#random = random;
    this.#options = options;
    const steady = this.#names().flatMap((name) => steadyNames.map((path) => `${name}/${path}`));
    this.#watch = new ServerWatch(standIn.model, steady);
  }

  /** Steps that were answered so far. */
  get steps(): number {
    return this.#names().reduce((sum, name) => sum + answeredCount(this.#journalOf(name)), 0);
  }

  /** @throws Error that says what is not right */
  async begin(): Promise<void> {
    await this.#subject.start();
    for (const [index, name] of this.#names().entries()) {
      await mkdir(join(this.#subject.folder, name));
      beginJournal(this.#journalOf(name), new Map(), (index + 1) * numbersOfWorker);
    }
    const works = this.#startWorks('beginning', 0);
    await this.#done(works);
    this.#isFirst = false;
    // From here on everybody knows that the folders of the workers are there.
    await this.#subject.flush();
    await this.#die();
  }

  /** @throws Error that says what is not right */
  async round(number: number): Promise<void> {
    const random = this.#random;
    if (random.fraction() < 0.25 && this.#subject.killed === 'server') {
      await this.#subject.startAndDie(random.below(900));
      this.killsWhileStarting += 1;
    }
    await this.#subject.start();
    if (random.fraction() < 0.1) await this.compare(false);
    const workMs = 100 + random.below(2_400);
    const works = this.#startWorks(String(number), workMs, await this.#unfinished());
    await within(lookTimeoutMs, 'looking around', Promise.all(works.map(({ begun }) => begun)));
    if (random.fraction() < 0.08) {
      await this.#done(works);
      await this.#subject.stop();
    } else {
      await sleep(random.below(workMs + 300));
      if (this.#subject.killed === 'workers') for (const work of works) work.kill();
      await this.#die();
      await this.#findings(works, true);
    }
    await this.#checkServer();
    if (number % 20 === 0) this.#standIn.model.emptyTrash();
  }

  /** The end: all is sent, and the server is what was acknowledged. @throws Error that says what is not right */
  async end(): Promise<void> {
    await this.#subject.start();
    await this.compare(true);
    await this.#subject.stop();
  }

  /** @param patiently also once more after everything is final on the server */
  async compare(patiently: boolean): Promise<void> {
    await this.#done(this.#startWorks(`look ${this.comparisons}`, 0, await this.#unfinished()));
    await this.#subject.flush();
    await this.#compareNow('after a flush');
    const unsent = await this.#subject.unsent();
    if (unsent.length > 0)
      throw new Error(`Left unsent: ${unsent.map((one) => Object.values(one).join(' ')).join('\n  ')}`);
    const conflicts = await this.#subject.conflicts();
    if (conflicts.length > 0)
      throw new Error(`Conflicts, and nobody else was at work:\n  ${conflicts.join('\n  ')}`);
    const { finalAfterMs, lateCommitMs } = this.#standIn.settings;
    if (patiently) {
      await sleep(finalAfterMs + lateCommitMs + 200);
      await this.#compareNow('when all is final');
    }
    this.comparisons += 1;
  }

  async #compareNow(when: string): Promise<void> {
    const wanted = new Map<string, Entry>();
    for (const name of this.#names()) {
      wanted.set(name, { kind: 'folder' });
      for (const [path, entry] of readJournal(this.#journalOf(name)).row.tree)
        wanted.set(`${name}/${path}`, entry);
    }
    const found = differences(wanted, await seenOnServer(this.#standIn.model));
    if (found.length > 0) {
      const shown = found.slice(0, 15).map((line) => `${line}${this.#historyOf(line)}`);
      throw new Error(`The server is not what was acknowledged, ${when}:\n  ${shown.join('\n  ')}`);
    }
    await this.#checkServer();
  }

  async #checkServer(): Promise<void> {
    await this.#watch.settled();
    const known = new Set(this.#names().flatMap((name) => sendableHashes(this.#journalOf(name))));
    const strange = [...this.#watch.arrived].filter(([hash]) => !known.has(hash)).map(([, path]) => path);
    const mistakes = [
      ...this.#watch.mistakes,
      ...strange.map(
        (path) =>
          `${path}: bytes came to the server that no program had ever finished writing${this.#historyOf(path)}`,
      ),
    ];
    if (mistakes.length > 0) throw new Error(`On the server: ${mistakes.slice(0, 10).join('\n  ')}`);
  }

  /** What was done with the path at the beginning of a line, for whoever looks for the mistake. */
  #historyOf(line: string): string {
    const path = line.split(': ')[0] ?? '';
    const [name = '', ...rest] = path.split('/');
    if (!this.#names().includes(name) || rest.length === 0) return '';
    return lastSteps(this.#journalOf(name), rest.join('/'), 8)
      .map((step) => `\n      ${step}`)
      .join('');
  }

  #startWorks(turn: string, workMs: number, unfinished: readonly string[] = []): Work[] {
    return this.#names().map((name) => {
      const order: Order = {
        folder: join(this.#subject.folder, name),
        journal: this.#journalOf(name),
        seed: `${this.#options.seed}, ${name}, ${turn}`,
        workMs,
        isFirst: this.#isFirst,
        afterPowerCut: this.#options.power
          ? {
              unfinished: unfinished.flatMap((path) =>
                path.startsWith(`${name}/`) ? [path.slice(name.length + 1)] : [],
              ),
            }
          : undefined,
      };
      return startWork(order);
    });
  }

  async #unfinished(): Promise<readonly string[]> {
    return this.#options.power ? (await this.#subject.unsent()).map(({ path }) => path) : [];
  }

  async #done(works: readonly Work[]): Promise<void> {
    await within(lookTimeoutMs, 'working', this.#findings(works, false));
  }

  async #findings(works: readonly Work[], wasKilled: boolean): Promise<void> {
    const findings = await within(lookTimeoutMs, 'ending', Promise.all(works.map(({ finding }) => finding)));
    for (const [index, finding] of findings.entries()) {
      const name = this.#names()[index] ?? '';
      const words = finding && wordsOf(finding, wasKilled);
      if (words !== undefined) throw new Error(`${name}: ${words}${this.#histories(name, words)}`);
    }
  }

  #histories(name: string, words: string): string {
    const lines = words.split('\n').map((line) => line.trim());
    return lines.map((line) => this.#historyOf(`${name}/${line}`)).join('');
  }

  async #die(): Promise<void> {
    await this.#subject.kill();
    this.kills += 1;
  }

  #names(): string[] {
    return Array.from({ length: this.#options.workers }, (_, index) => `worker ${index}`);
  }

  #journalOf(name: string): string {
    return join(this.#options.work, `${name}.journal`);
  }
}

/** What is not as it should be. */
function wordsOf(finding: Finding, wasKilled: boolean): string | undefined {
  if (finding.kind === 'wrong') return finding.words;
  if (finding.kind === 'done' || (wasKilled && deadCodes.includes(finding.code))) return undefined;
  return `a call failed with ${finding.code}: ${finding.step}`;
}

async function within<T>(timeoutMs: number, what: string, task: Promise<T>): Promise<T> {
  const late = sleep(timeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`${what} took more than ${timeoutMs / 1000} s: something hangs`);
  });
  return Promise.race([task, late]);
}
