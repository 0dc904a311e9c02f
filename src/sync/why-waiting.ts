import type { LocalNode } from '../tree/local-node.ts';
import { dueAtMs, type Need, type Turn } from './differences.ts';
import type { WaitingWork, WaitReason } from './queue-report.ts';

/** What one change waits for. */
export interface Wait {
  readonly reason: WaitReason;
  readonly untilMs: number | undefined;
}

/**
 * Why something that is due is not under way; undefined where it waits for a person, who is told of it elsewhere.
 * @param urged somebody flushes it: its write-back delay is over
 */
export function whyWaiting(node: LocalNode, need: Need, turn: Turn, urged: boolean): Wait | undefined {
  const { trouble, draft } = node;
  if (trouble && trouble.retryAtMs === undefined) return undefined;
  if (need === 'upload' && !draft?.finished) return { reason: 'open', untilMs: undefined };
  const isHeld = (need === 'upload' || need === 'set-properties') && turn.heldForMs(node.id) > 0;
  if (isHeld) return { reason: 'open', untilMs: undefined };
  const untilMs = dueAtMs(node, need, turn, urged);
  if (untilMs === undefined || untilMs <= turn.nowMs) return { reason: 'turn', untilMs: undefined };
  return { reason: untilMs === trouble?.retryAtMs ? 'retry' : 'write-back', untilMs };
}

/** What waits, by reason. A status is asked for while a hundred thousand changes wait, and holds up the mount for as long as it is made. */
export class WaitTally {
  readonly #work = new Map<WaitReason, { changes: number; untilMs: number | undefined }>();

  add({ reason, untilMs }: Wait): void {
    const work = this.#work.get(reason);
    if (!work) this.#work.set(reason, { changes: 1, untilMs });
    else {
      work.changes++;
      if (untilMs !== undefined) work.untilMs = Math.min(work.untilMs ?? untilMs, untilMs);
    }
  }

  /** In the order of their list. */
  list(): WaitingWork[] {
    return reasons.flatMap((reason) => {
      const work = this.#work.get(reason);
      return work ? [{ reason, ...work }] : [];
    });
  }
}

const reasons = ['write-back', 'open', 'retry', 'turn'] as const satisfies readonly WaitReason[];
