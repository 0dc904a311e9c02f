import { createRequire, syncBuiltinESMExports } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';

interface Timer {
  readonly seq: number;
  atMs: number;
  readonly everyMs: number | undefined;
  readonly delayMs: number;
  readonly task: () => void;
}

/** So many turns of the event loop in which nothing happens, and the network of this machine has nothing more to bring. */
const quietTurns = 4;
/** On a busy machine what was sent to oneself takes a moment to arrive: before a long wait is over at once, it is quiet for so long in real time. */
const longWaitMs = 200;
const realQuietMs = 3;
/** After so long with nothing to wait for, nothing will come any more. */
const realEndMs = 2_000;
/** Of a run that goes on and on. */
const longestMs = 24 * 3600_000;

/**
 * Time that passes only when nothing else can: a wait of three minutes costs some microseconds. While it is installed, all clocks and timers of this process
 * are those of the run; sockets, files and databases are real, and what they bring comes before time moves.
 */
export class VirtualTime {
  readonly #startMs: number;
  #nowMs = 0;
  #seq = 0;
  #ticks = 0;
  #timers = new Map<number, Timer>();
  #restore: (() => void)[] = [];

  /** @param startMs Unix milliseconds at the beginning */
  constructor(startMs = Date.parse('2026-11-26T00:00:00Z')) {
    this.#startMs = startMs;
  }

  /** Milliseconds since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs a task with this time. @throws Error too when nothing can happen any more, and it has not ended */
  async run<T>(task: () => Promise<T>): Promise<T> {
    this.#install();
    try {
      let isOver = false;
      const running = task().finally(() => {
        isOver = true;
      });
      running.catch(() => {});
      await this.#drive(() => isOver);
      return await running;
    } finally {
      for (const restore of this.#restore.reverse()) restore();
      this.#restore = [];
      syncBuiltinESMExports();
      this.#timers.clear();
    }
  }

  async #drive(isOver: () => boolean): Promise<void> {
    let quietSinceMs = realMs();
    for (let quiet = 0; !isOver(); ) {
      const ticks = this.#ticks;
      await turn();
      if (this.#ticks !== ticks || isBusy()) {
        quiet = 0;
        quietSinceMs = realMs();
      } else if (++quiet >= quietTurns) {
        const next = this.#next();
        const wantedMs = !next ? realEndMs : next.atMs - this.#nowMs >= longWaitMs ? realQuietMs : 0;
        if (realMs() - quietSinceMs < wantedMs) continue;
        if (!next) throw new Error('Nothing will happen any more, and the run has not ended');
        quiet = 0;
        quietSinceMs = realMs();
        this.#pass(next);
      }
    }
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values())
      if (!next || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.seq < next.seq)) next = timer;
    return next;
  }

  /** Its time has come. */
  #pass(next: Timer): void {
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    if (this.#nowMs > longestMs) throw new Error('The run takes more than a day');
    if (next.everyMs === undefined) this.#timers.delete(next.seq);
    else next.atMs = this.#nowMs + next.everyMs;
    next.task();
  }

  #begin(task: () => void, delayMs: number, isRepeated: boolean): Handle {
    const waitMs = Number.isFinite(delayMs) ? Math.max(1, delayMs) : 1;
    const seq = ++this.#seq;
    this.#timers.set(seq, {
      seq,
      atMs: this.#nowMs + waitMs,
      everyMs: isRepeated ? waitMs : undefined,
      delayMs: waitMs,
      task,
    });
    return new Handle(seq, (again) => {
      const timer = this.#timers.get(seq);
      if (again) {
        const begun = timer ?? { seq, atMs: 0, everyMs: undefined, delayMs: waitMs, task };
        begun.atMs = this.#nowMs + waitMs;
        this.#timers.set(seq, begun);
      } else this.#timers.delete(seq);
    });
  }

  #install(): void {
    this.#installTimers();
    this.#installClocks();
    // Streams, sockets and the like tell of themselves by it.
    const { nextTick } = process;
    this.#replace(process, 'nextTick', (...args: Parameters<typeof nextTick>) => {
      this.#ticks++;
      nextTick.apply(process, args);
    });
    syncBuiltinESMExports();
  }

  #installTimers(): void {
    const begin =
      (isRepeated: boolean) =>
      (task: (...args: unknown[]) => void, delayMs = 1, ...args: unknown[]) =>
        this.#begin(() => task(...args), delayMs, isRepeated);
    const require = createRequire(import.meta.url);
    const [timers, promises] = [require('node:timers'), require('node:timers/promises')];
    const { clearTimeout: clear } = globalThis;
    const clearAny = (handle: unknown) => {
      if (handle instanceof Handle) handle.close();
      else clear(handle as NodeJS.Timeout);
    };
    for (const owner of [globalThis, timers]) {
      this.#replace(owner, 'setTimeout', begin(false));
      this.#replace(owner, 'setInterval', begin(true));
      this.#replace(owner, 'clearTimeout', clearAny);
      this.#replace(owner, 'clearInterval', clearAny);
    }
    const sleep = (delayMs: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise((resolve, reject) => {
        const abort = () => {
          handle.close();
          reject(Object.assign(new Error('Aborted', { cause: signal?.reason }), { name: 'AbortError' }));
        };
        const handle = this.#begin(
          () => {
            signal?.removeEventListener('abort', abort);
            resolve(value);
          },
          delayMs,
          false,
        );
        if (signal?.aborted) abort();
        else signal?.addEventListener('abort', abort, { once: true });
      });
    this.#replace(promises, 'setTimeout', sleep);
    this.#replace(AbortSignal, 'timeout', (delayMs: number) => {
      const controller = new AbortController();
      this.#begin(() => controller.abort(new DOMException('Timed out', 'TimeoutError')), delayMs, false);
      return controller.signal;
    });
  }

  #installClocks(): void {
    const now = () => this.#startMs + Math.floor(this.#nowMs);
    const RealDate = Date;
    this.#replace(performance, 'now', () => this.#nowMs);
    this.#replace(
      globalThis,
      'Date',
      class extends RealDate {
        constructor(...args: unknown[]) {
          super(...((args.length > 0 ? args : [now()]) as [number]));
        }

        static override now(): number {
          return now();
        }
      },
    );
  }

  #replace(owner: object, name: string, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    this.#restore.push(() => {
      if (before) Object.defineProperty(owner, name, before);
      else Reflect.deleteProperty(owner, name);
    });
  }
}

/** As much of a `NodeJS.Timeout` as anybody asks for. */
class Handle {
  readonly #seq: number;
  readonly #change: (again: boolean) => void;

  constructor(seq: number, change: (again: boolean) => void) {
    this.#seq = seq;
    this.#change = change;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.#change(true);
    return this;
  }

  close(): this {
    this.#change(false);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.#seq;
  }
}

function realMs(): number {
  const [sec, nsec] = process.hrtime();
  return sec * 1000 + nsec / 1e6;
}

/** Something is on its way that is no matter of time: files, writes, connections, callbacks of this very turn. */
function isBusy(): boolean {
  return process
    .getActiveResourcesInfo()
    .some(
      (kind) =>
        kind !== 'Timeout' &&
        !/^(TCP(Socket|Server)Wrap|Pipe|TTY|Process|MessagePort|FSEvent|Signal|Tty)/i.test(kind),
    );
}
