import type { QueueStatus } from '../daemon/control-messages.ts';
import { counted, isSending, queueText, shownPath } from './status-lines.ts';

/** Back to the beginning of the line, and what stood there goes. */
const anew = '\r\x1b[K';

/** One line on a terminal that says what is still to be sent; nothing where there is no terminal. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #queues = new Map<string, QueueStatus>();
  readonly #isShown: boolean;

  constructor(isWanted: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#isShown = isWanted && stream.isTTY === true;
  }

  /** What is left in all mounts; undefined while nothing was heard. */
  get left(): QueueStatus | undefined {
    return this.#queues.size === 0 ? undefined : this.#sum();
  }

  show(mountpoint: string, queue: QueueStatus): void {
    this.#queues.set(mountpoint, queue);
    if (!this.#isShown) return;
    const sum = this.#sum();
    const [first] = sum.active;
    const current = first ? `: ${shownPath(first.path)} ${percent(first.sentBytes, first.sizeBytes)}` : '';
    const line = isSending(sum)
      ? `Sending ${queueText(sum)}${current}`
      : `Looking once more at ${counted(sum.unconfirmed, 'sent change')}`;
    this.#stream.write(`${anew}${[...line].slice(0, (this.#stream.columns || 80) - 1).join('')}`);
  }

  clear(): void {
    if (this.#isShown) this.#stream.write(anew);
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
    };
  }
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${Math.floor((part / whole) * 100)} %`;
}
