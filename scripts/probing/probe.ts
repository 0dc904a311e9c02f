import type { TokenSource } from '../../src/disk-api/api.ts';
import { childPath, type DiskPath } from '../../src/disk-api/paths.ts';
import { Failure, failedWith } from '../../src/errors.ts';
import { Bench } from './bench.ts';
import { neverAsked } from './catalogue.ts';
import { type Clock, livePace, type Pace } from './clock.ts';
import { Evidence } from './evidence.ts';
import type { Person } from './person.ts';
import { Answer, type OptIn, type Question } from './question.ts';
import { type ProbeReport, type QuestionReport, questionReport, settingsOf } from './report.ts';
import { makeFolder } from './resources.ts';
import { type Cleaning, clean, leftovers, noTraces, scratchPath, type Traces } from './scratch.ts';
import { Sender } from './sender.ts';

export interface ProbeOptions {
  readonly apiUrl: URL;
  readonly oauthUrl: URL | undefined;
  readonly tokens: TokenSource;
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  readonly pace?: Pace;
  readonly person: Person;
  /** Fires when somebody wants the end; cleaning still takes place. */
  readonly signal: AbortSignal;
}

/** Requests that cleaning may make. */
const cleaningRequests = 200;
const cleaningLimitMs = 180_000;
const cleaningTries = 4;
/** After so many questions in a row that had no connection the rest is not tried. */
const mostOffline = 2;

/** One run against one Disk. */
export class Probe {
  readonly #options: ProbeOptions;
  readonly #sender: Sender;
  readonly #pace: Pace;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#pace = options.pace ?? livePace;
    this.#sender = new Sender(options);
  }

  /** Scratch folders that earlier runs left behind. */
  leftovers(): Promise<DiskPath[]> {
    return leftovers(this.#bench(scratchPath(this.#options.clock.nowMs()), cleaningRequests));
  }

  /** Takes one of those away. */
  clean(scratch: DiskPath): Promise<Cleaning> {
    return clean(this.#bench(scratch, cleaningRequests), scratch);
  }

  /** Asks all questions that are wanted, one after the other, and cleans up whatever happens. */
  async run(questions: readonly Question[], optedIn: ReadonlySet<OptIn>): Promise<ProbeReport> {
    const { clock, person } = this.#options;
    const startedAtMs = clock.nowMs();
    const scratch = scratchPath(startedAtMs);
    const traces = noTraces();
    const reports: QuestionReport[] = [];
    let stopped: string | undefined;
    let offline = 0;
    let cleaning: Cleaning = { complete: true, trashItems: 0, left: undefined };
    const wanted = questions.filter(({ needs }) => needs === undefined || optedIn.has(needs));
    try {
      await makeFolder(this.#bench(scratch, 10, scratch), scratch);
      for (const [index, question] of wanted.entries()) {
        person.tell(`[${index + 1}/${wanted.length}] ${question.title}`);
        const { report, error } = await this.#ask(question, scratch, traces);
        reports.push(report);
        offline = failedWith(error, 'offline') ? offline + 1 : 0;
        if (failedWith(error, 'aborted', 'login-needed', 'busy') || offline >= mostOffline) throw error;
      }
    } catch (error) {
      const interrupted = this.#options.signal.aborted;
      if (!(error instanceof Failure) || (reports.length === 0 && !interrupted)) throw error;
      stopped = interrupted ? 'it was interrupted' : error.message;
    } finally {
      cleaning = await this.#cleanAtLast(scratch, traces);
    }
    const asked = new Set(reports.map(({ id }) => id));
    for (const question of questions) {
      if (asked.has(question.id)) continue;
      const optIn = question.needs !== undefined && !optedIn.has(question.needs) ? question.needs : undefined;
      reports.push(
        questionReport(question, 'not asked', { reason: optIn ? `needs --${optIn}` : 'stopped before' }),
      );
    }
    const { counts, tooMany } = this.#sender;
    return {
      startedAt: new Date(startedAtMs).toISOString(),
      endedAt: new Date(clock.nowMs()).toISOString(),
      apiHost: this.#options.apiUrl.hostname,
      complete: stopped === undefined,
      ...(stopped !== undefined && { stopped }),
      requests: counts.requests,
      uploadedBytes: counts.sentBytes,
      tooMany,
      cleaning,
      questions: reports,
      neverAsked,
      settings: { ...settingsOf(reports), ...retryAfterSetting(tooMany) },
    };
  }

  close(): void {
    this.#sender.close();
  }

  async #ask(
    question: Question,
    scratch: DiskPath,
    traces: Traces,
  ): Promise<{ readonly report: QuestionReport; readonly error: unknown }> {
    const folder = childPath(scratch, question.id);
    const answer = new Answer();
    const bench = this.#bench(folder, question.requests, scratch, traces);
    const report = (state: QuestionReport['state'], reason?: string) =>
      questionReport(question, state, {
        ...answer,
        evidence: bench.evidence.lines(),
        requests: bench.requests,
        ...(reason !== undefined && { reason }),
      });
    try {
      await makeFolder(bench, folder);
      await question.ask(bench, answer);
      return { report: report('answered'), error: undefined };
    } catch (error) {
      return { report: report('failed', error instanceof Error ? error.message : String(error)), error };
    }
  }

  /** Cleaning has a time limit of its own: whoever interrupted the questions did not mean to leave things behind. */
  async #cleanAtLast(scratch: DiskPath, traces: Traces): Promise<Cleaning> {
    const signal = AbortSignal.timeout(cleaningLimitMs);
    const bench = this.#bench(scratch, cleaningRequests, scratch, traces, signal);
    for (let attempt = 1; ; attempt++) {
      try {
        return await clean(bench, scratch, traces);
      } catch (error) {
        const mayPass = failedWith(error, 'offline', 'busy') && attempt < cleaningTries;
        const why = error instanceof Error ? error.message : String(error);
        if (!mayPass) return { complete: false, trashItems: 0, left: `${scratch} (${why})` };
        await this.#options.clock.wait(attempt * this.#pace.settleMs, signal).catch(() => {});
      }
    }
  }

  #bench(
    folder: DiskPath,
    mostRequests: number,
    scratch: DiskPath = folder,
    traces: Traces = noTraces(),
    signal: AbortSignal = this.#options.signal,
  ): Bench {
    const { clock, person } = this.#options;
    return new Bench({
      sender: this.#sender,
      clock,
      pace: this.#pace,
      person,
      signal,
      evidence: new Evidence(scratch),
      scratch,
      folder,
      tag: scratch.slice(-10),
      mostRequests,
      ...traces,
    });
  }
}

/** A 429 that came by itself tells whether a Retry-After comes with it. */
function retryAfterSetting(tooMany: Sender['tooMany']): { readonly retryAfterSeconds?: number | null } {
  const [first] = tooMany;
  if (!first) return {};
  const seconds = Number(first.retryAfter);
  return { retryAfterSeconds: first.retryAfter !== undefined && Number.isFinite(seconds) ? seconds : null };
}
