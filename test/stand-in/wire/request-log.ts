/** One finished request. */
export interface RequestLogEntry {
  exchangeId: number;
  connectionId: number;
  /** When the request began, on the wire's clock. */
  atMs: number;
  durationMs: number;
  role: string;
  route: string;
  method: string;
  path: string | null;
  /** `null`: no reply was begun. */
  status: number | null;
  /** The request's Range header. */
  range: string | null;
  bytesIn: number;
  bytesOut: number;
  /** The whole of a reply was handed over. */
  complete: boolean;
}

/** The last requests, in the order in which they ended. */
export class RequestLog {
  #capacity: number;
  #entries: RequestLogEntry[] = [];
  /** Where the oldest entry is, once the log is full. */
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  setCapacity(capacity: number): void {
    if (capacity === this.#capacity) return;
    this.#entries = capacity === 0 ? [] : this.list().slice(-capacity);
    this.#oldest = 0;
    this.#capacity = capacity;
  }

  add(entry: RequestLogEntry): void {
    if (this.#capacity === 0) return;
    if (this.#entries.length < this.#capacity) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  /** Oldest first. */
  list(): RequestLogEntry[] {
    return [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)];
  }

  clear(): void {
    this.#entries = [];
    this.#oldest = 0;
  }
}
