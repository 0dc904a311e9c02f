import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { typescript } from '../../test/programs/typescript.ts';
import type { Site } from './site.ts';

/** A part of a file to be read. */
export interface Piece {
  readonly file: string;
  readonly start: number;
  readonly lengthBytes: number;
}

export interface FileToWrite {
  readonly file: string;
  readonly text: string;
  /** Unix time. */
  readonly modifiedSeconds: number;
}

/** What a prober does. */
export type Plan =
  /** Reads pieces one after the other, at most so many bytes a call; neighbours of one file through one handle. */
  | { readonly kind: 'read'; readonly pieces: readonly Piece[]; readonly atOnceBytes: number }
  /** Asks for the attributes of the files in turn, as often as it can, for so long. */
  | { readonly kind: 'stat'; readonly files: readonly string[]; readonly seconds: number }
  /** Writes files one after the other, each opened, written in one call, closed, and dated. */
  | { readonly kind: 'write'; readonly files: readonly FileToWrite[] }
  /** Makes a file of so many bytes, in pieces of one size in a row, and closes it. */
  | {
      readonly kind: 'write-through';
      readonly file: string;
      readonly sizeBytes: number;
      readonly atOnceBytes: number;
    }
  /** Saves a file again and again as editors do: writes beside it, syncs, renames over. */
  | { readonly kind: 'save'; readonly file: string; readonly texts: readonly string[] }
  /** Asks ten times a second until the file has this size, for so long at most. */
  | {
      readonly kind: 'wait-for-size';
      readonly file: string;
      readonly sizeBytes: number;
      readonly seconds: number;
    };

const findingSchema = z.object({
  /** Null when what was waited for did not come. */
  seconds: z.number().nullable(),
  /** Pieces read, or calls made. */
  count: z.int(),
  /** Of each piece that was read, or written through. */
  md5s: z.array(z.string()),
  /** How long each close took. */
  closeSeconds: z.array(z.number()).default([]),
});
export type Finding = z.infer<typeof findingSchema>;
/** As a prober writes it. */
export type WrittenFinding = z.input<typeof findingSchema>;

/** A prober that is ready: its start is not part of what is measured. */
export interface Probe {
  perform(): Promise<Finding>;
}

const program = join(import.meta.dirname, 'prober.ts');

/** Starts a prober and has it prepare. It ends with the signal, or when it has performed. */
export async function startProbe(site: Site, plan: Plan, signal: AbortSignal): Promise<Probe> {
  const child = site.spawn([process.execPath, ...typescript(program)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: process.env,
    signal,
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('a prober cannot be spoken to');
  const closed = once(child, 'close');
  closed.catch(() => {}); // the signal; whoever waits hears of it
  child.on('error', () => {});
  stdin.on('error', () => {});
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<string> => {
    stdin.write(`${line}\n`);
    const answer = await lines.next();
    signal.throwIfAborted();
    if (answer.done) throw new Error(`a prober failed (${plan.kind})`);
    return answer.value;
  };
  await ask(JSON.stringify(plan));
  return {
    perform: async () => {
      const finding = findingSchema.parse(JSON.parse(await ask('go')));
      await closed;
      return finding;
    },
  };
}
