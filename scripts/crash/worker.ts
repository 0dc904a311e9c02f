import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../test/stand-in/random.ts';
import type { Row } from './allowed.ts';
import { bytesOfPiece, hashOf } from './content.ts';
import { Journal, type Memory, readJournal } from './journal.ts';
import { recognised, recognisedAfterPowerCut, seenIn } from './looking.ts';
import { Planner } from './plans.ts';
import { fileAt, type Step } from './tree.ts';
import { type Finding, type Order, shortWrite } from './work.ts';

/*
 * Looks at its folder, and works in it, with calls that block as those of any program do. It ends when its time is over, or when a call
 * fails: who killed the drive knows that it had to. Started by work.ts with an order in JSON; answers with a line of JSON.
 */

/** More than one worker uses up between two looks. */
const numbersAtOnce = 1_000_000;

function performed({ folder, journal: file, seed, workMs, afterPowerCut, isFirst }: Order): Finding {
  const journal = new Journal(file);
  try {
    if (!isFirst) lookAround(readJournal(file), folder, journal, afterPowerCut);
  } catch (error) {
    return { kind: 'wrong', words: error instanceof Error ? error.message : String(error) };
  }
  const memory = readJournal(file);
  const planner = new Planner(seededRandom(seed), memory.next, afterPowerCut ? 'often' : 'seldom');
  const hands = new Hands(folder, journal, memory.row);
  const untilMs = performance.now() + workMs;
  try {
    if (isFirst) hands.make(planner.beginning());
    for (const path of memory.again) hands.make(planner.again(path));
    process.stdout.write('{"kind":"working"}\n');
    while (performance.now() < untilMs) hands.make(planner.plan(memory.row.tree));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !hands.step) throw error;
    return { kind: 'failed', code, step: JSON.stringify(hands.step, withoutBigints) };
  }
  return { kind: 'done' };
}

/** Finds out which of the allowed states it is, and notes it. @throws Error when it is none of them */
function lookAround(
  { row, again, next }: Memory,
  folder: string,
  journal: Journal,
  afterPowerCut: Order['afterPowerCut'],
): void {
  const seen = seenIn(folder);
  const { tree, unknown } = afterPowerCut
    ? recognisedAfterPowerCut(row.afterPowerCut(), seen, new Set(afterPowerCut.unfinished))
    : { tree: recognised(row.afterKill(), seen), unknown: [] };
  const parts = new Set([...again, ...row.interrupted(), ...unknown]);
  const toDo = [...parts].filter((path) => tree.get(path)?.kind === 'file');
  const patched = row.patched().flatMap((path) => {
    const entry = tree.get(path);
    return entry?.kind === 'file' ? [hashOf(entry.content)] : [];
  });
  journal.note({ tree: [...tree], again: toDo, hashes: patched, next: next + numbersAtOnce });
}

/** Makes steps, and notes them. */
class Hands {
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #row: Row;
  #fd = -1;
  /** Whether what is written cannot be sent before the file is closed or synced. */
  #isHalf = false;
  /** The last one that was begun. */
  step: Step | undefined;

  constructor(folder: string, journal: Journal, row: Row) {
    this.#folder = folder;
    this.#journal = journal;
    this.#row = row;
  }

  make(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#row.begin(step);
      this.step = step;
      this.#journal.note({ step, ...this.#hash(step) });
      const modifiedNs = this.#call(step);
      this.#row.answered();
      if (modifiedNs !== undefined) this.#row.dated(step.path, modifiedNs);
      this.#journal.note({ answered: true, ...(modifiedNs !== undefined && { modifiedNs }) });
    }
  }

  #hash(step: Step): { hash?: string } {
    const sends =
      step.do === 'close' ||
      step.do === 'sync' ||
      step.do === 'truncate' ||
      (step.do === 'write' && !this.#isHalf);
    return sends ? { hash: hashOf(fileAt(this.#row.tree, step.path).content) } : {};
  }

  #call(step: Step): bigint | undefined {
    const at = join(this.#folder, step.path);
    switch (step.do) {
      case 'create':
        this.#fd = openSync(at, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
        this.#isHalf = true;
        return;
      case 'open':
        this.#fd = openSync(at, constants.O_RDWR | (step.empties ? constants.O_TRUNC : 0));
        this.#isHalf = step.empties;
        return;
      case 'write': {
        const written = writeSync(this.#fd, bytesOfPiece(step.piece), 0, step.piece.lengthBytes, step.at);
        if (written !== step.piece.lengthBytes) throw Object.assign(new Error('short'), { code: shortWrite });
        return;
      }
      case 'sync':
        fsyncSync(this.#fd);
        this.#isHalf = false;
        return;
      case 'close':
        closeSync(this.#fd);
        return;
      case 'sync-folder': {
        const fd = openSync(at, 'r');
        try {
          fsyncSync(fd);
        } finally {
          closeSync(fd);
        }
        return;
      }
      case 'truncate':
        truncateSync(at, step.lengthBytes);
        return;
      case 'date': {
        const seconds = Number(step.modifiedNs / 1_000_000n) / 1000;
        utimesSync(at, seconds, seconds);
        return;
      }
      case 'look':
        return statSync(at, { bigint: true }).mtimeNs;
      case 'rename':
        renameSync(at, join(this.#folder, step.to));
        return;
      case 'make-folder':
        mkdirSync(at);
        return;
      case 'remove-folder':
        rmdirSync(at);
        return;
      case 'unlink':
        unlinkSync(at);
        return;
    }
  }
}

function withoutBigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
process.stdout.write(`${JSON.stringify(performed(order))}\n`);
