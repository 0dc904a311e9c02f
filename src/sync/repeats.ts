import { Failure } from '../errors.ts';
import type { LocalNode, Trouble } from '../tree/local-node.ts';
import { pathHere } from './conflict-copy.ts';
import { notKeptTrouble } from './retry-rules.ts';
import type { Sending } from './sending.ts';

/** So often it goes again at once; then people are told, and it goes seldom. */
const mostAtOnce = 4;

/** What the Disk took and does not show: dates that it does not keep, files that do not come to stay. */
export class Repeats {
  readonly #sending: Pick<Sending, 'local' | 'hooks' | 'options'>;
  readonly #byId = new Map<number, number>();

  constructor(sending: Pick<Sending, 'local' | 'hooks' | 'options'>) {
    this.#sending = sending;
  }

  /** It is sent once more. @returns what keeps it back when that was in vain too often */
  next(node: LocalNode, message: string): Trouble | undefined {
    const { options, hooks } = this.#sending;
    const times = (this.#byId.get(node.id) ?? 0) + 1;
    this.#byId.set(node.id, times);
    if (times <= mostAtOnce) return undefined;
    hooks.onNotice({
      kind: 'failed',
      path: pathHere(this.#sending, node),
      error: new Failure('unsettled', message),
      needsAttention: times === mostAtOnce + 1,
    });
    return notKeptTrouble(message, times - mostAtOnce, options.now());
  }

  /** It is shown, or gone. */
  forget(id: number): void {
    this.#byId.delete(id);
  }
}
