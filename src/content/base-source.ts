import { Failure } from '../errors.ts';

/** What a draft was made from, as the server told it. */
export interface DraftBase {
  readonly sizeBytes: number;
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  readonly versionTag: string;
}

/** Reads one version of a file; `Reader` is one. */
export interface BaseReader {
  /** As `Reader.read`. */
  read(target: Uint8Array, offset: number): Promise<number>;
  close(): void;
}

export type OpenBase = (base: DraftBase) => BaseReader;

interface OpenReader {
  readonly reader: BaseReader;
  users: number;
  isDropped: boolean;
  isClosed: boolean;
}

/** The base as one of its users reads it: opened at the first need, and anew after a failure. */
export class BaseSource {
  readonly #base: DraftBase;
  readonly #open: OpenBase;
  #current: OpenReader | undefined;

  constructor(base: DraftBase, open: OpenBase) {
    this.#base = base;
    this.#open = open;
  }

  /** Fills `target` with the base's bytes from `offset` on. @throws Failure as the reader; 'damaged' when there are fewer bytes */
  async fill(target: Uint8Array, offset: number): Promise<void> {
    this.#current ??= { reader: this.#open(this.#base), users: 0, isDropped: false, isClosed: false };
    const current = this.#current;
    current.users++;
    try {
      for (let done = 0; done < target.length; ) {
        const readBytes = await current.reader.read(target.subarray(done), offset + done);
        if (readBytes === 0)
          throw new Failure('damaged', `The version that was changed here ends at ${offset + done} bytes`);
        done += readBytes;
      }
    } catch (error) {
      this.#drop(current);
      throw error;
    } finally {
      current.users--;
      this.#closeIfUnused(current);
    }
  }

  /** Ends all waits. */
  close(): void {
    const current = this.#current;
    if (!current) return;
    this.#drop(current);
    closeOnce(current);
  }

  /** Whoever reads by it at this moment goes on. */
  #drop(open: OpenReader): void {
    open.isDropped = true;
    if (this.#current === open) this.#current = undefined;
    this.#closeIfUnused(open);
  }

  #closeIfUnused(open: OpenReader): void {
    if (open.isDropped && open.users === 0) closeOnce(open);
  }
}

function closeOnce(open: OpenReader): void {
  if (open.isClosed) return;
  open.isClosed = true;
  open.reader.close();
}
