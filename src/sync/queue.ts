import { setMaxListeners } from 'node:events';
import { pause } from '../async/pause.ts';
import type { Api } from '../disk-api/api.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { abortFailure, Failure, failedWith } from '../errors.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { Away, firstOfflineMs, longestOfflineMs } from './away.ts';
import { needOf } from './differences.ts';
import { Executor } from './executor.ts';
import { GoneNodes } from './gone-nodes.ts';
import { planSteps } from './planner.ts';
import { Postponed } from './postponed.ts';
import type { ConflictNote, QueueReport, SendQueue } from './queue-report.ts';
import { QueueView } from './queue-view.ts';
import { concernsAll, needsAttention, troubleOf } from './retry-rules.ts';
import type { SendingHooks, SendingNotice, SendingOptions } from './sending.ts';
import type { Step } from './step.ts';
import { StepBounds } from './step-bounds.ts';
import { drop } from './vanished.ts';
import { Wake } from './wake.ts';

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

interface Hold {
  readonly untilMs: number;
  readonly times: number;
}

const longestHoldMs = 60_000;
/** Planning takes at most this share of our time. */
const planShare = 0.2;
const longestRestMs = 500;
const mostConflicts = 100;
/** A folder whose listing would make us forget something waits no longer for a quiet moment. */
const longestUnconfirmedMs = 120_000;
/** … and dates come after the content of all, but no later than this after they may. */
const longestWithoutDatesMs = 60_000;

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
  readonly #holds = new Map<string, Hold>();
  readonly #tries = new Map<string, number>();
  readonly #flushedAtMs = new Map<number, number>();
  readonly #unconfirmedSinceMs = new Map<number, number>();
  readonly #gone: GoneNodes;
  readonly #conflicts: ConflictNote[] = [];
  readonly #wake = new Wake();
  readonly #away: Away;
  readonly #passed = new Set<() => void>();
  #planned: Step[] = [];
  #flushedAllAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    const hooks = { ...parts.hooks, onNotice: (notice: SendingNotice) => this.#onNotice(notice) };
    this.#executor = new Executor({ ...parts, hooks, isQuiet: () => this.#isQuiet });
    this.#gone = new GoneNodes(this.#executor.sending);
    this.#view = new QueueView({ local: parts.local, hooks });
    this.#away = new Away({
      api: parts.api,
      now: parts.options.now,
      wake: this.#wake,
      onAway: (error) => this.#onNotice({ kind: 'failed', path: undefined, error }),
    });
    this.#bounds = new StepBounds(parts.options.transfers);
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
      for (const id of remove) copies.forget(id);
      for (const node of put) {
        this.#gone.note(node);
        copies.note(node);
      }
      // What has just changed waits for its delay; whoever flushes, and each step that ends, wakes us by himself.
      this.#wake.at(this.#passed.size > 0 ? 0 : this.#parts.options.writeBackMs);
    });
    try {
      await this.#requireOwner(signal);
      while (!signal.aborted) {
        if (await this.#away.isBack(signal)) this.#pass(signal);
        await this.#wake.wait(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stop();
      await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    }
  }

  report(): QueueReport {
    const uploads = [...this.#running.values()].flatMap(({ step, sentBytes }) => {
      if (step.kind !== 'upload') return [];
      const sizeBytes = this.#parts.local.node(step.id)?.draft?.sizeBytes ?? 0;
      return [{ id: step.id, sentBytes: Math.min(sentBytes, sizeBytes), sizeBytes }];
    });
    return this.#view.report(uploads, this.#conflicts);
  }

  async flush(places: readonly string[], signal: AbortSignal): Promise<void> {
    const atMs = this.#parts.options.now();
    const nodes = this.#view.nodesAt(places);
    if (places.length === 0) this.#flushedAllAtMs = atMs;
    for (const { id } of nodes) this.#flushedAtMs.set(id, atMs);
    this.#wake.now();
    const ids = new Set(nodes.map(({ id }) => id));
    for (;;) {
      for (const id of ids) if (this.#isDone(id, atMs)) ids.delete(id);
      if (ids.size === 0) return;
      await this.#nextPass(signal);
    }
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
    for (const { id } of nodes) this.#forgetTries(id);
    this.#wake.now();
    return nodes.length;
  }

  async discard(place: string): Promise<void> {
    const nodes = this.#view.nodesAt([place]);
    if (nodes.length === 0)
      throw new Failure('not-found', `Nothing is unsent there: ${place}`, { path: place });
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

  /** Nothing but looks is under way. */
  get #isQuiet(): boolean {
    for (const { step } of this.#running.values()) if (step.kind !== 'confirm') return false;
    return !this.#planned.some(({ kind }) => kind !== 'confirm');
  }

  /** Whose login it is must be known before anything is sent. */
  async #requireOwner(signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#parts.hooks.requireOwner(signal);
      } catch (error) {
        if (!concernsAll(error) && !failedWith(error, 'server', 'busy', 'nonsense')) throw error;
        await pause(Math.min(firstOfflineMs * 2 ** tries, longestOfflineMs), signal);
      }
    }
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
    for (const resolve of this.#passed) resolve();
    this.#passed.clear();
  }

  #plan(): Step[] {
    const { local, hooks, options } = this.#parts;
    const { paths } = this.#executor.sending;
    const nowMs = options.now();
    const plan = planSteps({
      tree: local,
      parentOf: (id) => hooks.folder(id)?.parentId || undefined,
      pathOf: (id) => paths.expectedFolder(id),
      isUnderWay: (id) => this.#underWay.has(id),
      nowMs,
      writeBackMs: options.writeBackMs,
      heldForMs: hooks.heldForMs,
      isFlushed: (id) => this.#isFlushed(id),
      restsUntilMs: (folderId) => nowMs + this.#folderRestMs(folderId),
    });
    if (plan.nextAtMs !== undefined) this.#wake.at(plan.nextAtMs - nowMs);
    const active = new Set([...this.#running.values()].flatMap(({ ids }) => ids));
    const steps = this.#gone.withLooks(plan.steps, (id) => active.has(id));
    return steps.filter((step) => this.#mayBegin(step, nowMs));
  }

  #isFlushed(id: number): boolean {
    const changedAtMs = this.#parts.local.node(id)?.changedAtMs ?? 0;
    return (
      changedAtMs <= Math.max(this.#flushedAllAtMs, this.#flushedAtMs.get(id) ?? Number.NEGATIVE_INFINITY)
    );
  }

  #mayBegin(step: Step, nowMs: number): boolean {
    const hold = this.#holds.get(keyOf(step));
    if (hold && hold.untilMs > nowMs) {
      this.#wake.at(hold.untilMs - nowMs);
      return false;
    }
    if (step.kind !== 'confirm') return true;
    const { effects, options } = this.#executor.sending;
    const waitMs = options.timing.confirmDelayMs - effects.sinceIn(step.folderId);
    if (waitMs > 0) this.#wake.at(waitMs);
    return waitMs <= 0;
  }

  #start(signal: AbortSignal): void {
    const nowMs = this.#parts.options.now();
    const left: Step[] = [];
    const confirms: Step[] = [];
    const dates: Extract<Step, { kind: 'set-properties' }>[] = [];
    for (const step of this.#planned) {
      if (step.kind === 'confirm') confirms.push(step);
      else if (step.kind === 'set-properties') dates.push(step);
      else if (this.#bounds.take(step, this.#sizeOf(step))) this.#begin(step, signal);
      else left.push(step);
    }
    // Of 40 requests a second none goes to a date while content waits for its turn.
    const isContentWaiting = left.some(({ kind }) => kind === 'upload');
    for (const step of dates) {
      const mayWait = isContentWaiting && this.#restMs(step.id) > -longestWithoutDatesMs;
      if (!mayWait && this.#bounds.take(step, 0)) this.#begin(step, signal);
      else left.push(step);
    }
    this.#planned = left;
    const isQuiet = this.#isQuiet;
    for (const step of confirms) {
      if (step.kind !== 'confirm') continue;
      const sinceMs = this.#unconfirmedSinceMs.get(step.folderId) ?? nowMs;
      this.#unconfirmedSinceMs.set(step.folderId, sinceMs);
      // One listing for the dates too, which follow.
      const restMs = this.#folderRestMs(step.folderId);
      if (restMs > 0) this.#wake.at(restMs);
      if ((!isQuiet || restMs > 0) && nowMs - sinceMs < longestUnconfirmedMs) continue;
      if (this.#running.has(keyOf(step)) || !this.#bounds.take(step, 0)) continue;
      this.#unconfirmedSinceMs.delete(step.folderId);
      this.#begin(step, signal);
    }
    if (confirms.length > 0) this.#wake.at(longestUnconfirmedMs / 4);
  }

  /** For how long the date of this may not follow its content yet; below zero, since when it may. */
  #restMs(id: number): number {
    const base = this.#parts.local.node(id)?.base;
    return base ? this.#folderRestMs(base.parentId) : 0;
  }

  /** For how long no dates may follow in the folder yet. */
  #folderRestMs(folderId: number): number {
    return this.#parts.options.timing.dateDelayMs - this.#executor.sending.effects.sinceUploadIn(folderId);
  }

  #sizeOf(step: Step): number {
    return step.kind === 'upload' ? (this.#parts.local.node(step.id)?.draft?.sizeBytes ?? 0) : 0;
  }

  #begin(step: Step, signal: AbortSignal): void {
    const ids = idsOf(step);
    const sizeBytes = this.#sizeOf(step);
    const controller = new AbortController();
    const both = AbortSignal.any([signal, controller.signal]);
    setMaxListeners(0, both);
    for (const id of ids) this.#underWay.add(id);
    const begun = this.#executor.run(step, both, (sentBytes) => {
      running.sentBytes = sentBytes;
    });
    const ended = begun
      .then(
        () => this.#onDone(step),
        (error: unknown) => this.#onFailed(step, error, both),
      )
      .catch((error: unknown) => this.#onNotice({ kind: 'failed', path: undefined, error }))
      .finally(() => {
        for (const id of ids) this.#underWay.delete(id);
        this.#running.delete(keyOf(step));
        this.#bounds.leave(step, sizeBytes);
        // What is left of the plan goes with what is under way.
        if (!signal.aborted && !this.#away.isAway && this.#planned.length > 0) this.#start(signal);
        this.#wake.now();
      });
    const running: Running = { step, ids, controller, ended, sentBytes: 0 };
    this.#running.set(keyOf(step), running);
  }

  #onDone(step: Step): void {
    const key = keyOf(step);
    this.#holds.delete(key);
    this.#tries.delete(key);
  }

  #onFailed(step: Step, error: unknown, signal: AbortSignal): void {
    const { local, options } = this.#parts;
    if (signal.aborted || failedWith(error, 'aborted')) return;
    if (concernsAll(error)) {
      this.#away.note(error);
      return;
    }
    const key = keyOf(step);
    const nowMs = options.now();
    const isLook = step.kind === 'confirm';
    if (error instanceof Postponed || isLook) {
      const delayMs = error instanceof Postponed ? error.delayMs : firstOfflineMs;
      const times = (this.#holds.get(key)?.times ?? 0) + 1;
      const waitMs = Math.min(Math.max(delayMs, 50 * times) * 1.5 ** (times - 1), longestHoldMs);
      this.#holds.set(key, { untilMs: nowMs + waitMs, times });
      if (!(error instanceof Postponed)) this.#onNotice({ kind: 'failed', path: undefined, error });
      return;
    }
    // The intent stays, and is looked after at once.
    if (failedWith(error, 'in-doubt')) return;
    const node = local.node(step.id);
    if (!node) return;
    const tries = (this.#tries.get(key) ?? 0) + 1;
    this.#tries.set(key, tries);
    const trouble = troubleOf(error, tries, nowMs);
    const isNews = needsAttention(trouble) && node.trouble?.code !== trouble.code;
    this.#onNotice({ kind: 'failed', path: this.#view.pathOf(node), error, needsAttention: isNews });
    local.apply({ put: [{ ...node, trouble: { ...trouble, sinceMs: node.trouble?.sinceMs ?? nowMs } }] });
  }

  #forgetTries(id: number): void {
    for (const key of this.#tries.keys()) if (key.endsWith(` ${id}`)) this.#tries.delete(key);
    for (const key of this.#holds.keys()) if (key.endsWith(` ${id}`)) this.#holds.delete(key);
  }

  /** @throws Failure when it cannot be sent */
  #isDone(id: number, flushedAtMs: number): boolean {
    const { local, hooks } = this.#parts;
    const node = local.node(id);
    if (!node || node.changedAtMs > flushedAtMs) return true;
    const need = needOf(node);
    if (need === undefined || (need === 'confirm' && hooks.isOpen(id))) return true;
    const { trouble } = node;
    if (trouble && needsAttention(trouble) && trouble.code !== 'unfinished')
      throw new Failure(trouble.code as Failure['code'], trouble.message, { path: this.#view.pathOf(node) });
    return hooks.heldForMs(id) > 0 || (need === 'upload' && !node.draft?.finished);
  }

  #nextPass(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortFailure(signal));
        return;
      }
      const onAbort = () => {
        this.#passed.delete(onPassed);
        reject(abortFailure(signal));
      };
      const onPassed = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#passed.add(onPassed);
    });
  }

  #onNotice(notice: SendingNotice): void {
    if (notice.kind === 'conflict') {
      const { path, copy } = notice.conflict;
      this.#conflicts.push({ path, copy, sinceMs: this.#parts.options.now() });
      if (this.#conflicts.length > mostConflicts) this.#conflicts.shift();
    }
    this.#parts.hooks.onNotice(notice);
  }
}

function keyOf(step: Step): string {
  return `${step.kind} ${step.kind === 'confirm' ? step.folderId : step.id}`;
}

function idsOf(step: Step): readonly number[] {
  if (step.kind === 'confirm') return step.ids;
  return step.kind === 'delete' ? [step.id, ...step.covers] : [step.id];
}
