import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Row } from './allowed.ts';
import type { Entry, Step, Tree } from './tree.ts';

/*
 * What one worker did, a line of JSON each: what was looked at and found right, then every step before it is made, and its answer. It is all
 * that outlives a worker; the next one goes on from it.
 */
type Line =
  /** Looked at after a crash, or agreed upon at the start; `again`: files that have to be written anew, or removed. */
  | {
      readonly tree: readonly (readonly [string, Entry])[];
      readonly again: readonly string[];
      readonly next: number;
      /** Of what a crash left of files that were whole before somebody wrote into them: it may be sent. */
      readonly hashes?: readonly string[];
    }
  /** About to be made. `hash`: of bytes that may be sent from then on. */
  | { readonly step: Step; readonly hash?: string }
  | { readonly answered: true; readonly modifiedNs?: bigint };

/** What a worker goes on from. */
export interface Memory {
  readonly row: Row;
  readonly again: readonly string[];
  /** For the numbers of files and streams. */
  readonly next: number;
}

/** @throws Error when there is no journal */
export function readJournal(file: string): Memory {
  const lines = linesOf(file);
  const start = lines.findLastIndex((line) => 'tree' in line);
  const first = lines[start];
  if (!first || !('tree' in first)) throw new Error(`${file} has no beginning`);
  const row = new Row(new Map(first.tree));
  const again = new Set(first.again);
  let step: Step | undefined;
  for (const line of lines.slice(start + 1)) {
    if ('step' in line) {
      step = line.step;
      row.begin(step);
    } else if ('answered' in line) {
      row.answered();
      if (step?.do === 'close' || step?.do === 'unlink') again.delete(step.path);
      if (step && line.modifiedNs !== undefined) row.dated(step.path, line.modifiedNs);
    }
  }
  return { row, again: [...again], next: first.next };
}

/** MD5 of every content that may ever be sent: what a close or an fsync was asked for, or what was changed in a file that was whole before. */
export function sendableHashes(file: string): string[] {
  return linesOf(file).flatMap((line) => {
    if ('tree' in line) return line.hashes ?? [];
    return 'step' in line && line.hash !== undefined ? [line.hash] : [];
  });
}

/** How many steps were answered. */
export function answeredCount(file: string): number {
  return linesOf(file).filter((line) => 'answered' in line).length;
}

/** The last steps in which a path, or something above or beneath it, was concerned; for a person who looks for a mistake. */
export function lastSteps(file: string, path: string, count: number): string[] {
  const concerns = (one: string) => one === path || one.startsWith(`${path}/`) || path.startsWith(`${one}/`);
  const found = linesOf(file).flatMap((line, index) => {
    if (!('step' in line)) return [];
    const { step } = line;
    return concerns(step.path) || ('to' in step && concerns(step.to))
      ? [`line ${index + 1}: ${textOf(step)}`]
      : [];
  });
  return found.slice(-count);
}

export class Journal {
  readonly #fd: number;

  constructor(file: string) {
    this.#fd = openSync(file, 'a');
  }

  note(line: Line): void {
    writeSync(this.#fd, `${textOf(line)}\n`);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

export function beginJournal(file: string, tree: Tree, next: number): void {
  appendFileSync(file, `${textOf({ tree: [...tree], again: [], next } satisfies Line)}\n`);
}

function linesOf(file: string): Line[] {
  const texts = readFileSync(file, 'utf8').split('\n');
  // A worker that was killed may have left a part of a line; the last one is empty otherwise.
  return texts.slice(0, -1).map((text) => JSON.parse(text, revived) as Line);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
}

function revived(key: string, value: unknown): unknown {
  return key === 'modifiedNs' && typeof value === 'string' ? BigInt(value.slice(0, -1)) : value;
}
