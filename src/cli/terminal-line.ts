/** Back to the beginning of the line, and what stood there goes. */
const anew = '\r\x1b[K';
const usualColumns = 80;

/** One line on a terminal that says how far something is, over and over; nothing where there is no terminal. */
export class TerminalLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #isShown: boolean;

  constructor(isWanted: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#isShown = isWanted && stream.isTTY === true;
  }

  /** In place of what stood there; what is too long is cut. */
  put(text: string): void {
    if (!this.#isShown) return;
    this.#stream.write(`${anew}${[...text].slice(0, (this.#stream.columns || usualColumns) - 1).join('')}`);
  }

  clear(): void {
    if (this.#isShown) this.#stream.write(anew);
  }
}
