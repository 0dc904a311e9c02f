import { constants } from 'node:os';
import { MountError } from './mount-error.ts';

const { ENODEV, ENOENT } = constants.errno;

/** Handed over at a time. The binding has four threads for them, each of which may stand in the kernel for a while. */
const UNDER_WAY_MAX = 32;
/** Beyond it, who asks must wait for earlier answers first. */
const WAITING_MAX = 65_536;

/** What the kernel is to forget: a node's attributes and pages, or, with a name, that name in a folder. */
export interface Invalidation {
  readonly path: string;
  readonly name: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Hands one over. 0, or a negative errno when it will never be settled. */
type Send = (invalidation: Invalidation, id: number) => number;

interface Waiting {
  readonly invalidation: Invalidation;
  readonly resolve: (wasKnown: boolean) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Messages to the kernel in their order, with a bound on how many are under way.
 *
 * One that is under way may stand behind requests of other processes that we have not answered yet. So an operation
 * must never wait for an invalidation before it answers, and the process must not exit while one is under way:
 * the kernel would keep the process's last thread, and with it /dev/fuse, open for ever.
 */
export class Invalidations {
  readonly #send: Send;
  /** By id; without who waits once the mount is over. */
  readonly #underWay = new Map<number, Waiting | undefined>();
  readonly #waiting: Waiting[] = [];
  readonly #whenIdle: Array<() => void> = [];
  #nextId = 1;
  #heldBack = false;

  constructor(send: Send) {
    this.#send = send;
  }

  get underWayCount(): number {
    return this.#underWay.size;
  }

  /**
   * @returns whether the kernel had something to forget
   * @throws MountError 'ended', or 'overloaded' when too many are waiting
   */
  ask(invalidation: Invalidation): Promise<boolean> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new MountError('overloaded', `${WAITING_MAX} invalidations are waiting already`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ invalidation, resolve, reject });
      this.#fill();
    });
  }

  /** The binding has done with one. */
  settle(id: number, result: number): void {
    const waiting = this.#underWay.get(id);
    this.#underWay.delete(id);
    if (waiting) answer(waiting, result);
    this.#fill();
    if (this.#underWay.size === 0) for (const idle of this.#whenIdle.splice(0)) idle();
  }

  /** Sends no more until `goOn`, and resolves when none is under way. */
  holdBack(): Promise<void> {
    this.#heldBack = true;
    return this.#untilIdle();
  }

  goOn(): void {
    this.#heldBack = false;
    this.#fill();
  }

  /** Resolves when all that was asked until now is done. */
  async drain(): Promise<void> {
    while (this.#underWay.size > 0 || (this.#waiting.length > 0 && !this.#heldBack)) await this.#untilIdle();
  }

  /** The mount is over: what waits is answered so. */
  end(): void {
    this.#heldBack = true;
    for (const waiting of this.#waiting.splice(0)) answer(waiting, -ENODEV);
    for (const [id, waiting] of this.#underWay) {
      if (waiting) answer(waiting, -ENODEV);
      this.#underWay.set(id, undefined);
    }
    for (const idle of this.#whenIdle.splice(0)) idle();
  }

  #untilIdle(): Promise<void> {
    if (this.#underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  #fill(): void {
    while (!this.#heldBack && this.#underWay.size < UNDER_WAY_MAX) {
      const waiting = this.#waiting.shift();
      if (!waiting) return;
      const id = this.#nextId++;
      const result = this.#send(waiting.invalidation, id);
      if (result === 0) this.#underWay.set(id, waiting);
      else answer(waiting, result);
    }
  }
}

function answer({ resolve, reject }: Waiting, result: number): void {
  if (result === 0) resolve(true);
  else if (result === -ENOENT) resolve(false);
  else if (result === -ENODEV) reject(new MountError('ended', 'the mount is not there any more'));
  else reject(new MountError('refused', `the kernel refused an invalidation with errno ${-result}`));
}
