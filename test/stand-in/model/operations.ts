import type { Disk } from './disk.ts';
import { type DiskPath, formatPath, isWithin } from './path.ts';
import { Refusal } from './refusal.ts';

export type OperationStatus = 'in-progress' | 'success' | 'failed';

/** A change that takes its time. */
export interface Operation {
  /** 64 hex digits. */
  readonly id: string;
  readonly kind: string;
  readonly startedMs: number;
  status: OperationStatus;
  finishedMs: number | null;
}

interface Lock {
  readonly path: DiskPath;
  /** Null: until it is released. */
  readonly untilMs: number | null;
}

/** Operations in progress, and what they lock. */
export class Operations {
  readonly #disk: Disk;
  readonly #operations = new Map<string, Operation>();
  readonly #locks = new Set<Lock>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** An operation that somebody else will finish. */
  open(kind: string): Operation {
    const operation: Operation = {
      id: this.#disk.random.hex(64),
      kind,
      startedMs: this.#disk.clock.now(),
      status: 'in-progress',
      finishedMs: null,
    };
    this.#operations.set(operation.id, operation);
    return operation;
  }

  /** Ends an operation once; later ends are ignored. */
  finish(operation: Operation, status: OperationStatus): void {
    if (operation.status !== 'in-progress') return;
    operation.status = status;
    operation.finishedMs = this.#disk.clock.now();
  }

  /**
   * Starts a change that is answered with 202. Its effect shows at its end or at its start, as the setting says;
   * until its end the paths are locked. An effect that is refused makes it fail.
   * @param itemCount how many resources it touches, which is what takes the time.
   */
  run(kind: string, locked: readonly DiskPath[], itemCount: number, effect: () => void): Operation {
    const { operationMs, operationMsPerItem, operationEffect } = this.#disk.settings;
    const operation = this.open(kind);
    const endMs = this.#disk.clock.now() + operationMs + operationMsPerItem * itemCount;
    const locks = locked.map((path) => this.lock(path));
    const act = (): OperationStatus => (this.#disk.settings.operationsFail ? 'failed' : attempt(effect));
    const outcome = operationEffect === 'start' ? act() : null;
    this.#disk.timeline.at(endMs, () => {
      for (const unlock of locks) unlock();
      this.finish(operation, outcome ?? act());
    });
    return operation;
  }

  /** @throws Refusal 404 for an id that is unknown or too old. */
  get(id: string): Operation {
    const operation = this.#operations.get(id);
    const { operationLifeMs } = this.#disk.settings;
    const tooOld =
      operation?.finishedMs != null && operation.finishedMs + operationLifeMs <= this.#disk.clock.now();
    if (!operation || tooOld) throw new Refusal('DiskOperationNotFoundError');
    return operation;
  }

  list(): Operation[] {
    return [...this.#operations.values()];
  }

  forget(operation: Operation): void {
    this.#operations.delete(operation.id);
  }

  /** Locks a path, and so all that overlaps with it, for a time or until the answer is called. */
  lock(path: DiskPath, forMs: number | null = null): () => void {
    const lock: Lock = { path, untilMs: forMs === null ? null : this.#disk.clock.now() + forMs };
    this.#locks.add(lock);
    return () => {
      this.#locks.delete(lock);
    };
  }

  /** Forgets all operations and locks. */
  clear(): void {
    this.#operations.clear();
    this.#locks.clear();
  }

  unlockAll(): void {
    this.#locks.clear();
  }

  /** @throws Refusal 423 when a change in progress overlaps with one of the paths. */
  requireUnlocked(...paths: readonly DiskPath[]): void {
    if (!this.#disk.settings.locks) return;
    const nowMs = this.#disk.clock.now();
    for (const lock of this.#locks) {
      if (lock.untilMs !== null && lock.untilMs <= nowMs) {
        this.#locks.delete(lock);
        continue;
      }
      const held = this.#folded(lock.path);
      for (const path of paths) {
        const wanted = this.#folded(path);
        if (isWithin(wanted, held) || isWithin(held, wanted)) {
          throw new Refusal('DiskResourceLockedError', formatPath(path));
        }
      }
    }
  }

  #folded(path: DiskPath): DiskPath {
    return { area: path.area, names: path.names.map((name) => this.#disk.keyOf(name)) };
  }
}

function attempt(effect: () => void): OperationStatus {
  try {
    effect();
    return 'success';
  } catch (error) {
    if (error instanceof Refusal) return 'failed';
    throw error;
  }
}
