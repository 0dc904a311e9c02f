import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { typescript } from '../../test/programs/typescript.ts';
import type { Probed } from './prober.ts';

const program = join(import.meta.dirname, 'prober.ts');
/** A prober, and what it found. */
export class Prober {
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  /** @param prefix what starts it where the mount is */
  constructor(prefix: readonly string[], mountpoint: string) {
    const [command = '', ...args] = [...prefix, process.execPath, ...typescript(program), mountpoint];
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
    if (!this.#child.stdout) throw new Error('its output goes elsewhere');
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  /** @param line `local`, or `read PATH`; one after the other */
  async ask(line: string): Promise<readonly Probed[]> {
    const answered = once(this.#lines, 'line');
    this.#child.stdin?.write(`${line}\n`);
    const [answer] = await answered;
    return JSON.parse(String(answer)) as readonly Probed[];
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.stdin?.end();
    await ended;
  }
}

/** Counts calls. */
export class Count {
  readonly #name: string;
  readonly #limitMs: number;
  readonly #codes = new Map<string, number>();
  readonly failures: string[] = [];
  /** Beyond the limit. */
  readonly slow: string[] = [];
  #calls = 0;
  #longest: Probed | undefined;

  constructor(name: string, limitMs: number) {
    this.#name = name;
    this.#limitMs = limitMs;
  }

  add(probed: readonly Probed[], when: string): void {
    for (const one of probed) {
      const { call, code, ms } = one;
      this.#calls += 1;
      this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
      if (ms > (this.#longest?.ms ?? -1)) this.#longest = one;
      if (ms > this.#limitMs) this.slow.push(`${call} took ${ms} ms (${when})`);
      if (code !== 'done') this.failures.push(`${call}: ${code} (${when})`);
    }
  }

  words(): string {
    const codes = [...this.#codes].map(([code, count]) => `${count} ${code}`).join(', ');
    const longest = this.#longest ? `${this.#longest.ms} ms (${this.#longest.call})` : 'none';
    return `${this.#calls} ${this.#name} (${codes}; longest ${longest}; ${this.slow.length} over ${this.#limitMs / 1000} s)`;
  }
}
