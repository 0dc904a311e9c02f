import type { BaseContent } from '../tree/local-node.ts';
import { isSameBytes } from '../tree/sameness.ts';
import type { Shown } from './sameness.ts';

/** What is due here, or was sent and is to be seen there: each with the place that is looked at. */
type Due =
  /** Bytes of a file that is new here, at its place. */
  | 'upload-as-new'
  /** Bytes of a file that is there, or that takes over what is there. */
  | 'upload-over'
  /** A move or rename: at its source, and at its target. */
  | 'move-from'
  | 'move-to'
  /** Of a file, or of each file in a folder. */
  | 'delete'
  /** It was sent, and no listing has shown it since. */
  | 'sent'
  /** Nothing of it is to be sent, and a listing has shown it. */
  | 'shown';

/** What a look has shown at that place. */
type Found =
  | 'nothing'
  /** What this machine started from: of a file the same bytes, of a folder and of what is moved the same resource. */
  | 'as-before'
  /** What ours would make of it. */
  | 'as-ours'
  /** Something else of the same kind. */
  | 'other'
  /** A folder for a file, a file for a folder. */
  | 'other-kind';

/** What happens. */
type Ruling =
  /** It is sent. */
  | 'go'
  /** Nothing is to be done any more: what is there becomes the base. */
  | 'done'
  /** Ours goes after what was moved there; where that is nowhere, it is sent, and stands where it stood. */
  | 'follow'
  /** Theirs keeps the name, ours goes up beside it: a conflict copy. */
  | 'aside'
  /** What was done here comes to nothing, and theirs is shown. */
  | 'give-way'
  /** There it is gone: bytes of ours, and a folder with something unsent in it, are sent as new; all else gives way. */
  | 'keep-ours'
  /** It is sent once more. */
  | 'again';

/**
 * What is due here and what comes in there meet by these rules. What is found there and is neither as before nor as ours may be the state before an effect of
 * ours (lag.ts): then it is looked at again later, and only after that the rule holds. A cell of the table that cannot come about says what would be harmless.
 */
export const rules: Readonly<Record<Due, Readonly<Record<Found, Ruling>>>> = {
  'upload-as-new': {
    nothing: 'go',
    'as-before': 'go',
    'as-ours': 'done',
    other: 'aside',
    'other-kind': 'aside',
  },
  'upload-over': {
    nothing: 'follow',
    'as-before': 'go',
    'as-ours': 'done',
    other: 'aside',
    'other-kind': 'aside',
  },
  'move-from': {
    nothing: 'keep-ours',
    'as-before': 'go',
    'as-ours': 'go',
    other: 'keep-ours',
    'other-kind': 'keep-ours',
  },
  'move-to': { nothing: 'go', 'as-before': 'go', 'as-ours': 'done', other: 'aside', 'other-kind': 'aside' },
  delete: {
    nothing: 'done',
    'as-before': 'go',
    'as-ours': 'go',
    other: 'give-way',
    'other-kind': 'give-way',
  },
  sent: { nothing: 'again', 'as-before': 'again', 'as-ours': 'done', other: 'aside', 'other-kind': 'aside' },
  shown: {
    nothing: 'keep-ours',
    'as-before': 'give-way',
    'as-ours': 'done',
    other: 'give-way',
    'other-kind': 'keep-ours',
  },
};

/** What a look has shown of a file: told by its bytes alone, never by a revision or a date. */
export function foundFile(
  shown: Pick<Shown, 'kind' | 'content'> | undefined,
  { before, ours }: { readonly before?: BaseContent | undefined; readonly ours?: BaseContent | undefined },
): Found {
  if (!shown) return 'nothing';
  if (shown.kind === 'folder') return 'other-kind';
  if (isSameBytes(shown.content, ours)) return 'as-ours';
  return isSameBytes(shown.content, before) ? 'as-before' : 'other';
}
