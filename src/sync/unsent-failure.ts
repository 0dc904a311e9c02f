import { Failure, type FailureCode, trashEmptied } from '../errors.ts';
import type { Trouble } from '../tree/local-node.ts';

/** Something that the server did not take. */
interface Unsent {
  /** In the mount. */
  readonly path: string;
  readonly trouble: Trouble | undefined;
}

/** Of a crowd so many are named. */
const mostNamed = 3;

const remedies: Readonly<Record<string, string>> = {
  'no-space': `Make room: the trash of the Disk counts, and is ${trashEmptied}`,
  'allowance-spent': 'The Disk takes no bytes until the next month, or with a larger plan.',
};
const next = 'It is kept here: `yadiskfs unsent list` tells all of it, `unsent retry` sends it again.';

/**
 * What a flush ends with when all that could be sent is there.
 * @param waiting how many more wait for those
 */
export function unsentFailure(unsent: readonly Unsent[], waiting: number): Failure {
  const [first] = unsent;
  const reason = (one: Unsent | undefined) => one?.trouble?.message ?? 'It was refused';
  const areAlike = unsent.every((one) => reason(one) === reason(first));
  const named = unsent
    .slice(0, mostNamed)
    .map((one) => (areAlike ? one.path : `${one.path} (${reason(one)})`));
  const others = unsent.length > mostNamed ? ` and ${unsent.length - mostNamed} more` : '';
  const list = `${named.join(', ')}${others}`;
  const why = areAlike ? `: ${reason(first)}` : '';
  const behind = waiting > 0 ? `; ${waiting} more ${waiting === 1 ? 'waits' : 'wait'} for that` : '';
  const remedy = remedies[first?.trouble?.code ?? ''];
  return new Failure(codeOf(first?.trouble), `Could not be sent: ${list}${why}${behind}`, {
    path: first?.path,
    hint: remedy ? `${remedy}\n${next}` : next,
  });
}

/** Whoever names something that is to be sent may have mistaken its path. */
export function nothingUnsentAt(place: string): Failure {
  return new Failure('not-found', `Nothing is unsent there: ${place}`, {
    path: place,
    hint: 'yadiskfs unsent list and yadiskfs status tell what is unsent.',
  });
}

/** What the last try to send something came to. */
export function troubleFailure(trouble: Trouble): Failure {
  return new Failure(codeOf(trouble), trouble.message, { hint: next });
}

/** Troubles have some codes of their own, which stand for no failure. */
function codeOf(trouble: Trouble | undefined): FailureCode {
  const code = trouble?.code;
  if (code === undefined || code === 'unfinished') return 'operation-failed';
  if (code === 'not-kept') return 'unsettled';
  return code as FailureCode;
}
