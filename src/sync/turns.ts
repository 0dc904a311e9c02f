import type { LocalTree } from '../tree/local-tree.ts';
import type { Effects } from './effects.ts';
import type { Retries } from './retries.ts';
import type { SendingOptions } from './sending.ts';
import type { Step } from './step.ts';
import type { StepBounds } from './step-bounds.ts';
import type { Wake } from './wake.ts';

interface TurnsParts {
  readonly local: LocalTree;
  readonly options: Pick<SendingOptions, 'now' | 'timing'>;
  readonly effects: Effects;
  readonly bounds: StepBounds;
  readonly retries: Retries;
  readonly wake: Wake;
}

/** What runs, as the queue knows it. */
interface Starting {
  begin(step: Step): void;
  isRunning(step: Step): boolean;
  /** Nothing but looks is under way, or among what is left. */
  isQuiet(left: readonly Step[]): boolean;
}

/**
 * A folder whose listing would make us forget something waits no longer for a quiet moment: until then what others do to what we have sent may not show
 * here. Each look costs a listing, of a large folder several requests.
 */
const longestUnconfirmedMs = 30_000;
/** … and dates come after the content of all, but no later than this after they might. */
const longestWithoutDatesMs = 60_000;

/** Which of the steps that can be done are begun now: as many as the bounds allow, content before dates, and looks when it is quiet. */
export class Turns {
  readonly #parts: TurnsParts;
  /** By folder: since when it is to be looked at, and when that was planned last. */
  readonly #unconfirmed = new Map<number, { readonly sinceMs: number; readonly plannedAtMs: number }>();

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  /** For how long the date of this file may not follow yet: it came too soon, and would be lost. Below zero, since when it may. */
  dateRestMs(id: number): number {
    const { options, effects } = this.#parts;
    return options.timing.dateDelayMs - effects.sinceUploadOf(id);
  }

  /** For how long no look at this folder could show all dates. */
  folderRestMs(folderId: number): number {
    const { options, effects } = this.#parts;
    return options.timing.dateDelayMs - effects.sinceUploadInto(folderId);
  }

  /** Whether it is not held back for a while. */
  mayBegin(step: Step, nowMs: number): boolean {
    const { retries, wake, effects, options } = this.#parts;
    const heldMs = retries.heldUntilMs(step) - nowMs;
    const lookMs =
      step.kind === 'confirm' ? options.timing.confirmDelayMs - effects.sinceIn(step.folderId) : 0;
    const waitMs = heldMs > 0 ? heldMs : lookMs;
    if (waitMs > 0) wake.at(waitMs);
    return waitMs <= 0;
  }

  /** @returns what has to wait for its turn; looks are not among it, and are planned anew */
  start(planned: readonly Step[], starting: Starting): Step[] {
    const { bounds } = this.#parts;
    const left: Step[] = [];
    const confirms: Extract<Step, { kind: 'confirm' }>[] = [];
    const dates: Extract<Step, { kind: 'set-properties' }>[] = [];
    for (const step of planned) {
      if (step.kind === 'confirm') confirms.push(step);
      else if (step.kind === 'set-properties') dates.push(step);
      else if (bounds.take(step, this.sizeOf(step))) starting.begin(step);
      else left.push(step);
    }
    // Of 40 requests a second none goes to a date while content waits for its turn.
    const isContentWaiting = left.some(({ kind }) => kind === 'upload');
    for (const step of dates) {
      const mayWait = isContentWaiting && this.#dateWaitsMs(step.id) < longestWithoutDatesMs;
      if (!mayWait && bounds.take(step, 0)) starting.begin(step);
      else left.push(step);
    }
    this.#startLooks(confirms, starting, starting.isQuiet(left));
    return left;
  }

  #startLooks(
    confirms: readonly Extract<Step, { kind: 'confirm' }>[],
    starting: Starting,
    isQuiet: boolean,
  ): void {
    const { bounds, wake, options } = this.#parts;
    const nowMs = options.now();
    for (const step of confirms) {
      const { folderId } = step;
      const sinceMs = this.#unconfirmed.get(folderId)?.sinceMs ?? nowMs;
      this.#unconfirmed.set(folderId, { sinceMs, plannedAtMs: nowMs });
      // One listing for the dates too, which follow.
      const restMs = this.folderRestMs(folderId);
      if (restMs > 0) wake.at(restMs);
      if ((!isQuiet || restMs > 0) && nowMs - sinceMs < longestUnconfirmedMs) continue;
      if (starting.isRunning(step) || !bounds.take(step, 0)) continue;
      this.#unconfirmed.delete(folderId);
      starting.begin(step);
    }
    if (confirms.length > 0) wake.at(longestUnconfirmedMs / 4);
  }

  /** Of folders that were to be looked at, and went before they were. */
  forgetOld(nowMs: number): void {
    for (const [folderId, { plannedAtMs }] of this.#unconfirmed)
      if (plannedAtMs + longestUnconfirmedMs < nowMs) this.#unconfirmed.delete(folderId);
  }

  /** For how long the date has waited for its turn. */
  #dateWaitsMs(id: number): number {
    const { local, options } = this.#parts;
    const changedAtMs = local.node(id)?.changedAtMs ?? options.now();
    return Math.min(-this.dateRestMs(id), options.now() - changedAtMs);
  }

  /** Bytes that an upload is to bring. */
  sizeOf(step: Step): number {
    return step.kind === 'upload' ? (this.#parts.local.node(step.id)?.draft?.sizeBytes ?? 0) : 0;
  }
}
