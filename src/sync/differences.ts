import type { Base, LocalNode } from '../tree/local-node.ts';
import { markOf, markText } from '../tree/mark.ts';
import { isInPlace } from '../tree/places.ts';
import { epoch, type Timestamp } from '../tree/times.ts';
import { hasDate } from './dates.ts';
import { isSameTime } from './sameness.ts';
import type { Step } from './step.ts';

/** What a node needs next, for as long as it stays as it is: one thing at a time, and the one that must come first. */
export type Need = Step['kind'];

/** A file that is hidden because it is open may be about to be replaced; the second call comes within this time. */
export const tentativeMs = 1_000;

/** Undefined: nothing is to be done with it on the server. */
export function needOf(node: LocalNode): Need | undefined {
  const { base, draft, modified, traits } = node;
  if (node.intent) return 'resolve';
  if (node.state === 'deleted') return base && 'delete';
  // A file without bytes of ours and without any on the server: there is nothing to send.
  if (!base) return node.kind === 'folder' ? 'make-folder' : draft && 'upload';
  if (!isInPlace(node)) return 'move';
  if (draft && draft.version !== draft.sentVersion) return 'upload';
  const isOtherDate = modified && !isDateThere(modified, base);
  const areOtherTraits = traits && markOf(traits, base.content) !== markText(base.properties);
  return isOtherDate || areOtherTraits ? 'set-properties' : 'confirm';
}

/** The Disk has it. Of what was just sent its own is not known yet, and stands for the first moment of 1970, which may also be meant. */
function isDateThere(date: Timestamp, { modified, properties }: Base): boolean {
  if (!isSameTime(date, modified)) return false;
  return !isSameTime(date, epoch) || hasDate(properties);
}

/** What decides, beside the node itself, whether it is its turn. */
export interface Turn {
  readonly nowMs: number;
  readonly writeBackMs: number;
  /** A handle has written since its last flush: for so long its bytes and its date are not to be sent. Else 0. */
  heldForMs(id: number): number;
}

/**
 * From when on it may be sent, other nodes left out of account; undefined when time alone does not bring it. `urged`: nobody is to wait for
 * its write-back delay.
 */
export function dueAtMs(node: LocalNode, need: Need, turn: Turn, urged: boolean): number | undefined {
  if (need === 'upload' && !node.draft?.finished) return undefined;
  let at = 0;
  if (need !== 'resolve' && need !== 'confirm') {
    at = urged ? 0 : node.changedAtMs + turn.writeBackMs;
    if (node.hidden?.tentative) at = Math.max(at, node.changedAtMs + tentativeMs);
  }
  const heldMs = need === 'upload' || need === 'set-properties' ? turn.heldForMs(node.id) : 0;
  if (heldMs > 0) at = Math.max(at, turn.nowMs + heldMs);
  if (!node.trouble) return at;
  return node.trouble.retryAtMs === undefined ? undefined : Math.max(at, node.trouble.retryAtMs);
}
