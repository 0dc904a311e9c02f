import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statfsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { featuresOf, missingFeatures } from '../../src/fuse/binding/features.ts';
import { expectAttributes } from './extended-attributes.ts';
import { mendInstalled, ServedProcess } from './served-process.ts';

describe('the binding as published', () => {
  let served: ServedProcess;

  beforeAll(async () => {
    // For the libfuse beside it only.
    mendInstalled();
    served = await ServedProcess.start({ unmended: true, firstIno: 2 ** 40 });
    const { isMended } = await served.ask('mount', served.folder, { attrTimeoutSec: 0, entryTimeoutSec: 0 });
    expect(isMended).toBe(false);
  });
  afterAll(async () => {
    expect(await served.stop()).toBe(0);
  });

  test('says what it lacks, in sentences', () => {
    const features = featuresOf({} as Parameters<typeof featuresOf>[0]);
    expect(features.mended).toBe(false);
    const sentences = missingFeatures(features);
    expect(sentences).toHaveLength(Object.keys(features).length - 1);
    for (const sentence of sentences) expect(sentence).toMatch(/^\p{L}.{20,}[^.]$/u);
    expect(sentences.join('\n')).toContain('modification time alone does not arrive');
  });

  test('files are made, written, read, listed, moved and removed', () => {
    const script = 'cd "$1" && mkdir a && echo hello > a/b && cat a/b && mv a/b a/c && ls -a a && rm -r a';
    const { stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', served.folder], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'hello\n.\n..\nc\n', stderr: '' });
  });

  test('data and sizes are right, writes large', async () => {
    const bytes = Buffer.alloc((1 << 20) + 3, 'pattern');
    writeFileSync(served.path('data'), bytes);
    expect(await served.ask('countOf', 'write')).toBeLessThanOrEqual(10);
    expect(readFileSync(served.path('data')).equals(bytes)).toBe(true);
    expect(statSync(served.path('data')).size).toBe(bytes.length);
  });

  test('both times together are kept to the millisecond', async () => {
    await served.ask('addFile', '/dated', '');
    const file = served.path('dated');
    utimesSync(file, 1_600_000_000.789, 1_600_000_000.789);
    expect(statSync(file).mtimeMs).toBe(1_600_000_000_789);
  });

  test('the size of a large disk is right in bytes', () => {
    const { bsize, blocks, bavail } = statfsSync(served.folder);
    expect(bsize).toBe(4096);
    const total = spawnSync('df', ['-B1', '--output=size,avail', served.folder], { encoding: 'utf8' }).stdout;
    expect(total.match(/\d+(?= |$)/gm)?.map(Number)).toEqual([2 ** 50, 2 ** 48]);
    expect(blocks).toBeLessThan(2 ** 32);
    expect(bavail).toBeGreaterThan(0);
  });

  test('an inode number is cut, and never 0, which would hide the file', async () => {
    await served.ask('addFile', '/numbered', '');
    const { ino } = statSync(served.path('numbered'));
    expect(ino).toBeGreaterThan(0);
    expect(ino).toBeLessThan(2 ** 32);
    expect(readdirSync(served.folder)).toContain('numbered');
  });

  test('attributes: by name, by list, missing, and too long for the room', async () => {
    await served.ask('addFile', '/attributed', '');
    expectAttributes(served.path('attributed'));
  });

  test('to have something forgotten is answered, not done', async () => {
    expect(await served.ask('invalidateInode', '/')).toBe(false);
    expect(await served.ask('invalidateEntry', '/', 'x')).toBe(false);
    expect(await served.ask('knownNodeCount')).toBeUndefined();
  });
});
