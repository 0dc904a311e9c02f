import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blockCount } from '../../src/content/blocks.ts';
import type { ContentName } from '../../src/content/content-key.ts';
import { extentBlocks } from '../../src/content/extents.ts';
import { blockFiles, blockOf, contentOf, putWhole, takenBytes, testStore } from './stored-blocks.ts';

/*
 * Random use and random misfortune against a plain map: what is got is what was put last, or nothing; as long as there is room
 * and no misfortune, it is there.
 */

const contents = [
  contentOf('letter', 100),
  contentOf('page', 4096),
  contentOf('photo', 300_000),
  contentOf('film', (8 << 20) + 300_000),
  contentOf('song', 5 << 20),
];
/** Enough for all but the last one. */
const limitBytes = 10 << 20;

const which = fc.nat(contents.length - 1);
const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      which,
      at: part,
      blocks: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('put-whole' as const), which }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('get' as const),
      which,
      at: part,
      blocks: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), which }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flip' as const), file: part, at: part }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), file: part, at: part }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), file: part }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete-index' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('spoil-index' as const),
      at: fc.array(part, { minLength: 1, maxLength: 20 }),
    }),
  },
);

it('gives what was put or nothing, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 30 }), async (operations) => {
      const test = await testStore({ limitBytes });
      let { store } = test;
      const generations = contents.map(() => 0);
      /** Blocks that must be there. */
      const kept = new Set<string>();
      const put = (content: ContentName, index: number) => {
        const of = contents.indexOf(content);
        // A torn block that nobody has read yet seems to be there: what is put is not taken.
        const isTaken = !store.has(content, index);
        store.put(content, index, blockOf(content, index, generations[of]));
        if (isTaken) kept.add(`${of}/${index}`);
        // With the longest two in it there may be no room for all.
        if (kept.size > 60) kept.clear();
      };
      const fileAt = async (place: number) => {
        await store.settled();
        kept.clear();
        const files = await blockFiles(test.folder);
        return files[Math.floor(place * files.length)];
      };
      try {
        for (const step of operations) {
          const content = 'which' in step ? contents[step.which] : undefined;
          const count = content ? blockCount(content.sizeBytes) : 0;
          switch (step.kind) {
            case 'put': {
              const first = Math.floor(step.at * count);
              for (let index = first; content && index < Math.min(count, first + step.blocks); index++)
                put(content, index);
              break;
            }
            case 'put-whole':
              for (let index = 0; content && index < count; index++) put(content, index);
              break;
            case 'get': {
              if (!content) break;
              const first = Math.floor(step.at * count);
              const end = Math.min(
                count,
                first + step.blocks,
                (Math.floor(first / extentBlocks) + 1) * extentBlocks,
              );
              const got = await store.get(content, { first, end });
              for (const [offset, block] of got.entries()) {
                const index = first + offset;
                if (block) expect(blockOf(content, index, generations[step.which]).equals(block)).toBe(true);
                else expect(kept).not.toContain(`${step.which}/${index}`);
              }
              break;
            }
            case 'drop':
              if (!content) break;
              store.drop(content);
              generations[step.which] = (generations[step.which] ?? 0) + 1;
              for (const key of kept) if (key.startsWith(`${step.which}/`)) kept.delete(key);
              break;
            case 'settle':
              await store.settled();
              break;
            case 'restart':
              await store.close();
              store = await test.reopen();
              break;
            case 'flip':
            case 'cut': {
              const path = await fileAt(step.file);
              if (path) await spoil(path, [step.at], step.kind);
              break;
            }
            case 'delete': {
              const path = await fileAt(step.file);
              if (path) await rm(path);
              break;
            }
            case 'delete-index':
            case 'spoil-index': {
              kept.clear();
              await store.close();
              const index = join(test.folder, 'cache.db');
              if (step.kind === 'delete-index') await rm(index);
              else await spoil(index, step.at, 'flip');
              store = await test.reopen();
              break;
            }
          }
          expect(store.usedBytes).toBeLessThanOrEqual(limitBytes);
        }
        await store.settled();
        expect(await takenBytes(test.folder)).toBeLessThanOrEqual(limitBytes);
        // And it works on, however it was treated.
        const [letter = contentOf('letter', 100)] = contents;
        store.drop(letter);
        for (let tries = 0; tries < 100 && !store.has(letter, 0); tries++) {
          putWhole(store, letter, -1);
          await store.settled();
        }
        const [block] = await store.get(letter, { first: 0, end: 1 });
        expect(block && blockOf(letter, 0, -1).equals(block)).toBe(true);
      } finally {
        await store.close();
        await test.remove();
      }
    }),
    { numRuns: 60 },
  );
}, 240_000);

async function spoil(path: string, places: readonly number[], how: 'flip' | 'cut'): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    for (const place of places) {
      const offset = Math.floor(place * size);
      if (how === 'cut') await file.truncate(offset);
      else if (size > 0) {
        const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
        await file.write(Buffer.of((buffer[0] ?? 0) ^ (1 << (offset % 8))), 0, 1, offset);
      }
    }
  } finally {
    await file.close();
  }
}
