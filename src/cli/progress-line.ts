import type { QueueStatus } from '../daemon/control-messages.ts';
import { words } from '../words/words.ts';
import { isSending, queueText, shownPath } from './status-lines.ts';
import { TerminalLine } from './terminal-line.ts';

/** One line on a terminal that says what is still to be sent; nothing where there is no terminal. */
export class ProgressLine {
  readonly #line: TerminalLine;
  readonly #queues = new Map<string, QueueStatus>();

  constructor(isWanted: boolean) {
    this.#line = new TerminalLine(isWanted);
  }

  /** What is left in all mounts; undefined while nothing was heard. */
  get left(): QueueStatus | undefined {
    return this.#queues.size === 0 ? undefined : this.#sum();
  }

  show(mountpoint: string, queue: QueueStatus): void {
    this.#queues.set(mountpoint, queue);
    const sum = this.#sum();
    // The last word before the answer.
    if (!isSending(sum) && sum.unconfirmed === 0) {
      this.#line.clear();
      return;
    }
    const [first] = sum.active;
    const current = first ? `: ${shownPath(first.path)} ${percent(first.sentBytes, first.sizeBytes)}` : '';
    this.#line.put(
      isSending(sum)
        ? words.sending.sending(queueText(sum), current)
        : words.sending.lookingAgain(sum.unconfirmed),
    );
  }

  clear(): void {
    this.#line.clear();
  }

  #sum(): QueueStatus {
    const queues = [...this.#queues.values()];
    const total = (count: (queue: QueueStatus) => number) =>
      queues.reduce((sum, queue) => sum + count(queue), 0);
    return {
      uploads: total(({ uploads }) => uploads),
      uploadBytes: total(({ uploadBytes }) => uploadBytes),
      operations: total(({ operations }) => operations),
      unconfirmed: total(({ unconfirmed }) => unconfirmed),
      active: queues.flatMap(({ active }) => active),
      waiting: queues.flatMap(({ waiting }) => waiting),
    };
  }
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${Math.floor((part / whole) * 100)} %`;
}
