/** Ends a stream that stays silent where the other side owes us something. */
export class Silence {
  readonly #stream: { destroy(error: Error): unknown };
  readonly #silenceMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** Which of the waits it is; a timer of an earlier one means nothing. */
  #wait = 0;

  constructor(stream: { destroy(error: Error): unknown }, silenceMs: number) {
    this.#stream = stream;
    this.#silenceMs = silenceMs;
  }

  /** From now on something is due, within the usual time or this one. */
  watch(silenceMs = this.#silenceMs): void {
    this.rest();
    const wait = this.#wait;
    this.#timer = setTimeout(() => {
      // After a pause of this whole process the timer comes first, and the bytes that were there in time right behind it.
      setImmediate(() => {
        if (this.#wait === wait) this.end();
      });
    }, silenceMs);
  }

  /** It came, or nothing is due for a while. */
  rest(): void {
    this.#wait++;
    clearTimeout(this.#timer);
  }

  end(): void {
    this.rest();
    this.#stream.destroy(withCode('nothing came for too long', 'ETIMEDOUT'));
  }
}

/** A modem of 1990 brings ten times as much; what brings less is as good as silent, and would hold up whoever waits for minutes. */
const leastBytesPerSecond = 256;

/** Tells a flow from a drip: a connection that is never silent, and never gets anywhere. */
export class Trickle {
  readonly #windowMs: number;
  #isFirst = true;
  #waitedMs = 0;
  #bytes = 0;

  /** @param windowMs of waiting, over which it is judged; no single wait is longer */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** A part came after a wait. @returns whether next to nothing came in the last of the windows */
  isDrip(waitedMs: number, bytes: number): boolean {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    // A wait longer than silence may be: this whole process stood still, and what came meanwhile is yet to be seen.
    if (isFirst || waitedMs > this.#windowMs) {
      this.#begin();
      return false;
    }
    this.#waitedMs += waitedMs;
    this.#bytes += bytes;
    if (this.#waitedMs < this.#windowMs) return false;
    const isDrip = this.#bytes < (leastBytesPerSecond * this.#waitedMs) / 1000;
    this.#begin();
    return isDrip;
  }

  #begin(): void {
    this.#waitedMs = 0;
    this.#bytes = 0;
  }
}

export function connectionLost(): Error {
  return withCode('the connection ended', 'ECONNRESET');
}

/** A plain error with a code, and nothing else in it. */
export function withCode(message: string, code: string | undefined): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
