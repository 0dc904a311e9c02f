import { extentBlocks, placeOf, roomOf } from './extents.ts';

/** Blocks of one extent that are to be written together. */
export interface WriteJob {
  readonly key: string;
  readonly number: number;
  readonly blocks: Map<number, Uint8Array>;
  bytes: number;
  /** The content was dropped meanwhile: nothing of this may become known. */
  dropped: boolean;
}

/** The disk has its own queue: two whole extents keep it busy, and leave threads of the pool to readers … */
const writtenAtOnceBytes = 8 << 20;
/** … while a small file is mostly waiting: for its file to be made, for its turn of the loop. */
const writtenAtOnce = 8;

/**
 * Blocks on their way to the disk, gathered by extent, bounded by bytes: what does not fit is not taken.
 *
 *   put ──▶ waiting (more blocks of the extent join) ──▶ running (written) ──▶ gone
 *
 * INVARIANT: of one extent at most one job is running; blocks put meanwhile wait in a second one.
 */
export class WriteQueue {
  readonly #limitBytes: number;
  readonly #write: (job: WriteJob) => Promise<void>;
  readonly #waiting = new Map<string, WriteJob>();
  readonly #running = new Map<string, WriteJob>();
  #bytes = 0;
  #runningBytes = 0;
  #whenIdle: (() => void)[] = [];

  /** `write` never rejects. */
  constructor(limitBytes: number, write: (job: WriteJob) => Promise<void>) {
    this.#limitBytes = limitBytes;
    this.#write = write;
  }

  get(key: string, index: number): Uint8Array | undefined {
    const { number, slot } = placeOf(index);
    const id = `${key}/${number}`;
    return this.#waiting.get(id)?.blocks.get(slot) ?? this.#undropped(id)?.blocks.get(slot);
  }

  /** False when there is no room in the queue. */
  put(key: string, index: number, block: Uint8Array): boolean {
    const bytes = roomOf(block.length);
    if (this.#bytes + bytes > this.#limitBytes) return false;
    const { number, slot } = placeOf(index);
    const id = `${key}/${number}`;
    const job = this.#waiting.get(id) ?? { key, number, blocks: new Map(), bytes: 0, dropped: false };
    job.blocks.set(slot, block);
    job.bytes += bytes;
    this.#bytes += bytes;
    this.#waiting.set(id, job);
    // Those that come in the same turn of the loop are written together.
    setImmediate(() => this.#start());
    return true;
  }

  drop(key: string, count: number): void {
    for (let number = 0; number * extentBlocks < count; number++) {
      const id = `${key}/${number}`;
      this.#forget(id);
      const running = this.#running.get(id);
      if (running) running.dropped = true;
    }
  }

  /** Forgets all that is not being written yet. */
  clear(): void {
    for (const id of this.#waiting.keys()) this.#forget(id);
    for (const job of this.#running.values()) job.dropped = true;
  }

  /** Resolves when nothing is left to be written. */
  async idle(): Promise<void> {
    if (this.#bytes === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #undropped(id: string): WriteJob | undefined {
    const job = this.#running.get(id);
    return job?.dropped ? undefined : job;
  }

  #start(): void {
    for (const [id, job] of this.#waiting) {
      if (this.#running.size >= writtenAtOnce || this.#runningBytes >= writtenAtOnceBytes) return;
      if (this.#running.has(id)) continue;
      this.#waiting.delete(id);
      this.#running.set(id, job);
      this.#runningBytes += job.bytes;
      this.#write(job).finally(() => {
        this.#running.delete(id);
        this.#runningBytes -= job.bytes;
        this.#release(job.bytes);
        this.#start();
      });
    }
  }

  #forget(id: string): void {
    const job = this.#waiting.get(id);
    if (!job) return;
    this.#waiting.delete(id);
    this.#release(job.bytes);
  }

  #release(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
