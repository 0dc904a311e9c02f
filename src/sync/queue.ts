import { setMaxListeners } from 'node:events';
import type { Api } from '../disk-api/api.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { Away, firstOfflineMs, longestOfflineMs, untilOwnerKnown } from './away.ts';
import { ConflictNotes } from './conflict-notes.ts';
import { Executor } from './executor.ts';
import { Flushes } from './flushes.ts';
import { GoneNodes } from './gone-nodes.ts';
import { planSteps } from './planner.ts';
import { Postponed } from './postponed.ts';
import type { QueueReport, SendQueue, WhichDeletions } from './queue-report.ts';
import { QueueView } from './queue-view.ts';
import { Retries } from './retries.ts';
import { concernsAll, needsAttention, troubleOf } from './retry-rules.ts';
import type { SendingHooks, SendingNotice, SendingOptions } from './sending.ts';
import { idsOf, keyOf, type Step } from './step.ts';
import { StepBounds } from './step-bounds.ts';
import { Turns } from './turns.ts';
import { nothingUnsentAt } from './unsent-failure.ts';
import { drop } from './vanished.ts';
import type { Sides } from './waits.ts';
import { Wake } from './wake.ts';
import { whyWaiting } from './why-waiting.ts';

interface QueueParts {
  readonly api: Api;
  /** The folder of the Disk that is the root of the mount. */
  readonly root: DiskPath;
  readonly local: LocalTree;
  readonly hooks: SendingHooks;
  readonly options: SendingOptions & {
    /** What was changed is sent so long after its last change. */
    readonly writeBackMs: number;
    /** Large files under way at once. */
    readonly transfers: number;
  };
}

interface Running {
  readonly step: Step;
  readonly ids: readonly number[];
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  sentBytes: number;
}

/** Planning takes at most this share of our time. */
const planShare = 0.2;
const longestRestMs = 500;

/** While others are at something; each wait is half as long again as the last: after a quarter of a minute people are told. */
const passingDelayMs = 750;
const mostPassing = 6;

/**
 * Makes the server agree: asks the planner what can be done, starts it within bounds, notes what could not be done and when it is tried again, and asks
 * again whenever a step ends, something changes here, or time brings more.
 */
export class Queue implements SendQueue {
  readonly #parts: QueueParts;
  readonly #executor: Executor;
  readonly #view: QueueView;
  readonly #bounds: StepBounds;
  readonly #running = new Map<string, Running>();
  readonly #underWay = new Set<number>();
  readonly #retries = new Retries();
  readonly #turns: Turns;
  readonly #flushes: Flushes;
  readonly #sides: Sides;
  readonly #gone: GoneNodes;
  readonly #conflicts: ConflictNotes;
  readonly #wake = new Wake();
  readonly #away: Away;
  #planned: Step[] = [];
  /** Fires when sending is paused; a new one then, when it goes on. */
  #going = new AbortController();

  constructor(parts: QueueParts) {
    this.#parts = parts;
    const hooks = { ...parts.hooks, onNotice: (notice: SendingNotice) => this.#onNotice(notice) };
    this.#executor = new Executor({ ...parts, hooks, isQuiet: () => this.#isQuiet(this.#planned) });
    this.#gone = new GoneNodes(this.#executor.sending);
    this.#conflicts = new ConflictNotes(this.#executor.sending);
    this.#view = new QueueView({ local: parts.local, hooks });
    this.#away = new Away({
      api: parts.api,
      now: parts.options.now,
      wake: this.#wake,
      onAway: (error) => this.#onNotice({ kind: 'failed', path: undefined, error }),
    });
    this.#bounds = new StepBounds(parts.options.transfers);
    const { local, options } = parts;
    const { paths, effects } = this.#executor.sending;
    this.#sides = {
      tree: local,
      parentOf: (id) => hooks.folder(id)?.parentId || undefined,
      pathOf: (id) => paths.expectedFolder(id),
      isUnderWay: (id) => this.#underWay.has(id),
    };
    this.#flushes = new Flushes({ local, hooks, view: this.#view, sides: this.#sides });
    this.#turns = new Turns({
      ...{ local, options, effects },
      ...{ bounds: this.#bounds, retries: this.#retries, wake: this.#wake },
    });
  }

  /** Until the signal fires; what is under way then is looked at by the next one. */
  async run(signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal);
    const { copies } = this.#executor.sending;
    for (const node of this.#parts.local.all()) {
      this.#gone.note(node);
      copies.note(node);
    }
    const stop = this.#parts.local.onChange(({ put = [], remove = [] }) => {
      for (const id of remove) this.#forget(id);
      for (const node of put) {
        this.#gone.note(node);
        copies.note(node);
      }
      // What has just changed waits for its delay; whoever flushes, and each step that ends, wakes us by himself.
      this.#wake.at(this.#flushes.areWaitedFor ? 0 : this.#parts.options.writeBackMs);
    });
    try {
      await untilOwnerKnown(this.#parts.api, this.#parts.hooks, signal);
      while (!signal.aborted) {
        if (!this.isPaused && (await this.#away.isBack(signal))) this.#pass(signal);
        await this.#wake.wait(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stop();
      await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    }
  }

  get isPaused(): boolean {
    return this.#going.signal.aborted;
  }

  /**
   * Begins nothing any more, and gives up uploads under way; what else is under way comes to its end. Whoever waits for a flush is told by `why`, which
   * names the mount: there may be others, which go on.
   */
  pause(why: Failure): void {
    this.#going.abort(why);
    for (const { step, controller } of this.#running.values())
      if (step.kind === 'upload') controller.abort(new Failure('aborted', 'Sending is paused'));
  }

  resume(): void {
    if (!this.isPaused) return;
    this.#going = new AbortController();
    this.#wake.now();
  }

  report(): QueueReport {
    const uploads = [...this.#running.values()].flatMap(({ step, sentBytes }) => {
      const sizeBytes = this.#turns.sizeOf(step);
      return step.kind === 'upload'
        ? [{ id: step.id, sentBytes: Math.min(sentBytes, sizeBytes), sizeBytes }]
        : [];
    });
    const { hooks, options } = this.#parts;
    const turn = { nowMs: options.now(), writeBackMs: options.writeBackMs, heldForMs: hooks.heldForMs };
    return this.#view.report(uploads, this.#conflicts.list(), (node, need) =>
      this.#underWay.has(node.id) ? undefined : whyWaiting(node, need, turn, this.#flushes.isFlushed(node)),
    );
  }

  async flush(places: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#untilSent((atMs) => this.#flushes.mark(places, atMs), signal);
  }

  async sendDeletions(which: WhichDeletions, signal: AbortSignal): Promise<void> {
    const nodes = this.#flushes.deletions(which);
    const waiting = nodes.find(({ id, intent }) => !intent && !this.#underWay.has(id));
    if (waiting && this.#parts.options.deletesPermanently) {
      const path = this.#view.pathOf(waiting);
      throw new Failure('not-permitted', `Deleted here, and not sent yet: ${path}`, {
        path,
        hint: 'Sent, it would be gone for good (--delete permanently); nothing was sent. yadiskfs unsent discard takes the deletion back.',
      });
    }
    await this.#untilSent((atMs) => this.#flushes.markNodes(nodes, atMs), signal);
  }

  async #untilSent(mark: (atMs: number) => ReadonlySet<number>, signal: AbortSignal): Promise<void> {
    const atMs = this.#parts.options.now();
    const ids = mark(atMs);
    this.#wake.now();
    await this.#flushes.until(ids, atMs, AbortSignal.any([signal, this.#going.signal]));
  }

  retry(places: readonly string[]): number {
    const { local } = this.#parts;
    const nodes = this.#view.nodesAt(places).filter(({ trouble }) => trouble !== undefined);
    const cleared = nodes.map((node) => {
      const { draft, trouble } = node;
      // Half a file that somebody wants to be sent all the same.
      const isHalf = trouble?.code === 'unfinished' && draft !== undefined;
      return { ...node, trouble: undefined, draft: isHalf ? { ...draft, finished: true } : draft };
    });
    if (cleared.length > 0) local.apply({ put: cleared });
    for (const { id } of nodes) this.#retries.forget(id);
    this.#wake.now();
    return nodes.length;
  }

  async discard(place: string): Promise<void> {
    const nodes = this.#view.nodesAt([place]);
    if (nodes.length === 0) throw nothingUnsentAt(place);
    const ids = new Set(nodes.map(({ id }) => id));
    for (const { id } of nodes) this.#underWay.add(id);
    try {
      const running = [...this.#running.values()].filter((each) => each.ids.some((id) => ids.has(id)));
      for (const { controller } of running) controller.abort(new Failure('aborted', 'Given up'));
      await Promise.all(running.map(({ ended }) => ended));
      for (const id of ids) {
        const node = this.#parts.local.node(id);
        if (node) drop(this.#executor.sending, node);
      }
    } finally {
      for (const id of ids) this.#underWay.delete(id);
      this.#wake.now();
    }
  }

  exportTo(folder: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#view.exportTo(folder, signal);
  }

  /** Nothing but looks is under way, or waits for its turn. */
  #isQuiet(planned: readonly Step[]): boolean {
    for (const { step } of this.#running.values()) if (step.kind !== 'confirm') return false;
    return !planned.some(({ kind }) => kind !== 'confirm');
  }

  /** Plans anew, or goes on with what was planned; starts what the bounds allow. */
  #pass(signal: AbortSignal): void {
    const begunAtMs = performance.now();
    try {
      this.#gone.forget((id) => this.#underWay.has(id));
      this.#planned = this.#plan();
      this.#start(signal);
    } catch (error) {
      // A local disk that is full, or a mistake of ours: what runs goes on, and the rest is not given up.
      this.#onNotice({ kind: 'failed', path: undefined, error });
      this.#wake.at(longestOfflineMs);
    }
    this.#wake.rest(Math.min((performance.now() - begunAtMs) / planShare, longestRestMs));
    this.#flushes.onPassed();
  }

  #plan(): Step[] {
    const { hooks, options } = this.#parts;
    const nowMs = options.now();
    const plan = planSteps({
      ...this.#sides,
      nowMs,
      writeBackMs: options.writeBackMs,
      heldForMs: hooks.heldForMs,
      isFlushed: (node) => this.#flushes.isFlushed(node),
      dateRestsUntilMs: (id) => nowMs + this.#turns.dateRestMs(id),
      folderRestsUntilMs: (folderId) => nowMs + this.#turns.folderRestMs(folderId),
    });
    if (plan.nextAtMs !== undefined) this.#wake.at(plan.nextAtMs - nowMs);
    const steps = this.#gone.withLooks(plan.steps, (id) => this.#underWay.has(id));
    this.#retries.forgetOld(nowMs);
    this.#turns.forgetOld(nowMs);
    return steps.filter((step) => this.#turns.mayBegin(step, nowMs));
  }

  #start(signal: AbortSignal): void {
    this.#planned = this.#turns.start(this.#planned, {
      begin: (step) => this.#begin(step, signal),
      isRunning: (step) => this.#running.has(keyOf(step)),
      isQuiet: (left) => this.#isQuiet(left),
    });
  }

  /** The node is not there any more. */
  #forget(id: number): void {
    this.#executor.forget(id);
    this.#flushes.forget(id);
    this.#retries.forget(id);
  }

  #begin(step: Step, signal: AbortSignal): void {
    const ids = idsOf(step);
    const sizeBytes = this.#turns.sizeOf(step);
    const controller = new AbortController();
    const both = AbortSignal.any([signal, controller.signal]);
    setMaxListeners(0, both);
    for (const id of ids) this.#underWay.add(id);
    const begun = this.#executor.run(step, both, (sentBytes) => {
      running.sentBytes = sentBytes;
    });
    const ended = begun
      .then(
        () => this.#retries.onDone(step),
        (error: unknown) => this.#onFailed(step, error, both),
      )
      .catch((error: unknown) => this.#onNotice({ kind: 'failed', path: undefined, error }))
      .finally(() => {
        for (const id of ids) this.#underWay.delete(id);
        this.#running.delete(keyOf(step));
        this.#bounds.leave(step, sizeBytes);
        // What is left of the plan goes with what is under way.
        const goesOn = !signal.aborted && !this.isPaused && !this.#away.isAway;
        if (goesOn && this.#planned.length > 0) this.#start(signal);
        this.#wake.now();
      });
    const running: Running = { step, ids, controller, ended, sentBytes: 0 };
    this.#running.set(keyOf(step), running);
  }

  #onFailed(step: Step, error: unknown, signal: AbortSignal): void {
    const { local, options } = this.#parts;
    if (signal.aborted || failedWith(error, 'aborted')) return;
    if (concernsAll(error)) {
      this.#away.note(error);
      return;
    }
    const nowMs = options.now();
    if (error instanceof Postponed || step.kind === 'confirm') {
      this.#retries.hold(step, error instanceof Postponed ? error.delayMs : firstOfflineMs, nowMs);
      if (step.kind === 'confirm' && !(error instanceof Postponed))
        this.#onNotice({ kind: 'failed', path: this.#view.folderPath(step.folderId), error });
      return;
    }
    // The intent stays, and is looked after at once.
    if (failedWith(error, 'in-doubt')) return;
    const tries = this.#retries.count(step);
    // Others are at it: what comes of that is looked at in a moment. An upload has waited for them by itself.
    if (step.kind !== 'upload' && failedWith(error, 'locked', 'unsettled') && tries <= mostPassing) {
      this.#retries.hold(step, passingDelayMs, nowMs);
      return;
    }
    const node = local.node(step.id);
    if (!node) return;
    const trouble = troubleOf(error, tries, nowMs);
    const isNews = needsAttention(trouble) && node.trouble?.code !== trouble.code;
    this.#onNotice({ kind: 'failed', path: this.#view.pathOf(node), error, needsAttention: isNews });
    local.apply({ put: [{ ...node, trouble: { ...trouble, sinceMs: node.trouble?.sinceMs ?? nowMs } }] });
  }

  #onNotice(notice: SendingNotice): void {
    if (notice.kind === 'conflict')
      this.#conflicts.add(notice.conflict.id, notice.conflict.path, this.#parts.options.now());
    this.#parts.hooks.onNotice(notice);
  }
}
