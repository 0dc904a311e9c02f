import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/*
 * Tries a mount while its network is cut. On its stdin, a line each: `local`: what needs no network, all of it; `read PATH`: 64 KiB out of the middle of a
 * file. Answers each with a line of JSON: how each call ended, and after how long. Calls that block, as those of any program do.
 */

export interface Probed {
  readonly call: string;
  /** `done`, or the code of what it failed with. */
  readonly code: string;
  readonly ms: number;
}

const [top = ''] = process.argv.slice(2);
const own = join(top, 'probe');
let tries = 0;

function timed(call: string, task: () => void): Probed {
  const startedMs = performance.now();
  const ended = (code: string): Probed => ({ call, code, ms: Math.round(performance.now() - startedMs) });
  try {
    task();
    return ended('done');
  } catch (error) {
    return ended((error as NodeJS.ErrnoException).code ?? String(error));
  }
}

function local(): Probed[] {
  const number = ++tries;
  const [file, moved, folder] = [`file ${number}`, `moved ${number}`, `folder ${number}`].map((name) =>
    join(own, name),
  ) as [string, string, string];
  return [
    timed('list a known folder', () => readdirSync(join(top, 'cold'))),
    timed('look at a known file', () => statSync(join(top, 'cold', '1'))),
    timed('ask for the room', () => statfsSync(top)),
    timed('read a file that is here', () => readFileSync(join(own, 'kept'))),
    timed('write a file', () => {
      const fd = openSync(file, 'wx');
      try {
        writeSync(fd, `probe ${number}\n`.repeat(1_000));
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }),
    timed('read what was written', () => readFileSync(file)),
    timed('rename it', () => renameSync(file, moved)),
    timed('make a folder', () => mkdirSync(folder)),
    timed('move into it', () => renameSync(moved, join(folder, 'inner'))),
    ...(number % 2 === 0
      ? [
          timed('remove it', () => unlinkSync(join(folder, 'inner'))),
          timed('remove the folder', () => rmdirSync(folder)),
        ]
      : []),
  ];
}

function read(path: string): Probed {
  return timed('read a file that is not here', () => {
    const fd = openSync(join(top, path), 'r');
    try {
      readSync(fd, Buffer.alloc(64 << 10), 0, 64 << 10, 2 << 20);
    } finally {
      closeSync(fd);
    }
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const [what = '', path = ''] = line.split(' ');
  const probed = what === 'local' ? local() : [read(path)];
  process.stdout.write(`${JSON.stringify(probed)}\n`);
}
