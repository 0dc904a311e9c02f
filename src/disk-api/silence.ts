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

export function connectionLost(): Error {
  return withCode('the connection ended', 'ECONNRESET');
}

/** A plain error with a code, and nothing else in it. */
export function withCode(message: string, code: string | undefined): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
