import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';

/** Enough for months at the level `info`, and for an hour or so of a trace. */
const usualLogBounds: LogBounds = { fileBytes: 8 << 20, oldFiles: 3 };
/** A process that was killed while it put the files aside does not keep the others from it for longer. */
const staleLockMs = 10_000;

interface LogBounds {
  /** A file that would become longer is put aside. */
  readonly fileBytes: number;
  /** So many of those are kept: `yadiskfs.log.1` is the youngest. */
  readonly oldFiles: number;
}

/**
 * A log in a file that does not grow for ever. All mounts of a user may write to the same one: whoever finds it too long puts it aside, and the
 * others notice that their file has another name by now. So they do when somebody else has moved or removed it (logrotate, a person): no
 * signal is needed.
 *
 * Synchronous: what was said before a crash is there. What is no file of its own (a terminal, a pipe, /dev/null) is only written to.
 */
export class LogFile {
  readonly #file: string;
  readonly #bounds: LogBounds;
  #descriptor: number;
  #isRegular: boolean;
  /** A full disk has taken the beginning of a line and no more: the next one does not go on in it. */
  #isTorn = false;

  /** In a folder that is there. @throws what the system says */
  constructor(file: string, bounds = usualLogBounds) {
    this.#bounds = bounds;
    this.#descriptor = openLog(file);
    this.#isRegular = fstatSync(this.#descriptor).isFile();
    // A link stays a link: it is its target that is put aside.
    this.#file = this.#isRegular ? realpathSync(file) : file;
  }

  /** On a full disk there is nothing to be said and nobody to say it to; pino's own writer waits there for ever. */
  write(line: string): void {
    try {
      const bytes = Buffer.from(this.#isTorn ? `\n${line}` : line);
      if (this.#isRegular) this.#prepare(bytes.length);
      const writtenBytes = writeSync(this.#descriptor, bytes);
      if (writtenBytes > 0) this.#isTorn = writtenBytes < bytes.length;
    } catch {
      // The next line may find room.
    }
  }

  #prepare(lineBytes: number): void {
    const found = statOf(this.#file);
    if (!found || !isSame(found, fstatSync(this.#descriptor))) this.#reopen();
    else if (found.size > 0 && found.size + lineBytes > this.#bounds.fileBytes) this.#putAside(lineBytes);
  }

  #reopen(): void {
    const descriptor = openLog(this.#file);
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
  }

  /** One process at a time; whoever comes second finds a short file. */
  #putAside(lineBytes: number): void {
    const lock = `${this.#file}.lock`;
    try {
      closeSync(openSync(lock, 'wx', 0o600));
    } catch {
      // Somebody is at it, or was killed at it.
      const held = statOf(lock);
      if (held && Date.now() - held.mtimeMs > staleLockMs) rmSync(lock, { force: true });
      return;
    }
    try {
      const found = statOf(this.#file);
      if (found && found.size + lineBytes > this.#bounds.fileBytes) this.#shift();
      this.#reopen();
    } finally {
      rmSync(lock, { force: true });
    }
  }

  #shift(): void {
    const nameOf = (age: number) => (age === 0 ? this.#file : `${this.#file}.${age}`);
    const { oldFiles } = this.#bounds;
    for (let age = oldFiles - 1; age >= 0; age--)
      if (existsSync(nameOf(age))) renameSync(nameOf(age), nameOf(age + 1));
  }
}

function openLog(file: string): number {
  // A pipe that nobody reads holds up no mount.
  return openSync(
    file,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK,
    0o600,
  );
}

function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}
