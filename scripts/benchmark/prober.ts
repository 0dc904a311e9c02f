import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan, WrittenFinding } from './probe.ts';

/*
 * Looks at a mount from a process of its own, as any program does: with plain blocking calls. The plan comes as a line of
 * JSON on stdin; when all is prepared this answers `ready`, waits for another line, does it, and prints a line of JSON.
 * Hashes are taken after the clock has stopped.
 */

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const plan = JSON.parse((await lines.next()).value ?? '') as Plan;
const perform = prepared(plan);
console.log('ready');
await lines.next();
console.log(JSON.stringify(await perform()));
process.exit();

function prepared(plan: Plan): () => WrittenFinding | Promise<WrittenFinding> {
  switch (plan.kind) {
    case 'read':
      return preparedRead(plan);
    case 'stat':
      return () => repeatedStat(plan);
    case 'write':
      return () => writeFiles(plan);
    case 'write-through':
      return preparedWriteThrough(plan);
    case 'save':
      return () => saveAgain(plan);
    case 'wait-for-size':
      return () => waitForSize(plan);
  }
}

function preparedRead({ pieces, atOnceBytes }: Plan & { kind: 'read' }): () => WrittenFinding {
  const targets = pieces.map(({ lengthBytes }) => Buffer.alloc(lengthBytes, 1));
  return () => {
    const startedMs = performance.now();
    let open: { readonly file: string; readonly fd: number } | undefined;
    const lengths = pieces.map(({ file, start }, index) => {
      if (open?.file !== file) {
        if (open) closeSync(open.fd);
        open = { file, fd: openSync(file, 'r') };
      }
      const target = targets[index] ?? Buffer.alloc(0);
      let at = 0;
      while (at < target.length) {
        const got = readSync(open.fd, target, at, Math.min(atOnceBytes, target.length - at), start + at);
        if (got === 0) break;
        at += got;
      }
      return at;
    });
    if (open) closeSync(open.fd);
    const seconds = (performance.now() - startedMs) / 1000;
    const md5s = targets.map((target, index) =>
      createHash('md5').update(target.subarray(0, lengths[index])).digest('hex'),
    );
    return { seconds, count: pieces.length, md5s };
  };
}

function repeatedStat({ files, seconds }: Plan & { kind: 'stat' }): WrittenFinding {
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  let count = 0;
  while (performance.now() < untilMs) {
    for (let few = 0; few < 16; few += 1) {
      statSync(files[count % files.length] ?? '');
      count += 1;
    }
  }
  return { seconds: (performance.now() - startedMs) / 1000, count, md5s: [] };
}

function writeFiles({ files }: Plan & { kind: 'write' }): WrittenFinding {
  const contents = files.map(({ text }) => Buffer.from(text));
  const startedMs = performance.now();
  const closeSeconds = files.map(({ file, modifiedSeconds }, index) => {
    const fd = openSync(file, 'wx');
    writeSync(fd, contents[index] ?? Buffer.alloc(0));
    const seconds = timedClose(fd);
    utimesSync(file, modifiedSeconds, modifiedSeconds);
    return seconds;
  });
  return { seconds: (performance.now() - startedMs) / 1000, count: files.length, md5s: [], closeSeconds };
}

/** Each piece is another by its number at the front. */
function preparedWriteThrough({
  file,
  sizeBytes,
  atOnceBytes,
}: Plan & { kind: 'write-through' }): () => WrittenFinding {
  const piece = randomBytes(atOnceBytes);
  const pieces = Math.ceil(sizeBytes / atOnceBytes);
  const pieceOf = (number: number) => {
    piece.writeUInt32LE(number);
    return piece.subarray(0, Math.min(atOnceBytes, sizeBytes - number * atOnceBytes));
  };
  return () => {
    const startedMs = performance.now();
    const fd = openSync(file, 'wx');
    for (let number = 0; number < pieces; number += 1) {
      const bytes = pieceOf(number);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    }
    const closeSeconds = [timedClose(fd)];
    const seconds = (performance.now() - startedMs) / 1000;
    const hash = createHash('md5');
    for (let number = 0; number < pieces; number += 1) hash.update(pieceOf(number));
    return { seconds, count: pieces, md5s: [hash.digest('hex')], closeSeconds };
  };
}

function saveAgain({ file, texts }: Plan & { kind: 'save' }): WrittenFinding {
  const startedMs = performance.now();
  const closeSeconds = texts.map((text) => {
    const fd = openSync(`${file}.new`, 'wx');
    writeSync(fd, text);
    fsyncSync(fd);
    const seconds = timedClose(fd);
    renameSync(`${file}.new`, file);
    return seconds;
  });
  return { seconds: (performance.now() - startedMs) / 1000, count: texts.length, md5s: [], closeSeconds };
}

function timedClose(fd: number): number {
  const startedMs = performance.now();
  closeSync(fd);
  return (performance.now() - startedMs) / 1000;
}

async function waitForSize({
  file,
  sizeBytes,
  seconds,
}: Plan & { kind: 'wait-for-size' }): Promise<WrittenFinding> {
  const startedMs = performance.now();
  const passed = () => (performance.now() - startedMs) / 1000;
  let count = 1;
  while (statSync(file).size !== sizeBytes) {
    if (passed() > seconds) return { seconds: null, count, md5s: [] };
    await sleep(100);
    count += 1;
  }
  return { seconds: passed(), count, md5s: [] };
}
