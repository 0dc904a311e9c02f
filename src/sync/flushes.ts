import { abortFailure, type Failure } from '../errors.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { needOf } from './differences.ts';
import { heldUpBy } from './held-up.ts';
import type { WhichDeletions } from './queue-report.ts';
import type { QueueView } from './queue-view.ts';
import { needsAttention } from './retry-rules.ts';
import type { SendingHooks } from './sending.ts';
import { unsentFailure } from './unsent-failure.ts';
import type { Sides } from './waits.ts';

interface FlushesParts {
  readonly local: LocalTree;
  readonly hooks: Pick<SendingHooks, 'isOpen' | 'heldForMs'>;
  readonly view: QueueView;
  /** What the planner knows of who waits for whom. */
  readonly sides: Sides;
}

/** What a flush still has to do with a node: nothing, wait, or give up. */
type Standing = 'done' | 'waiting' | 'refused';

/**
 * Who wants everything to be on the server at once, and waits for it. Being there means: its content, name and date, as a listing has shown it, for
 * the server loses some of that silently. What a program still has open for writing and has never closed is not waited for, nor what changes
 * after the question.
 */
export class Flushes {
  readonly #parts: FlushesParts;
  readonly #byIdMs = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  #allAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: FlushesParts) {
    this.#parts = parts;
  }

  get areWaitedFor(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether the write-back delay of this does not count. */
  isFlushed({ id, changedAtMs }: Pick<LocalNode, 'id' | 'changedAtMs'>): boolean {
    return changedAtMs <= Math.max(this.#allAtMs, this.#byIdMs.get(id) ?? Number.NEGATIVE_INFINITY);
  }

  /** Marks what lies at or under the places; all without places. */
  mark(places: readonly string[], nowMs: number): ReadonlySet<number> {
    const ids = new Set(this.#parts.view.nodesAt(places).map(({ id }) => id));
    if (places.length === 0) this.#allAtMs = nowMs;
    else for (const id of ids) this.#byIdMs.set(id, nowMs);
    return ids;
  }

  /** What was deleted here and is to be deleted there. */
  deletions({ name, place }: WhichDeletions): LocalNode[] {
    return this.#parts.view.nodesAt(place === undefined ? [] : [place]).filter((node) => {
      // As it was called here, or as the Disk calls it.
      const isNamed = name === undefined || node.name === name || node.base?.name === name;
      return isNamed && needOf(node) === 'delete';
    });
  }

  /** The write-back delay of these does not count any more. */
  markNodes(nodes: readonly LocalNode[], nowMs: number): ReadonlySet<number> {
    for (const { id } of nodes) this.#byIdMs.set(id, nowMs);
    return new Set(nodes.map(({ id }) => id));
  }

  /** The node is gone. */
  forget(id: number): void {
    this.#byIdMs.delete(id);
  }

  /** A plan was made: things may stand otherwise now. */
  onPassed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /**
   * Until what was marked at that time is there, or nothing of it can go any more.
   * @throws Failure of what was refused, when all else is there; 'aborted'
   */
  async until(ids: ReadonlySet<number>, markedAtMs: number, signal: AbortSignal): Promise<void> {
    const left = new Set(ids);
    for (;;) {
      const failure = this.#look(left, markedAtMs);
      if (failure) throw failure;
      if (left.size === 0) return;
      await this.#nextPass(signal);
    }
  }

  /** Takes out what is done. @returns what it fails with when all that is left was refused, or waits for something that was */
  #look(left: Set<number>, markedAtMs: number): Failure | undefined {
    const { local, view, sides } = this.#parts;
    const refused: LocalNode[] = [];
    const waiting: number[] = [];
    for (const id of left) {
      const node = local.node(id);
      const standing = this.#standingOf(node, markedAtMs);
      if (standing === 'done') left.delete(id);
      else if (standing === 'refused' && node) refused.push(node);
      else waiting.push(id);
    }
    if (waiting.some((id) => sides.isUnderWay(id))) return undefined;
    const all = waiting.length === 0 ? refused : [...local.all()].filter((node) => this.#isRefused(node));
    if (all.length === 0) return undefined;
    if (waiting.length > 0) {
      const heldUp = heldUpBy(sides, new Set(all.map(({ id }) => id)));
      if (!waiting.every((id) => heldUp.has(id))) return undefined;
    }
    const told = (refused.length > 0 ? refused : all).map((node) => ({
      path: view.pathOf(node),
      trouble: node.trouble,
    }));
    return unsentFailure(told, waiting.length);
  }

  #isRefused({ id, trouble }: LocalNode): boolean {
    if (!trouble || trouble.code === 'unfinished') return false;
    return needsAttention(trouble) && !this.#parts.sides.isUnderWay(id);
  }

  #standingOf(node: LocalNode | undefined, markedAtMs: number): Standing {
    const { hooks } = this.#parts;
    if (!node || node.changedAtMs > markedAtMs) return 'done';
    const need = needOf(node);
    if (need === undefined || (need === 'confirm' && hooks.isOpen(node.id))) return 'done';
    if (this.#isRefused(node)) return 'refused';
    const isHeld = hooks.heldForMs(node.id) > 0 || (need === 'upload' && !node.draft?.finished);
    return isHeld ? 'done' : 'waiting';
  }

  #nextPass(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortFailure(signal));
        return;
      }
      const onAbort = () => {
        this.#waiting.delete(onPassed);
        reject(abortFailure(signal));
      };
      const onPassed = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(onPassed);
    });
  }
}
