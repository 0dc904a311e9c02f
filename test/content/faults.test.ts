import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { blockBytes } from '../../src/content/blocks.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { seededRandom } from '../stand-in/random.ts';
import type { Fault } from '../stand-in/wire/index.ts';
import { readingDisk } from './reading-disk.ts';

const sizeBytes = (8 << 20) + 321;
const expected = syntheticContent('film', sizeBytes);
const reads = 40;
const longestBytes = 3 * blockBytes;

/** Half of all answers are harmed in some way. */
const faults: readonly (readonly [number, Fault])[] = [
  [0.15, { kind: 'cut', afterBytes: 50_000 }],
  [0.1, { kind: 'cut', afterBytes: 131_072, ending: 'rst' }],
  [0.1, { kind: 'status', status: 503, body: 'html' }],
  [0.05, { kind: 'reset' }],
  [0.05, { kind: 'content-range', shiftBytes: 7 }],
  [0.05, { kind: 'headers', remove: ['content-range'] }],
];

it.each(['first', 'second', 'third'])(
  'every byte is right for four random readers on a bad network (%s run)',
  { timeout: 120_000 },
  async () => {
    const seed = process.env['YADISKFS_TEST_SEED'] ?? String(randomInt(1_000_000));
    // Named where it is seen when the test fails.
    const words = `seed ${seed}`;
    console.log(`random readers: ${words}`);
    const disk = await readingDisk({ seed, readAheadBytes: 2 << 20 });
    disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes, seed: 'film' } });
    const content = await disk.content('disk:/film');
    const { wire, control } = disk.disk;
    for (const [probability, fault] of faults) wire.faults.add({ route: 'storage.get', probability, fault });
    // Ports on which nobody listens.
    wire.faults.add({
      route: 'downloader.get',
      probability: 0.3,
      fault: { kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/gone' } },
    });
    let failures = 0;
    const one = async (nth: number) => {
      const random = seededRandom(`${seed}/${nth}`);
      const reader = disk.contents.openReader(content);
      for (let turn = 0; turn < reads; turn++) {
        if (random.below(10) === 0) control.expireLinks();
        const offset = random.below(sizeBytes);
        const target = Buffer.alloc(Math.min(1 + random.below(longestBytes), sizeBytes - offset));
        try {
          const count = await reader.read(target, offset);
          expect(count, words).toBe(target.length);
          expect(target.equals(expected.read(offset, offset + count)), `${words}: bytes at ${offset}`).toBe(
            true,
          );
        } catch (error) {
          // Too much at once may make a read fail, never be wrong.
          if (!(error instanceof Error && 'code' in error)) throw error;
          expect(['offline', 'server', 'damaged'], words).toContain(error.code);
          failures++;
        }
      }
      reader.close();
    };
    try {
      await Promise.all([0, 1, 2, 3].map(one));
      expect(failures, words).toBeLessThan((4 * reads) / 2);
    } finally {
      await disk.close();
    }
  },
);
