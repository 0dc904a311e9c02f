import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { SerialTasks } from '../async/serial-tasks.ts';
import { setAside } from '../database/set-aside.ts';
import { Failure } from '../errors.ts';

const pinShape = z.object({
  id: z.number(),
  kind: z.enum(['file', 'folder']),
  resourceId: z.string().optional(),
  place: z.array(z.string()),
  sinceMs: z.number(),
});
const version = 1;
const versioned = z.object({ version: z.number() });
const listShape = z.object({ version: z.literal(version), pins: z.array(pinShape) });

/**
 * A file or folder that somebody wants to be kept here. It is known by its number, which follows renames and moves; the rest is for the day on
 * which what is known of the Disk is lost, and numbers with it.
 */
export interface Pin {
  readonly id: number;
  readonly kind: 'file' | 'folder';
  readonly resourceId?: string | undefined;
  /** Names from the root of the mount, as they were seen last. */
  readonly place: readonly string[];
  /** Unix milliseconds. */
  readonly sinceMs: number;
}

interface PinListOptions {
  /** Undefined: kept in memory alone. */
  readonly file: string | undefined;
  /** Told when it was damaged, and under which name it was set aside. */
  readonly onDamage: (failure: Failure, aside: string) => void;
}

/** What is pinned, in a small file of the state folder: JSON, replaced as a whole. */
export class PinList {
  readonly #file: string | undefined;
  readonly #writes = new SerialTasks();
  #pins: ReadonlyMap<number, Pin>;

  /** @throws Failure 'too-new', 'local' */
  constructor({ file, onDamage }: PinListOptions) {
    this.#file = file;
    this.#pins = new Map((file === undefined ? [] : readPins(file, onDamage)).map((pin) => [pin.id, pin]));
  }

  all(): Pin[] {
    return [...this.#pins.values()];
  }

  /** What is told by this list is on the disk once it resolves. @throws Failure 'local', 'no-space': then nothing has changed */
  add(added: readonly Pin[]): Promise<void> {
    return this.#change((pins) => {
      for (const pin of added) if (!pins.has(pin.id)) pins.set(pin.id, pin);
    });
  }

  /** As `add`. */
  remove(ids: readonly number[]): Promise<void> {
    return this.#change((pins) => {
      for (const id of ids) pins.delete(id);
    });
  }

  /** They are elsewhere, or others have taken their place; what was removed meanwhile stays so. As `add`. */
  replace(changes: readonly { readonly before: Pin; readonly now: Pin }[]): Promise<void> {
    return this.#change((pins) => {
      for (const { before, now } of changes) if (pins.delete(before.id)) pins.set(now.id, now);
    });
  }

  #change(change: (pins: Map<number, Pin>) => void): Promise<void> {
    return this.#writes.run(async () => {
      const pins = new Map(this.#pins);
      change(pins);
      if (this.#file !== undefined) await writePins(this.#file, [...pins.values()]);
      this.#pins = pins;
    });
  }
}

function readPins(file: string, onDamage: PinListOptions['onDamage']): Pin[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Failure('local', `What is pinned cannot be read: ${file}`, { path: file, cause });
  }
  const json = parsed(text);
  const written = versioned.safeParse(json);
  if (written.success && written.data.version > version)
    throw new Failure('too-new', `${file} was written by a newer yadiskfs (${written.data.version})`, {
      path: file,
      hint: 'Install the newer one again. Nothing was changed.',
    });
  const list = listShape.safeParse(json);
  if (list.success) return list.data.pins;
  const failure = new Failure('damaged-store', `Damaged: ${file}`, { path: file, cause: list.error });
  onDamage(failure, setAside(file));
  return [];
}

async function writePins(file: string, pins: readonly Pin[]): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await writeFile(temporary, `${JSON.stringify({ version, pins })}\n`, { mode: 0o600, flush: true });
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    const code = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'no-space' : 'local';
    throw new Failure(code, `What is pinned cannot be written: ${file}`, { path: file, cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
