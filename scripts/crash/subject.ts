/** What is put to the test: a drive, or something that stands in for one. */
export interface Subject {
  /** Where programs work. */
  readonly folder: string;
  /** Who is killed: the process that serves the folder, or the programs that work in it. */
  readonly killed: 'server' | 'workers';
  /** @throws Error when it does not come up */
  start(): Promise<void>;
  /** Starts, and is killed so much later, whether it is up by then or not. */
  startAndDie(afterMs: number): Promise<void>;
  /** kill -9; with power lost too where that is what is tested. */
  kill(): Promise<void>;
  /** Ends in good order. */
  stop(): Promise<void>;
  /** Waits until all is on the server. @throws Error when it does not come to be */
  flush(): Promise<void>;
  /** Paths of what the drive keeps and cannot or will not send. */
  unsent(): Promise<readonly Unsent[]>;
  /** What the drive calls conflicts, in words. */
  conflicts(): Promise<readonly string[]>;
  /** The last of what it wrote. */
  lastWords(): string;
  close(): Promise<void>;
}

export interface Unsent {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}
